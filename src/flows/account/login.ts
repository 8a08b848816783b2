import type { LoginInput, LoginResult } from "../../api/auth.ts";
import { loginInput } from "../../api/input-schemas.ts";
import type { Context, OpenRequest } from "../../context.ts";
import type { Credential } from "../../domain/credential.ts";
import { type Device, knownDevice, type PresentedDevice } from "../../domain/device.ts";
import type { User } from "../../domain/user.ts";
import type { FailureReason } from "../../domain/vocabulary.ts";
import { type Attempt, attempt, compare } from "../../kit/attempt.ts";
import { isCutOff } from "../../kit/fail-closed.ts";
import { parseClient, parseInput } from "../../kit/input.ts";
import { type Attempted, enforceLimits } from "../../kit/limits/budget.ts";
import type { Refund } from "../../kit/limits/count.ts";
import { type Named, pseudonymsOf } from "../../kit/record-event.ts";
import { sessionBroughtBy } from "../../kit/replace-session.ts";
import { signIn } from "../../kit/sign-in.ts";
import { verifyPassword } from "../../kit/verify-password.ts";
import type { LoginRecord } from "../../ports/auth-store.ts";

/** Signs in with email and password. Up to the verdict, the steps are the same for known and unknown accounts. */
export async function login(ctx: Context, request: OpenRequest<LoginInput>): Promise<LoginResult> {
  const { email, password, deviceToken, refreshToken } = parseInput(loginInput, request.input);
  const client = parseClient(request.client);
  const presented = ctx.deviceTokens.read(deviceToken, email.canonical, ctx.clock.now());
  const account = pseudonymsOf(ctx, email.canonical);
  const unknown = { attemptedEmail: account[0] };
  const draft = { type: "login", named: unknown, client } as const;
  const { login: budget } = ctx.settings.limits;
  const refunds = [await enforceLimits(ctx, budget, { ...draft, account, device: presented })];

  return attempt(ctx, draft, async (trying) => {
    const countAgain = async (): Promise<void> => {
      refunds.push(await countAsUnknown(ctx, trying, { ...draft, account }));
    };
    const typed = { email: email.canonical, unknown, password, presented, countAgain };
    const { credential, ...proven } = await compare(together(refunds), () => check(ctx, trying, typed));
    await rehash(ctx, credential, password);
    const replaces = sessionBroughtBy(ctx, refreshToken);
    const result = await signIn(ctx, trying, { ...proven, amr: ["pwd"], replaces, spends: [], client });
    if (!result) throw trying.refuse("invalid_credentials", "superseded");
    return result;
  });
}

interface Typed {
  readonly email: string;
  /** What the event names if the email has no account. */
  readonly unknown: Named;
  readonly password: string;
  readonly presented: PresentedDevice | null;
  /** Counts the login like one without a device token. */
  readonly countAgain: () => Promise<void>;
}

interface Right {
  readonly user: User;
  readonly credential: Credential;
}

async function check(
  ctx: Context,
  trying: Attempt,
  { email, unknown, password, presented, countAgain }: Typed,
): Promise<Right & { readonly device: Device | null }> {
  const record = await ctx.store.users.findForLogin(email);
  trying.name(record ? { userId: record.user.id, attemptedEmail: email } : unknown);
  const device = knownDevice(presented, record?.user ?? null);
  if (presented && !device) await countAgain();
  const matches = await verifyPassword(ctx, record?.password ?? null, password);
  const verdict = judge(record, matches);
  if ("reason" in verdict) throw trying.refuse("invalid_credentials", verdict.reason);
  return { ...verdict, device };
}

// A device token from before a security change, or of an earlier user of the email, gives no guess beyond those of
// unknown devices. It counts like none, before any hash, and whether the email has an account or not.
function countAsUnknown(ctx: Context, trying: Attempt, attempted: Attempted): Promise<Refund> {
  // The limits record the event of their refusal.
  return enforceLimits(ctx, ctx.settings.limits.login, attempted).catch((error) =>
    Promise.reject(trying.dismiss(error)),
  );
}

/** One refund for all that were made by the time it is called. */
function together(refunds: readonly Refund[]): Refund {
  return async () => void (await Promise.all(refunds.map((refund) => refund())));
}

function judge(record: LoginRecord | null, matches: boolean): Right | { readonly reason: FailureReason } {
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
