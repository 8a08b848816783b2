import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/**
 * The secret in this file; a new one, readable by nobody else, when there is no file yet. For a demo: in
 * production it comes from your secret store, and every instance has the same one.
 */
export function readOrCreateSecret(path: string): string {
  try {
    // "wx" decides: of two processes that start together one writes, and both use what it wrote.
    writeFileSync(path, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(path, "utf8").trim();
}
