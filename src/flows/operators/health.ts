import type { Health } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import type { SessionId } from "../../domain/ids.ts";
import { within } from "../../lib/within.ts";

const TIMEOUT_MS = 2000;
/** A session that nobody has: to look for it takes connection, schema and index. */
const NO_SESSION = "00000000-0000-7000-8000-000000000000" as SessionId;
/** Of its own, and never used up. */
const PROBE = { key: "health", rule: { points: 999_999, windowMs: 60_000 } };

/** Says whether this instance can serve. It does not fail: what does is part of the answer. */
export async function health(ctx: Context): Promise<Health> {
  const [store, limiter] = await Promise.all([
    answerOf(ctx, async () => {
      await ctx.store.sessions.find(NO_SESSION);
      return "up" as const;
    }),
    answerOf(ctx, async () => {
      const { points } = await ctx.limiter.consume(PROBE.key, PROBE.rule);
      return points === undefined ? ("up" as const) : ("local" as const);
    }),
  ]);
  const hashing = ctx.hasher.load();
  const hasRoom = hashing.running < hashing.concurrency || hashing.waiting < hashing.queue;
  return { ready: store === "up" && limiter !== "down" && hasRoom, store, limiter, hashing };
}

async function answerOf<T>(ctx: Context, ask: () => Promise<T>): Promise<T | "down"> {
  try {
    return await within(TIMEOUT_MS, ask());
  } catch (error) {
    ctx.report(error);
    return "down";
  }
}
