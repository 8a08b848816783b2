import { randomInt } from "node:crypto";
import type { Context } from "../../context.ts";
import type { Budget, LimitScope } from "../../domain/budget.ts";
import { addressKeys } from "../../domain/client-address.ts";
import { familyOf, type PresentedDevice } from "../../domain/device.ts";
import type { RateRule } from "../../domain/duration.ts";
import type { SessionId } from "../../domain/ids.ts";
import { AuthError } from "../../errors.ts";
import type { Client } from "../input.ts";
import { type Counted, countAll, type Refund, refundOf } from "./count.ts";
import { type Judged, type Limit, type RefusalDraft, recordRefusal } from "./refusal.ts";

/** The longest time that is added to a wait at random, as a share of it and in seconds. */
const JITTER = { share: 0.2, seconds: 60 };

/** The subject of a count. A scope without a value here is not counted, even if it has rules. */
interface Subject {
  readonly client: Client;
  /** Replaces the client's address in the count. */
  readonly address?: string | undefined;
  /**
   * The pseudonyms of the account's email. The account may not exist. It counts under each of them, and is refused if
   * one is used up: so instances that share a secret share a budget, whichever secret they have first.
   */
  readonly account?: readonly string[] | undefined;
  /**
   * A device of the account. Its rules, and those of all devices together, count in place of the account's rules. A
   * budget without rules for both counts it like an unknown device.
   */
  readonly device?: PresentedDevice | null | undefined;
  readonly session?: SessionId | undefined;
}

export interface Attempted extends Subject, RefusalDraft {}

/** Counts an attempt in each rule of a budget. Throws `rate_limited` at the first rule that is used up. */
export async function enforceLimits(ctx: Context, budget: Budget, attempted: Attempted): Promise<Refund> {
  return refundUnlessRefused(ctx, attempted, await countBudget(ctx, budget, attempted));
}

/** Counts in the same way, but returns false instead of throwing `rate_limited`. */
export async function isWithinLimits(ctx: Context, budget: Budget, attempted: Attempted): Promise<boolean> {
  const { refusal } = await countBudget(ctx, budget, attempted);
  if (refusal) await recordRefusal(ctx, attempted, refusal);
  return refusal === null;
}

/**
 * Counts a call that ends sessions. If the limiter fails, the call goes on: the limit only saves work, and an outage
 * must not keep a session alive. A refusal stays a refusal, also if its event cannot be stored.
 */
export async function enforceLimitsIfPossible(
  ctx: Context,
  budget: Budget,
  attempted: Attempted,
): Promise<Refund> {
  const counting = countBudget(ctx, budget, attempted).catch((error): Counted => {
    ctx.report(error);
    return { refusal: null, counted: [] };
  });
  return refundUnlessRefused(ctx, attempted, await counting);
}

async function refundUnlessRefused(
  ctx: Context,
  attempted: Attempted,
  { refusal, counted }: Counted,
): Promise<Refund> {
  if (!refusal) return refundOf(ctx, counted);
  await recordRefusal(ctx, attempted, refusal);
  throw new AuthError("rate_limited", { retryAfterSeconds: secondsToWait(refusal) });
}

// Never too early, and seldom for two clients at the same time: those that wait together must not return together.
function secondsToWait({ verdict: { resetMs } }: Judged): number {
  const seconds = Math.max(1, Math.ceil(resetMs / 1000));
  return seconds + randomInt(Math.min(JITTER.seconds, Math.ceil(seconds * JITTER.share)) + 1);
}

/** Counts and judges, and leaves it to the caller what a refusal means. */
export function countBudget(ctx: Context, budget: Budget, attempted: Subject): Promise<Counted> {
  const { namespace } = ctx.settings.limits;
  const limits = limitsOf({ ...budget, name: `${namespace}:${budget.name}` }, attempted);
  return countAll(ctx, { client: attempted.client, limits });
}

// The session counts first, then the address: what a session may not do costs its colleagues nothing, and a client that
// its address refuses cannot use up the budget of an account.
function limitsOf(budget: Budget, { client, address, account, device, session }: Subject): readonly Limit[] {
  const known = budget.device && budget.devices ? device : null;
  return [
    ...ownLimits(budget, "session", session === undefined ? [] : [session]),
    ...addressLimits(budget, address ?? client.ip, known ? KNOWN : UNKNOWN),
    ...(known
      ? [...ownLimits(budget, "device", [known.id]), ...ownLimits(budget, "devices", [familyOf(known)])]
      : ownLimits(budget, "account", account ?? [])),
  ];
}

function ownLimits(budget: Budget, scope: LimitScope, ids: readonly string[]): readonly Limit[] {
  const { name, [scope]: rules = [] } = budget;
  const limitOf = (rule: RateRule, id: string): Limit => ({
    scope,
    key: `${name}:${scope}:${id}`,
    rule: { ...rule, scope },
    isRefunded: true,
  });
  // In one order everywhere: of many attempts at two instances, those that pass the first count must pass the next.
  const sorted = ids.toSorted();
  return rules.flatMap((rule) => sorted.map((id) => limitOf(rule, id)));
}

const UNKNOWN = { infix: "", scale: 1 };
/** Colleagues with known devices share an address. Their own rules count; the address only bounds the work. */
const KNOWN = { infix: "known:", scale: 100 };

// The limits of an address and of the networks around it. Each network has a multiple of the points.
function addressLimits(
  { name, address = [], refundsAddress }: Budget,
  ip: string | null,
  { infix, scale: each }: typeof UNKNOWN,
): readonly Limit[] {
  if (ip === null) return [];
  const keys = addressKeys(ip);
  return address.flatMap((rule) =>
    keys.map(({ key, scale }) => ({
      scope: "address" as const,
      key: `${name}:address:${infix}${key}`,
      rule: { ...rule, points: rule.points * scale * each, scope: "address" as const },
      isRefunded: refundsAddress === true,
    })),
  );
}
