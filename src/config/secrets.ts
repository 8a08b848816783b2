import * as z from "zod/mini";
import { type Fail, reading } from "../api/schema.ts";
import { MAX_SECRETS, secretWeakness } from "../domain/secret-strength.ts";

const MAKE_ONE = "make one with `npx sallyport secret` or `openssl rand -base64 32`";

/** One secret or several, parsed to a list. */
export const secrets: z.ZodMiniType<readonly string[]> = z.lazy(() => reading(z.unknown(), readSecrets));

function readSecrets(value: unknown, fail: Fail): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const [index, secret] of list.entries()) {
    const message = problemOf(secret);
    if (message) fail(message, { path: Array.isArray(value) ? [index] : [] });
  }
  const problem = problemOfAll(list);
  if (problem) fail(problem);
  return list as readonly string[];
}

function problemOf(secret: unknown): string | null {
  if (typeof secret !== "string") return `is missing: ${MAKE_ONE} and keep it out of the code`;
  const weakness = secretWeakness(secret);
  return weakness && `${weakness}: ${MAKE_ONE}`;
}

function problemOfAll(list: readonly unknown[]): string | null {
  if (list.length === 0) return `is an empty list: ${MAKE_ONE}`;
  if (list.length > MAX_SECRETS) return `has more than ${MAX_SECRETS}: drop the oldest`;
  return new Set(list).size < list.length ? "has the same secret twice: drop one" : null;
}
