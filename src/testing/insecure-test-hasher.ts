import { createHash, randomBytes } from "node:crypto";
import type { PasswordHasher } from "../ports/password-hasher.ts";

const PREFIX = "insecure-test";

/**
 * A hasher that takes microseconds, for test suites with thousands of logins. It protects nothing: `createAuth`
 * refuses it by its name, unless `NODE_ENV` is `test` or `node --test` started the process.
 *
 * @example
 * ```ts
 * import { createAuth, memoryStore } from "sallyport";
 * import { insecureTestHasher } from "sallyport/testing";
 *
 * const auth = createAuth({
 *   secret: process.env["AUTH_SECRET"],
 *   store: memoryStore(),
 *   password: { hasher: insecureTestHasher() },
 * });
 * ```
 */
export function insecureTestHasher(): PasswordHasher {
  return Object.freeze({
    name: "insecure-test-hasher",
    async hash(password: string): Promise<string> {
      return encode(randomBytes(8).toString("hex"), password);
    },
    async verify(stored: string, password: string): Promise<boolean> {
      const [prefix, salt = ""] = stored.split("$");
      return prefix === PREFIX && stored === encode(salt, password);
    },
    needsRehash(stored: string): boolean {
      return !stored.startsWith(`${PREFIX}$`);
    },
  });
}

function encode(salt: string, password: string): string {
  return `${PREFIX}$${salt}$${createHash("sha256").update(salt).update(password).digest("hex")}`;
}
