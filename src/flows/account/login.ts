import type { LoginInput, LoginResult } from "../../api/auth.ts";
import { loginInput } from "../../api/input-schemas.ts";
import type { Context, OpenRequest } from "../../context.ts";
import type { Credential } from "../../domain/credential.ts";
import type { User } from "../../domain/user.ts";
import type { FailureReason } from "../../domain/vocabulary.ts";
import { attempt, compare } from "../../kit/attempt.ts";
import { isCutOff } from "../../kit/fail-closed.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { enforceLimits } from "../../kit/limits/budget.ts";
import { nameAccount, pseudonymsOf } from "../../kit/record-event.ts";
import { signIn } from "../../kit/sign-in.ts";
import { verifyPassword } from "../../kit/verify-password.ts";
import type { LoginRecord } from "../../ports/auth-store.ts";

type Verdict = { readonly user: User; readonly credential: Credential } | { readonly reason: FailureReason };

/** Signs in with email and password. Up to the verdict, the steps are the same for known and unknown accounts. */
export async function login(ctx: Context, request: OpenRequest<LoginInput>): Promise<LoginResult> {
  const { email, password, deviceToken } = parseInput(loginInput, request.input);
  const client = parseClient(request.client);
  const device = ctx.deviceTokens.read(deviceToken, email.canonical, ctx.clock.now());
  const account = pseudonymsOf(ctx, email.canonical);
  const draft = { type: "login", named: { attemptedEmail: account[0] }, client } as const;
  const refund = await enforceLimits(ctx, ctx.settings.limits.login, { ...draft, account, device });

  return attempt(ctx, draft, async (trying) => {
    const { user, credential } = await compare(refund, async () => {
      const record = await ctx.store.users.findForLogin(email.canonical);
      trying.name(nameAccount(ctx, record?.user ?? null, email.canonical));
      const matches = await verifyPassword(ctx, record?.password ?? null, password);
      const verdict = judge(record, matches);
      if ("reason" in verdict) throw trying.refuse("invalid_credentials", verdict.reason);
      return verdict;
    });
    await rehash(ctx, credential, password);
    const result = await signIn(ctx, trying, { user, amr: ["pwd"], device, spends: [], client });
    if (!result) throw trying.refuse("invalid_credentials", "superseded");
    return result;
  });
}

function judge(record: LoginRecord | null, matches: boolean): Verdict {
  if (!record) return { reason: "unknown_email" };
  if (!record.password) return { reason: "no_password" };
  if (!matches) return { reason: "wrong_password" };
  if (record.user.status !== "active") return { reason: "disabled" };
  return { user: record.user, credential: record.password };
}

// It runs only after a right password. A failure must not stop the login: the next login tries again.
async function rehash(ctx: Context, credential: Credential, password: string): Promise<void> {
  if (!ctx.hasher.needsRehash(credential.data)) return;
  try {
    const { id, userId, version } = credential;
    const data = await ctx.hasher.hash(password);
    await ctx.store.credentials.replace({ id, userId, expectedVersion: version, data, at: ctx.clock.now() });
  } catch (error) {
    if (isCutOff(error)) throw error; // the store would make the caller wait twice
    ctx.report(error);
  }
}
