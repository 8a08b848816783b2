import * as z from "zod";
import type { ClientInfo, LoginInput, LoginResult } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import type { Credential } from "../../domain/credential.ts";
import type { User } from "../../domain/user.ts";
import { AuthError } from "../../errors.ts";
import { completeLogin } from "../../kit/complete-login.ts";
import { enforceLimits, limitsOfEmail } from "../../kit/enforce-limits.ts";
import { emailField, parseClient, parseInput, passwordField } from "../../kit/input.ts";
import { type FailAttempt, failAttempt, nameAccount } from "../../kit/record-event.ts";
import { verifyPassword } from "../../kit/verify-password.ts";
import type { LoginRecord } from "../../ports/auth-store.ts";

const inputSchema = z.strictObject({
  email: emailField,
  password: passwordField,
  deviceToken: z.string("This must be text.").optional(),
});

type Verdict =
  | { readonly user: User; readonly credential: Credential }
  | { readonly reason: "unknown_email" | "no_password" | "wrong_password" | "disabled" };

/** Signs in with email and password. Until the verdict every account, known or not, takes the same steps. */
export async function login(ctx: Context, input: LoginInput, clientInfo: ClientInfo): Promise<LoginResult> {
  const { email, password, deviceToken } = parseInput(inputSchema, input);
  const client = parseClient(clientInfo);
  const device = ctx.deviceTokens.read(deviceToken, email.canonical, ctx.clock.now());
  const limited = limitsOfEmail(ctx, "login", { emailCanonical: email.canonical, client, device });
  const refund = await enforceLimits(ctx, limited);

  // Nothing was guessed: a server that is busy or down must not lock anybody out.
  const giveUp = (fail: FailAttempt) => async (error: unknown) => {
    await refund().catch(fail);
    return fail(error);
  };
  const failAs = (user: User | null) =>
    failAttempt(ctx, { type: "login", ...nameAccount(ctx, user, email.canonical) }, client);
  const record = await ctx.store.users.findForLogin(email.canonical).catch(giveUp(failAs(null)));
  const fail = failAs(record?.user ?? null);
  const matches = await verifyPassword(ctx, record?.password ?? null, password).catch(giveUp(fail));

  const verdict = judge(record, matches);
  if ("reason" in verdict) return fail(new AuthError("invalid_credentials"), verdict.reason);
  // One point, not the counter: a reset would tell a stranger when the owner signs in.
  await refund().catch(fail);
  await rehash(ctx, verdict.credential, password);
  return completeLogin(ctx, { user: verdict.user, amr: ["pwd"], device }, client);
}

function judge(record: LoginRecord | null, matches: boolean): Verdict {
  if (!record) return { reason: "unknown_email" };
  if (!record.password) return { reason: "no_password" };
  if (!matches) return { reason: "wrong_password" };
  if (record.user.status !== "active") return { reason: "disabled" };
  return { user: record.user, credential: record.password };
}

// Only after success, when the password is known. It must not stop a login: the next one tries again.
async function rehash(ctx: Context, credential: Credential, password: string): Promise<void> {
  if (!ctx.hasher.needsRehash(credential.data)) return;
  try {
    const { id, userId, version } = credential;
    const data = await ctx.hasher.hash(password);
    await ctx.store.credentials.replace({ id, userId, expectedVersion: version, data, at: ctx.clock.now() });
  } catch (error) {
    ctx.report(error);
  }
}
