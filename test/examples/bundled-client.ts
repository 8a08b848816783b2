import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The file of `sallyport/client` as a page loads it, made of the source as it is now. */
export function bundledClient(): Promise<string> {
  return bundled("src/client/index.ts", "client");
}

/** The same of `sallyport/client-mail`. */
export function bundledClientMail(): Promise<string> {
  return bundled("src/client/mail.ts", "client-mail");
}

async function bundled(entry: string, name: string): Promise<string> {
  const outfile = root(`.cache/${name}-${process.pid}.js`);
  await build({ entryPoints: [root(entry)], bundle: true, format: "esm", outfile });
  return outfile;
}
