import { mkdirSync } from "node:fs";

/** A file of this application, in the folder `DATA`. */
export function dataFile(name: string): string {
  const { DATA = ".data" } = process.env;
  mkdirSync(DATA, { recursive: true, mode: 0o700 });
  return `${DATA}/${name}`;
}
