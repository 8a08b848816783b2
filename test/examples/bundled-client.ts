import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The file of `sallyport/client` as a page loads it, made of the source as it is now. */
export async function bundledClient(): Promise<string> {
  const outfile = root(`.cache/client-${process.pid}.js`);
  await build({ entryPoints: [root("src/client/index.ts")], bundle: true, format: "esm", outfile });
  return outfile;
}
