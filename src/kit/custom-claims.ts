import type { Context } from "../context.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import { askHook } from "./hook-answer.ts";
import { toPublicUser, toSessionInfo } from "./views.ts";

const MAX_BYTES = 1024;

/**
 * Asks `hooks.claims` for the claims of a new token. It runs before anything is stored: a failing hook must not use up
 * a refresh token. Every fault of the hook is `internal_error`. No answer within 5 s is `unavailable`.
 */
export async function customClaims(ctx: Context, user: User, session: Session): Promise<object | undefined> {
  const { claims: hook } = ctx.settings.hooks;
  if (!hook) return undefined;
  const answer = await askHook("hooks.claims", async () =>
    asPlainJson(await hook({ user: toPublicUser(user), session: toSessionInfo(session) })),
  );
  if ("value" in answer) return answer.value;
  throw answer.isLate ? answer.error : new AuthError("internal_error", { cause: answer.error });
}

// Refuses a value that JSON changes: a Date or a Map would come out of the token with another type.
async function asPlainJson(claims: unknown): Promise<object> {
  const text = JSON.stringify(claims) ?? "";
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new TypeError(`hooks.claims: must return at most ${MAX_BYTES} bytes of JSON`);
  const read: unknown = text === "" ? null : JSON.parse(text);
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw new TypeError("hooks.claims: must return an object");
  // Loaded here: this module is slow to load, and few applications have the hook.
  const { isDeepStrictEqual } = await import("node:util");
  if (!isDeepStrictEqual(read, claims))
    throw new TypeError("hooks.claims: must return plain JSON: no undefined, Date, Map or class");
  return read;
}
