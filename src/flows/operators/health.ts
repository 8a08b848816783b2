import type { Health } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import type { SessionId } from "../../domain/ids.ts";
import { within } from "../../lib/within.ts";

const TIMEOUT_MS = 2000;
/** A mail server that fails for a moment is no alarm. */
const LATE_MS = 5 * 60_000;
/** An id that no session has. The search for it needs the connection, the schema and the index. */
const NO_SESSION = "00000000-0000-7000-8000-000000000000" as SessionId;
/** A rule for this probe alone. It is never used up. */
const PROBE = { key: "health", rule: { points: 999_999, windowMs: 60_000 } };

/** Reports whether this instance can serve. It never rejects: a failure is part of the answer. */
export async function health(ctx: Context): Promise<Health> {
  const [store, limiter, mail] = await Promise.all([
    answerOf(ctx, async () => {
      await ctx.store.sessions.find(NO_SESSION);
      return "up" as const;
    }),
    answerOf(ctx, async () => {
      const { points } = await ctx.limiter.consume(PROBE.key, PROBE.rule);
      return points === undefined ? ("up" as const) : ("local" as const);
    }),
    ctx.mail ? answerOf(ctx, () => stateOfMail(ctx)) : ("off" as const),
  ]);
  const hashing = ctx.hasher.load();
  const hasRoom = hashing.running < hashing.concurrency || hashing.waiting < hashing.queue;
  const ready = store === "up" && limiter !== "down" && hasRoom;
  return { ready, store, limiter, mail, fullTables: ctx.limiter.fullTables(), hashing };
}

async function stateOfMail(ctx: Context): Promise<"up" | "late"> {
  return (await ctx.store.outbox.oldest(addMs(ctx.clock.now(), -LATE_MS))) ? "late" : "up";
}

async function answerOf<T>(ctx: Context, ask: () => Promise<T>): Promise<T | "down"> {
  try {
    return await within(TIMEOUT_MS, ask());
  } catch (error) {
    ctx.report(error);
    return "down";
  }
}
