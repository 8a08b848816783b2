import type { Context } from "../context.ts";
import type { AuthEventType } from "../domain/auth-event.ts";
import { addressKeys } from "../domain/client-address.ts";
import type { RateRule } from "../domain/duration.ts";
import type { SessionId } from "../domain/ids.ts";
import { AuthError } from "../errors.ts";
import type { Device } from "../feature.ts";
import { pseudonym } from "../lib/secrets.ts";
import type { RateVerdict } from "../ports/rate-limiter.ts";
import { countKey } from "./count-key.ts";
import type { Client } from "./input.ts";
import { type EventDraft, recordEvent } from "./record-event.ts";

export interface Limit {
  readonly scope: "address" | "account" | "device" | "session";
  readonly key: string;
  readonly rule: RateRule;
}

export interface LimitedAttempt {
  readonly type: AuthEventType;
  /** In the order in which they are counted: what one refuses does not reach the counters after it. */
  readonly limits: readonly Limit[];
  /** Whom a refusal names, by what is known without a look. */
  readonly named: Pick<EventDraft, "userId" | "attemptedEmail" | "sessionId">;
  /** Default `rate_limited`. */
  readonly reason?: string;
  readonly client: Client;
}

/** Gives account, device and session their point back: what their owner did right must not count against them. */
export type Refund = () => Promise<void>;

/** Counts an attempt under each limit; throws `rate_limited` at the first that is used up. */
export async function enforceLimits(ctx: Context, attempt: LimitedAttempt): Promise<Refund> {
  const { refusal, counted } = await countAll(ctx, attempt);
  if (refusal) {
    const retryAfterSeconds = Math.max(1, Math.ceil(refusal.resetMs / 1000));
    throw new AuthError("rate_limited", { retryAfterSeconds });
  }
  return () => giveBack(ctx, counted);
}

/** The same count, where the caller's answer is another one. */
export async function isWithinLimits(ctx: Context, attempt: LimitedAttempt): Promise<boolean> {
  return (await countAll(ctx, attempt)).refusal === null;
}

interface Counted {
  readonly limit: Limit;
  readonly verdict: RateVerdict;
  /** Milliseconds since the epoch, from before it was counted. */
  readonly at: number;
}

/** Counts until a limit is used up, and records that one's milestones. */
async function countAll(
  ctx: Context,
  attempt: LimitedAttempt,
): Promise<{ readonly refusal: RateVerdict | null; readonly counted: readonly Counted[] }> {
  const counted: Counted[] = [];
  for (const limit of attempt.limits) {
    const at = ctx.clock.now().getTime();
    const verdict = await countKey(ctx, limit).catch((error) => {
      // A limiter that is down in part must not use up what its other part counts. Nobody waits for it.
      giveBack(ctx, counted).catch(() => {});
      throw error;
    });
    if (limit.scope === "address") tellClient(ctx, attempt.client, { limit, verdict });
    if (!verdict.allowed) {
      await recordRefusal(ctx, { attempt, limit, verdict });
      return { refusal: verdict, counted };
    }
    counted.push({ limit, verdict, at });
  }
  return { refusal: null, counted };
}

async function giveBack(ctx: Context, counted: readonly Counted[]): Promise<void> {
  const now = ctx.clock.now().getTime();
  await Promise.all(
    counted
      // What no longer counts cannot be given back: it would be a point of somebody else's attempt. On a backend
      // of fixed windows that is so from the next one on.
      .filter(({ limit, verdict, at }) => limit.scope !== "address" && now - at < verdict.resetMs)
      .map(({ limit: { key, rule }, verdict }) => ctx.limiter.refund(key, rule, verdict)),
  );
}

function tellClient(ctx: Context, { onRateLimit }: Client, { limit, verdict }: Judged): void {
  const points = pointsOf({ limit, verdict });
  const tell = async (): Promise<unknown> =>
    onRateLimit?.({
      limit: points,
      windowSeconds: Math.ceil(limit.rule.windowMs / 1000),
      remaining: Math.max(0, points - verdict.count),
      resetSeconds: Math.max(1, Math.ceil(verdict.resetMs / 1000)),
    });
  tell().catch(ctx.report);
}

/** For the client's address, if it has one, and the networks around it. */
export function addressLimits(of: string, rules: readonly RateRule[], { ip }: Client): readonly Limit[] {
  if (ip === null) return [];
  const keys = addressKeys(ip);
  return rules.flatMap((rule) =>
    keys.map(({ key, scale }) => ({
      scope: "address" as const,
      key: `${of}:address:${key}`,
      rule: { ...rule, points: rule.points * scale },
    })),
  );
}

/** For an account, known or not, by what stands for its email. */
function accountLimits(of: string, rules: readonly RateRule[], standIn: string): readonly Limit[] {
  return rules.map((rule) => ({ scope: "account", key: `${of}:account:${standIn}`, rule }));
}

export function sessionLimits(of: string, rules: readonly RateRule[], id: SessionId): readonly Limit[] {
  return rules.map((rule) => ({ scope: "session", key: `${of}:session:${id}`, rule }));
}

export interface EmailAttempt {
  readonly emailCanonical: string;
  readonly client: Client;
  /** A device that is known to the account. */
  readonly device?: Device | null;
}

/** What counts and names an attempt with an email, of whom nothing else is known. */
export function limitsOfEmail(
  ctx: Context,
  type: "login" | "signup",
  { emailCanonical, client, device = null }: EmailAttempt,
): LimitedAttempt {
  const { login, signup } = ctx.settings.limits;
  const standIn = pseudonym(ctx.pseudonymKey, emailCanonical);
  const address = addressLimits(type, type === "login" ? login.address : signup.address, client);
  const own = type === "login" ? ownLimits(login, standIn, device) : [];
  return { type, limits: [...address, ...own], named: { attemptedEmail: standIn }, client };
}

type LoginRules = Context["settings"]["limits"]["login"];

// A known device has a budget of its own: strangers who use up the account's do not lock its owner out.
function ownLimits(
  { account, device: rules }: LoginRules,
  standIn: string,
  device: Device | null,
): readonly Limit[] {
  if (device === null) return accountLimits("login", account, standIn);
  return rules.map((rule) => ({ scope: "device", key: `login:device:${device}`, rule }));
}

function pointsOf({ limit, verdict }: Judged): number {
  return verdict.points ?? limit.rule.points;
}

type Judged = Pick<Counted, "limit" | "verdict">;

interface Refusal extends Judged {
  readonly attempt: LimitedAttempt;
}

async function recordRefusal(ctx: Context, { attempt, limit, verdict }: Refusal): Promise<void> {
  if (!isMilestone(verdict.count, pointsOf({ limit, verdict }))) return;
  const draft = {
    type: attempt.type,
    outcome: "refused",
    reason: attempt.reason ?? "rate_limited",
    ...attempt.named,
    data: { limit: limit.scope, count: verdict.count },
  } as const;
  await recordEvent(ctx, draft, attempt.client);
}

// The first refusal and every doubling: a flood shows in the log, but cannot flood the log.
function isMilestone(count: number, points: number): boolean {
  return count === points + 1 || (count > points && Number.isInteger(Math.log2(count / points)));
}
