import { createRequire } from "node:module";

/** The version of the package. */
export function readVersion(): string {
  // By its own name, the package finds itself from the sources and from the built file alike.
  const { version } = createRequire(import.meta.url)("sallyport/package.json") as { version: string };
  return version;
}
