import { randomInt } from "node:crypto";
import type { Delivered, DeliverOptions } from "../../api/mail-api.ts";
import type { Context } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import type { LeaseId } from "../../domain/ids.ts";
import { within } from "../../lib/within.ts";
import type { MailService } from "../../mail-service.ts";
import { deliverBatch } from "./deliver-batch.ts";

/** The mails that one call sends at once. */
const BATCH = 5;
const LEASE_MS = 120_000;
/** How long the loop rests after it had mail, and after it had no mail. A random time is added. */
const BUSY_MS = 1_000;
const REST_MS = 5_000;
const JITTER_MS = 1_000;
/** How long `stop` waits for the mails that are being sent. */
const STOP_MS = 5_000;

/** Sends the mail that waits. */
export interface Postman {
  deliver(options?: DeliverOptions): Promise<Delivered>;
  /** Delivers from now on, again and again. It does not keep the process alive. */
  start(): void;
  /** Claims no further mail, and waits for what is being sent: 5 seconds at most. */
  stop(): Promise<void>;
}

export function postman(ctx: Context, service: MailService): Postman {
  const running = new Set<Promise<unknown>>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const isOpen = (): boolean => !isStopped;
  const deliver: Postman["deliver"] = (options = {}) => {
    const run = drain(ctx, service, { ...options, isOpen });
    running.add(run);
    const done = (): void => void running.delete(run);
    run.then(done, done);
    return run;
  };
  const look = looking(ctx, deliver);
  const lookIn = (ms: number): void => {
    if (isStopped) return;
    timer = setTimeout(() => void look().then(lookIn), ms + randomInt(JITTER_MS));
    timer.unref();
  };
  return Object.freeze<Postman>({
    deliver,
    start: () => lookIn(BUSY_MS),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await within(STOP_MS, Promise.allSettled(running)).catch(ctx.report);
      await within(STOP_MS, (async () => service.mailer.close?.())()).catch(ctx.report);
    },
  });
}

/** Looks once, and answers how long to rest. It never rejects, and reports the first of several failures in a row. */
function looking(ctx: Context, deliver: Postman["deliver"]): () => Promise<number> {
  let hasFailed = false;
  return async () => {
    try {
      const { sent, failed } = await deliver();
      hasFailed = false;
      return sent + failed > 0 ? BUSY_MS : REST_MS;
    } catch (error) {
      if (!hasFailed) ctx.report(error);
      hasFailed = true;
      return REST_MS;
    }
  };
}

interface Drain extends DeliverOptions {
  isOpen(): boolean;
}

/** Claims no more than it can send at once, until no mail is due, the time is over, or the postman stops. */
async function drain(
  ctx: Context,
  service: MailService,
  { isOpen, maxMs = Number.POSITIVE_INFINITY }: Drain,
): Promise<Delivered> {
  const { audience } = ctx.settings;
  const until = performance.now() + maxMs; // not the clock port: that may be set back
  let sent = 0;
  let failed = 0;
  while (isOpen()) {
    const now = ctx.clock.now();
    const lease = ctx.newId<LeaseId>(now);
    const claim = { audience, now, until: addMs(now, LEASE_MS), limit: BATCH, lease };
    const mails = await ctx.store.outbox.claim(claim);
    if (mails.length === 0) return { sent, failed, more: false };
    const batch = await deliverBatch(ctx, service, { mails, lease, isOpen });
    sent += batch.sent;
    failed += batch.failed;
    if (performance.now() >= until) break;
  }
  return { sent, failed, more: true };
}
