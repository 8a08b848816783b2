import { createRequire } from "node:module";

/** The version of the package. */
export function readVersion(): string {
  // A package can resolve itself by its name, from the sources and from the built file.
  const { version } = createRequire(import.meta.url)("sallyport/package.json") as { version: string };
  return version;
}
