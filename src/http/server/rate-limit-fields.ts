import type { RateLimitStatus } from "../../api/auth.ts";

/** What is known, when the answer is made, of the rules that counted the client's address. */
export interface RateLimitFields {
  readonly note: (status: RateLimitStatus) => void;
  /** The fields of draft-ietf-httpapi-ratelimit-headers-10; none when no rule counted. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/**
 * Of several rules (an IPv6 address counts in two networks) the one that has the least left. Only the
 * address's: what is left of an account's would say how often others try it.
 */
export function rateLimitFields(): RateLimitFields {
  let tightest: RateLimitStatus | undefined;
  return {
    note: (status) => {
      if (!tightest || status.remaining <= tightest.remaining) tightest = status;
    },
    headers: () =>
      tightest
        ? {
            "ratelimit-policy": `"address";q=${tightest.limit};w=${tightest.windowSeconds}`,
            ratelimit: `"address";r=${tightest.remaining};t=${tightest.resetSeconds}`,
          }
        : {},
  };
}
