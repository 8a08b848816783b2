import type { KeyRule, RateAttempt, RateLimiter, RateVerdict } from "../../ports/rate-limiter.ts";
import { outageWatch } from "./outage-watch.ts";

/** Counts in this process, since the shared limiter failed. */
type Here<Answer> = (cause: unknown) => Promise<Answer>;

/** The shared limiter. While it fails, the local one counts with a share of each rule's points. */
export function withLocalFallback(shared: RateLimiter, local: RateLimiter, share: number): RateLimiter {
  const shareOf = (rule: KeyRule): KeyRule => ({
    ...rule,
    points: Math.max(1, Math.floor(rule.points * share)),
  });
  const outage = outageWatch();
  const countHere = async ({ key, rule }: RateAttempt, cause: unknown): Promise<RateVerdict> => {
    const own = shareOf(rule);
    const verdict = await local.consume(key, own);
    outage.failed(cause);
    return { ...verdict, points: own.points };
  };
  const sharedOr = async <Answer>(counting: Promise<Answer>, here: Here<Answer>): Promise<Answer> =>
    counting.then((answer) => {
      outage.succeeded();
      return answer;
    }, here);
  const { consumeAll } = shared;
  return Object.freeze({
    consume: (key: string, rule: KeyRule) =>
      sharedOr(shared.consume(key, rule), (cause) => countHere({ key, rule }, cause)),
    ...(consumeAll && {
      // Only the first counts here. The shared limiter may well reach the counters of the others, on a cluster.
      consumeAll: (attempts: readonly RateAttempt[]) =>
        sharedOr(consumeAll(attempts), (cause) =>
          Promise.all(attempts.slice(0, 1).map((first) => countHere(first, cause))),
        ),
    }),
    // Only where it was counted: a point given to the other limiter would be one more guess there.
    async refund(key: string, rule: KeyRule, of?: RateVerdict): Promise<void> {
      if (of?.points !== undefined) return local.refund(key, shareOf(rule), of);
      // A point that stays used blocks its owner no longer than the rule does. An error would block at once.
      await shared.refund(key, rule).catch(() => {});
    },
    onOutage: outage.listen,
    ...(local.onFullTable && { onFullTable: local.onFullTable }),
  });
}
