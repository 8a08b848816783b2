import { isDeepStrictEqual } from "node:util";
import type { Context } from "../context.ts";
import type { Session } from "../domain/session.ts";
import type { User } from "../domain/user.ts";
import { AuthError } from "../errors.ts";
import { toPublicUser, toSessionInfo } from "./views.ts";

const MAX_BYTES = 1024;

/**
 * What `hooks.claims` says of a token to be. Asked before anything is stored: a hook that is down must not
 * use up a refresh token. Whatever goes wrong with it is `internal_error`.
 */
export async function customClaims(ctx: Context, user: User, session: Session): Promise<object | undefined> {
  const { claims: hook } = ctx.settings.hooks;
  if (!hook) return undefined;
  try {
    return asPlainJson(await hook({ user: toPublicUser(user), session: toSessionInfo(session) }));
  } catch (cause) {
    throw new AuthError("internal_error", { cause });
  }
}

// As it will come out of the token: a Date or a Map would come out as something else than its type says.
function asPlainJson(claims: unknown): object {
  const text = JSON.stringify(claims) ?? "";
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new TypeError(`hooks.claims: more than ${MAX_BYTES} bytes of JSON`);
  const read: unknown = text === "" ? null : JSON.parse(text);
  if (typeof read !== "object" || read === null || Array.isArray(read))
    throw new TypeError("hooks.claims: must answer with an object");
  if (!isDeepStrictEqual(read, claims))
    throw new TypeError("hooks.claims: must answer with plain JSON: no undefined, Date, Map or class");
  return read;
}
