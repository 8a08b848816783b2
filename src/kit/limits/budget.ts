import type { Context } from "../../context.ts";
import type { Budget, LimitScope } from "../../domain/budget.ts";
import { addressKeys } from "../../domain/client-address.ts";
import type { Device } from "../../domain/device.ts";
import type { SessionId } from "../../domain/ids.ts";
import { AuthError } from "../../errors.ts";
import type { Client } from "../input.ts";
import { type Counted, countAll, type Refund, refundOf } from "./count.ts";
import type { Limit, RefusalDraft } from "./refusal.ts";

/** Who tries. A scope without a value here is not counted, whatever rules it has. */
export interface Subject {
  readonly client: Client;
  /** Counted in place of the client's address. */
  readonly address?: string | undefined;
  /** The pseudonym of the account's email, known or not. */
  readonly account?: string | undefined;
  /** A device that is known to the account. Its budget counts in place of the account's. */
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

/** The same count where `rate_limited` is not the caller's answer. */
export async function isWithinLimits(ctx: Context, budget: Budget, attempted: Attempted): Promise<boolean> {
  return (await countBudget(ctx, budget, attempted)).refusal === null;
}

function countBudget(ctx: Context, budget: Budget, attempted: Attempted): Promise<Counted> {
  const { type, named, reason, client } = attempted;
  return countAll(ctx, { type, named, reason, client, limits: limitsOf(budget, attempted) });
}

// The address first: a client that is refused there cannot use up an account.
function limitsOf(budget: Budget, { client, address, account, device, session }: Subject): readonly Limit[] {
  const own = (scope: LimitScope, id: string | null | undefined): readonly Limit[] =>
    id == null
      ? []
      : (budget[scope] ?? []).map((rule) => ({ scope, key: `${budget.name}:${scope}:${id}`, rule }));
  return [
    ...addressLimits(budget, address ?? client.ip),
    ...(device == null ? own("account", account) : own("device", device)),
    ...own("session", session),
  ];
}

// The address and the networks around it, each network with a multiple of the points.
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
