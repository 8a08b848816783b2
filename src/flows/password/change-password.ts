import * as z from "zod";
import type { ClientInfo, PasswordChangeInput, SignedIn } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import type { Session } from "../../domain/session.ts";
import { AuthError } from "../../errors.ts";
import { authenticate, type SignedRequest } from "../../kit/authenticate.ts";
import { applyChange } from "../../kit/change-user.ts";
import { checkBreaches, newPasswordErrors } from "../../kit/check-new-password.ts";
import { customClaims } from "../../kit/custom-claims.ts";
import { parseClient, parseInput, passwordField } from "../../kit/input.ts";
import { signIn } from "../../kit/issue-tokens.ts";
import { newSession } from "../../kit/open-session.ts";
import { provePassword, withPassword } from "../../kit/prove-password.ts";
import { announceEvent } from "../../kit/record-event.ts";
import type { AuthStore } from "../../ports/auth-store.ts";

const inputSchema = z.strictObject({ currentPassword: passwordField, newPassword: passwordField });
const TYPE = "change_password";
const MAX_ATTEMPTS = 3;

/** Replaces the password, ends every session, and opens a new one: all of it, or nothing. */
export async function changePassword(
  ctx: Context,
  { token, input }: SignedRequest<PasswordChangeInput>,
  clientInfo: ClientInfo,
): Promise<SignedIn> {
  const { currentPassword, newPassword } = parseInput(inputSchema, input);
  const client = parseClient(clientInfo);
  const { user, session } = await authenticate(ctx, token);
  const candidate = { password: newPassword, path: "newPassword" };
  const errors = await newPasswordErrors(ctx, candidate, user.emailCanonical);
  if (errors.length > 0) throw new AuthError("weak_password", { errors });
  const fail = await provePassword(ctx, { type: TYPE, user, session, password: currentPassword, client });

  await checkBreaches(ctx, candidate).catch(fail);
  const data = await ctx.hasher.hash(newPassword).catch(fail);
  const next = newSession(ctx, { type: TYPE, user, amr: withPassword(session.amr), client });
  const claims = await customClaims(ctx, user, next).catch(fail);
  // Signed before it is stored: what fails then has done nothing. Until then nobody has the tokens.
  const signedIn = await signIn(ctx, { user, session: next, claims }, null).catch(fail);
  const finish = async (tx: AuthStore) => {
    await replacePassword(tx, next, data);
    await tx.sessions.create(next);
    return { userId: user.id, sessionId: next.id };
  };
  const change = { type: TYPE, user, client, finish } as const;
  const event = await ctx.store.transaction((tx) => applyChange(ctx, tx, change)).catch(fail);
  // Another security change came first, and has ended this session.
  if (!event) return fail(new AuthError("session_revoked"), "superseded");
  ctx.sessionCheck.forgetUser(user.id);
  announceEvent(ctx, event);
  return signedIn;
}

// Under the user's lock only a login's rehash can come between: the same password, in another version.
async function replacePassword(
  tx: AuthStore,
  { userId, createdAt: at }: Session,
  data: string,
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const [current] = await tx.credentials.list(userId, "password");
    if (!current) throw new TypeError("The store lost a password under its user's lock");
    const { id, version: expectedVersion } = current;
    if (await tx.credentials.replace({ userId, id, expectedVersion, data, at })) return;
  }
  throw new AuthError("unavailable", { cause: "Other logins renewed the hash first, each time." });
}
