import type { Context } from "../../context.ts";
import type { Budget, LimitScope } from "../../domain/budget.ts";
import { addressKeys } from "../../domain/client-address.ts";
import type { Device } from "../../domain/device.ts";
import type { SessionId } from "../../domain/ids.ts";
import { AuthError } from "../../errors.ts";
import type { Client } from "../input.ts";
import { type Counted, countAll, type Refund, refundOf } from "./count.ts";
import type { Limit, RefusalDraft } from "./refusal.ts";

/** The subject of a count. A scope without a value here is not counted, even if it has rules. */
interface Subject {
  readonly client: Client;
  /** Replaces the client's address in the count. */
  readonly address?: string | undefined;
  /** The pseudonym of the account's email. The account may not exist. */
  readonly account?: string | undefined;
  /** A known device of the account. Its budget counts in place of the account's budget. */
  readonly device?: Device | null | undefined;
  readonly session?: SessionId | undefined;
}

export interface Attempted extends Subject, RefusalDraft {}

/** Counts an attempt in each rule of a budget. Throws `rate_limited` at the first rule that is used up. */
export async function enforceLimits(ctx: Context, budget: Budget, attempted: Attempted): Promise<Refund> {
  const { refusal, counted } = await countBudget(ctx, budget, attempted);
  if (refusal) {
    const retryAfterSeconds = Math.max(1, Math.ceil(refusal.resetMs / 1000));
    throw new AuthError("rate_limited", { retryAfterSeconds });
  }
  return refundOf(ctx, counted);
}

/** Counts in the same way, but returns false instead of throwing `rate_limited`. */
export async function isWithinLimits(ctx: Context, budget: Budget, attempted: Attempted): Promise<boolean> {
  return (await countBudget(ctx, budget, attempted)).refusal === null;
}

function countBudget(ctx: Context, budget: Budget, attempted: Attempted): Promise<Counted> {
  return countAll(ctx, { ...attempted, limits: limitsOf(budget, attempted) });
}

// The address counts first: a client that it refuses cannot use up the budget of an account.
function limitsOf(budget: Budget, { client, address, account, device, session }: Subject): readonly Limit[] {
  const own = (scope: LimitScope, id: string | null | undefined): readonly Limit[] =>
    id == null
      ? []
      : (budget[scope] ?? []).map((rule) => ({ scope, key: `${budget.name}:${scope}:${id}`, rule }));
  return [
    ...addressLimits(budget, address ?? client.ip),
    ...(device != null && budget.device ? own("device", device) : own("account", account)),
    ...own("session", session),
  ];
}

// The limits of an address and of the networks around it. Each network has a multiple of the points.
function addressLimits({ name, address = [] }: Budget, ip: string | null): readonly Limit[] {
  if (ip === null) return [];
  const keys = addressKeys(ip);
  return address.flatMap((rule) =>
    keys.map(({ key, scale }) => ({
      scope: "address" as const,
      key: `${name}:address:${key}`,
      rule: { ...rule, points: rule.points * scale },
    })),
  );
}
