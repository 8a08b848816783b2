import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "./measure.ts";
import { atMost, type Row } from "./report.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NOTHING = "node:path";

const JOSE = ["jose/jws/compact/sign", "jose/jws/compact/verify"] as const;
const ARGON2 = "@node-rs/argon2";

interface Import {
  readonly name: string;
  readonly modules: readonly string[];
  /** What it loads from other packages, that it is held against. */
  readonly beside?: string;
}

const IMPORTS: readonly Import[] = [
  { name: "sallyport", modules: ["sallyport"], beside: "jose + argon2" },
  { name: "sallyport/http", modules: ["sallyport/http"] },
  { name: "sallyport/sqlite", modules: ["sallyport/sqlite"], beside: "kysely" },
  { name: "jose + argon2", modules: [...JOSE, ARGON2] },
  { name: "jose, the parts in use", modules: JOSE },
  { name: "@node-rs/argon2", modules: [ARGON2] },
  { name: "kysely", modules: ["kysely"] },
  { name: "zod, all of it (a part is in dist)", modules: ["zod"] },
];

/** What loading costs a process that starts, and what the dependencies alone would. */
export async function importRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const samples = new Map<string, number[]>(IMPORTS.map(({ name }) => [name, []]));
  for (let round = 0; round < (quick ? 5 : 21); round++)
    for (const { name, modules } of IMPORTS) samples.get(name)?.push(await importMs(modules));
  const medianOf = (name: string): number => median(samples.get(name) ?? []);
  return IMPORTS.map(({ name, beside }) => ({
    group: "import, in a new process",
    name,
    value: medianOf(name),
    unit: "ms",
    ...(beside ? { baseline: { name: beside, value: medianOf(beside) } } : {}),
    ...(beside ? { ratio: medianOf(name) / medianOf(beside) } : {}),
    ...(name === "sallyport" ? { goal: atMost(60, medianOf(name), "ms") } : {}),
  }));
}

async function importMs(modules: readonly string[]): Promise<number> {
  // The first import of all starts the module loader itself: that is Node's cost, not the module's.
  const script = `await import(${JSON.stringify(NOTHING)});
    const start = performance.now();
    for (const name of ${JSON.stringify(modules)}) await import(name);
    process.stdout.write(String(performance.now() - start));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: ROOT });
  return Number(stdout);
}
