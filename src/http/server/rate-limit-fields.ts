import type { RateLimitStatus } from "../../api/auth.ts";

/** Collects the rules that counted the client's address, for the headers of the answer. */
export interface RateLimitFields {
  readonly note: (status: RateLimitStatus) => void;
  /** The fields of draft-ietf-httpapi-ratelimit-headers-10. Without a rule there are no fields. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/**
 * Shows the rule with the fewest attempts left: an IPv6 address counts in two networks. Rules of accounts are
 * not shown: they would tell how often others try an account.
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
