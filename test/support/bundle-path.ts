import { fileURLToPath } from "node:url";

export const BUNDLES: string = fileURLToPath(new URL("../../.cache/source/", import.meta.url));

/** The file that a program under test loads in place of an entry and all its sources. */
export function bundlePath(entry: string): string {
  return `${BUNDLES}${entry}.js`;
}
