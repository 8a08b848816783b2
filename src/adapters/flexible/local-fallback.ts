import type { RateRule } from "../../domain/duration.ts";
import type { RateFallback, RateLimiter, RateVerdict } from "../../ports/rate-limiter.ts";

/** A backend that fails now and then is one outage, not many: each would leave two events. */
const QUIET_MS = 10_000;

/** The shared limiter; while it fails, the local one with a share of each rule's points. */
export function withLocalFallback(shared: RateLimiter, local: RateLimiter, share: number): RateLimiter {
  const shareOf = ({ points, windowMs }: RateRule): RateRule => ({
    points: Math.max(1, Math.floor(points * share)),
    windowMs,
  });
  const outage = outageWatch();
  return Object.freeze({
    async consume(key: string, rule: RateRule): Promise<RateVerdict> {
      try {
        const verdict = await shared.consume(key, rule);
        const fallback = outage.succeeded();
        return fallback ? { ...verdict, fallback } : verdict;
      } catch (cause) {
        const fallback = outage.failed(cause);
        const own = shareOf(rule);
        return { ...(await local.consume(key, own)), points: own.points, fallback };
      }
    },
    // Where it was counted, and nowhere else: a point of the one would be a further guess on the other.
    async refund(key: string, rule: RateRule, of?: RateVerdict): Promise<void> {
      if (isLocal(of)) return local.refund(key, shareOf(rule));
      // A point that stays used locks nobody out for longer than the rule does, an error would lock out at once.
      await shared.refund(key, rule).catch(() => {});
    },
  });
}

function isLocal(verdict: RateVerdict | undefined): boolean {
  const { phase } = verdict?.fallback ?? {};
  return phase === "began" || phase === "lasts";
}

interface OutageWatch {
  failed(cause: unknown): RateFallback;
  succeeded(): RateFallback | undefined;
}

function outageWatch(): OutageWatch {
  let lastFailureAt: number | undefined;
  return {
    failed(cause) {
      const began = lastFailureAt === undefined;
      lastFailureAt = performance.now();
      return began ? { phase: "began", cause } : { phase: "lasts" };
    },
    succeeded() {
      if (lastFailureAt === undefined) return undefined;
      if (performance.now() - lastFailureAt < QUIET_MS) return { phase: "quiet" };
      lastFailureAt = undefined;
      return undefined;
    },
  };
}
