import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type OnResolveResult, type Plugin } from "esbuild";
import { BUNDLES } from "./bundle-path.ts";
import { SOURCE_ALIASES } from "./source-aliases.ts";

const CLI = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Kysely is hundreds of files: it is half of what a program would load. */
const ENTRIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SOURCE_ALIASES.map(({ name, replacement }) => [name, replacement])),
  "sallyport/cli": CLI,
  kysely: "kysely",
};
const COMES_ALONG = /^(?:\.|kysely$|zod\b|jose\b)/;

const sourcesAlone: Plugin = {
  name: "sources alone",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^/]/ }, ({ path, kind }): OnResolveResult | null => {
      const alias = SOURCE_ALIASES.find(({ name }) => name === path);
      if (alias) return { path: alias.replacement };
      return kind === "entry-point" || COMES_ALONG.test(path) ? null : { path, external: true };
    });
  },
};

/** Bundles the source once, before the tests: to load its files took each program under test half a second. */
export async function setup(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: ENTRIES,
    outdir: BUNDLES,
    plugins: [sourcesAlone],
    bundle: true,
    splitting: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node22",
  });
  const isEntry = (path: string): boolean => !path.startsWith(`${BUNDLES}chunk-`);
  const entriesLast = outputFiles.toSorted((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
  for (const { path, contents } of entriesLast) await replace(path, contents);
}

/** In one step: another run may be reading it. */
async function replace(path: string, contents: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
}
