import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/**
 * Reads the secret from this file. If the file is missing, writes a new secret that only the owner can read. For a
 * demo: in production the secret comes from your secret store, and every instance has the same one.
 */
export function readOrCreateSecret(path: string): string {
  try {
    // "wx" decides: if two processes start together, one writes the secret and both use it.
    writeFileSync(path, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(path, "utf8").trim();
}
