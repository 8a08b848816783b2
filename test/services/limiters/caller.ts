// One of several processes that share a limiter: makes the attempts it is told, as many at once as reach the server.
import { randomUUID } from "node:crypto";
import type { RateLimiter, RateRule } from "../../../src/ports/rate-limiter.ts";
import { type LimiterRef, type OpenLimiters, openLimiters } from "./limiter-at.ts";

export type Message = { readonly open: LimiterRef } | CallerOrder;

export interface CallerOrder {
  readonly prefix: string;
  readonly key: string;
  readonly rule: RateRule;
  /** Each attempt also counts at a key of its own before this one, and after it. */
  readonly amongOthers?: boolean;
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
  const { make, atOnce } = opened as OpenLimiters;
  const limiter = limiters.get(message.prefix) ?? make(message.prefix);
  limiters.set(message.prefix, limiter);
  process.send?.(await carryOut(limiter, message, atOnce));
});
process.on("disconnect", () => void opened?.close());
process.send?.("started");

async function carryOut(
  limiter: RateLimiter,
  { key, rule, amongOthers = false, attempts = 0, refunds = 0 }: CallerOrder,
  atOnce: number,
): Promise<Outcome> {
  const attempt = async (): Promise<string> =>
    (await passes(limiter, amongOthers ? [randomUUID(), key, randomUUID()] : [key], rule))
      ? "allowed"
      : "refused";
  const refund = async (): Promise<string> => {
    await limiter.refund(key, rule);
    return "refunded";
  };
  const calls = [...spread(attempts, attempt), ...spread(refunds, refund)].sort((a, b) => b.at - a.at);
  const outcome: Record<string, number> = {};
  const callOn = async (): Promise<void> => {
    for (let next = calls.pop(); next; next = calls.pop()) {
      const answer = await next.call().catch(inWords);
      outcome[answer] = (outcome[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, calls.length) }, callOn));
  return outcome;
}

/** Counts as a login does: in as few calls as the limiter needs, up to the first refusal. */
async function passes(limiter: RateLimiter, keys: readonly string[], rule: RateRule): Promise<boolean> {
  const [key = ""] = keys;
  const verdicts =
    keys.length > 1 && limiter.consumeAll
      ? await limiter.consumeAll(keys.map((each) => ({ key: each, rule })))
      : [await limiter.consume(key, rule)];
  if (verdicts.some(({ allowed }) => !allowed)) return false;
  return verdicts.length === keys.length || passes(limiter, keys.slice(verdicts.length), rule);
}

/** Evenly over the time from 0 to 1, so that two kinds of calls meet. */
function spread<Call>(count: number, call: Call): { readonly at: number; readonly call: Call }[] {
  return Array.from({ length: count }, (_, index) => ({ at: (index + 0.5) / count, call }));
}

function inWords(error: Error & { readonly code?: unknown }): string {
  return `failed: ${error.code}: ${error.message}: ${error.cause}`;
}
