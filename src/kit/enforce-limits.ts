import type { Context } from "../context.ts";
import type { AuthEventType } from "../domain/auth-event.ts";
import { addressKeys } from "../domain/client-address.ts";
import type { RateRule } from "../domain/duration.ts";
import { AuthError } from "../errors.ts";
import type { RateVerdict } from "../ports/rate-limiter.ts";
import type { Client } from "./input.ts";
import { recordEvent } from "./record-event.ts";
import { pseudonym } from "./secrets.ts";

export interface LimitedAttempt {
  readonly type: AuthEventType;
  readonly emailCanonical: string;
  readonly address: readonly RateRule[];
  readonly account: readonly RateRule[];
  readonly client: Client;
}

interface Limit {
  readonly scope: "address" | "account";
  readonly key: string;
  readonly rule: RateRule;
}

/** Gives the account its point back: what its owner did right must not count against them. */
export type Refund = () => Promise<void>;

/**
 * Counts an attempt under its address, then under its account, known or not; throws `rate_limited` at
 * the first rule that is used up. What the address rule refuses does not reach the account's counter.
 */
export async function enforceLimits(ctx: Context, attempt: LimitedAttempt): Promise<Refund> {
  const account = accountLimits(ctx, attempt);
  for (const limit of [...addressLimits(attempt), ...account]) {
    const verdict = await ctx.limiter.consume(limit.key, limit.rule);
    if (!verdict.allowed) await refuse(ctx, { attempt, limit, verdict });
  }
  return async () => {
    for (const { key, rule } of account) await ctx.limiter.refund(key, rule);
  };
}

function addressLimits({ type, address, client }: LimitedAttempt): readonly Limit[] {
  if (client.ip === null) return [];
  const keys = addressKeys(client.ip);
  return address.flatMap((rule) =>
    keys.map(({ key, scale }) => ({
      scope: "address" as const,
      key: `${type}:address:${key}`,
      rule: { ...rule, points: rule.points * scale },
    })),
  );
}

function accountLimits(ctx: Context, { type, account, emailCanonical }: LimitedAttempt): readonly Limit[] {
  const key = `${type}:account:${pseudonym(ctx.pseudonymKey, emailCanonical)}`;
  return account.map((rule) => ({ scope: "account", key, rule }));
}

interface Refusal {
  readonly attempt: LimitedAttempt;
  readonly limit: Limit;
  readonly verdict: RateVerdict;
}

async function refuse(ctx: Context, { attempt, limit, verdict }: Refusal): Promise<never> {
  if (isMilestone(verdict.count, limit.rule.points)) {
    const draft = {
      type: attempt.type,
      outcome: "refused",
      reason: "rate_limited",
      // Whether an account has it was not looked up: a refusal costs no query.
      attemptedEmail: pseudonym(ctx.pseudonymKey, attempt.emailCanonical),
      data: { limit: limit.scope, count: verdict.count },
    } as const;
    await recordEvent(ctx, draft, attempt.client);
  }
  const retryAfterSeconds = Math.max(1, Math.ceil(verdict.resetMs / 1000));
  throw new AuthError("rate_limited", { retryAfterSeconds });
}

// The first refusal and every doubling: a flood shows in the log, but cannot flood the log.
function isMilestone(count: number, points: number): boolean {
  return count === points + 1 || (count > points && Number.isInteger(Math.log2(count / points)));
}
