// One of several processes that share a limiter: makes as many attempts at once as it is told.
import type { RateLimiter, RateRule } from "../../../src/ports/rate-limiter.ts";
import { type LimiterRef, type OpenLimiters, openLimiters } from "./limiter-at.ts";

export type Message = { readonly open: LimiterRef } | CallerOrder;

export interface CallerOrder {
  readonly prefix: string;
  readonly key: string;
  readonly rule: RateRule;
  readonly attempts?: number;
  readonly refunds?: number;
}

/** How the attempts ended: by `allowed`, `refused`, or what they failed with. */
export type Outcome = Readonly<Record<string, number>>;

let opened: OpenLimiters | undefined;
const limiters = new Map<string, RateLimiter>();

process.on("message", async (message: Message) => {
  if ("open" in message) {
    opened = await openLimiters(message.open);
    process.send?.("ready");
    return;
  }
  const limiter = limiters.get(message.prefix) ?? (opened as OpenLimiters).make(message.prefix);
  limiters.set(message.prefix, limiter);
  process.send?.(await carryOut(limiter, message));
});
process.on("disconnect", () => void opened?.close());
process.send?.("started");

async function carryOut(
  limiter: RateLimiter,
  { key, rule, attempts = 0, refunds = 0 }: CallerOrder,
): Promise<Outcome> {
  const attempt = async (): Promise<string> =>
    (await limiter.consume(key, rule)).allowed ? "allowed" : "refused";
  const refund = async (): Promise<string> => {
    await limiter.refund(key, rule);
    return "refunded";
  };
  const calls = [...times(attempts, attempt), ...times(refunds, refund)];
  const outcome: Record<string, number> = {};
  for (const answer of await Promise.all(calls.map((call) => call.catch(inWords))))
    outcome[answer] = (outcome[answer] ?? 0) + 1;
  return outcome;
}

function times(count: number, call: () => Promise<string>): Promise<string>[] {
  return Array.from({ length: count }, call);
}

function inWords(error: Error & { readonly code?: unknown }): string {
  return `failed: ${error.code}: ${error.message}: ${error.cause}`;
}
