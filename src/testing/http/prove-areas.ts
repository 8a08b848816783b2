import type { TestFunction } from "../store-suite.ts";
import type { HttpServerUnderTest } from "./subject.ts";

/** By area, then by name: what a server promises, and its proof. */
type Areas<Asker> = Readonly<Record<string, Readonly<Record<string, (asker: Asker) => Promise<void>>>>>;

interface Proof<Asker, Server> {
  readonly test: TestFunction;
  readonly open: () => Server | Promise<Server>;
  /** What a proof asks with: the requests it needs, on a fresh server. */
  readonly askerOf: (server: Server) => Asker;
}

/** One test for each promise of these areas, each on a server of its own. */
export function proveAreas<Asker, Server extends HttpServerUnderTest>(
  areas: Areas<Asker>,
  { test, open, askerOf }: Proof<Asker, Server>,
): void {
  for (const [area, promises] of Object.entries(areas)) {
    for (const [promise, prove] of Object.entries(promises)) {
      test(`${area}: ${promise}`, async () => {
        const server = await open();
        try {
          await prove(askerOf(server));
        } finally {
          await server.close();
        }
      });
    }
  }
}

/** Of these areas the named ones, or all. */
export function chosen<Areas extends object>(areas: Areas, names?: readonly (keyof Areas)[]): Partial<Areas> {
  if (names === undefined) return areas;
  const unknown = names.filter((name) => !Object.hasOwn(areas, name));
  if (unknown.length > 0) throw new TypeError(`There is no area ${unknown.map(String).join(", ")}.`);
  return Object.fromEntries(names.map((name) => [name, areas[name]])) as Partial<Areas>;
}
