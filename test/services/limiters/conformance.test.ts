import { rateLimiterSuite } from "sallyport/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { whenTogether } from "../../support/when-together.ts";
import { type OpenLimiters, openLimiters } from "./limiter-at.ts";
import { describeOnEach } from "./servers.ts";

// `vitest list` reads files without running them: it looks for a plain `describe`.
describe("shared limiters", () =>
  describeOnEach("a limiter keeps the contract", ({ ref, freshPrefix, exact, together }) => {
    let limiters: OpenLimiters;
    beforeAll(async () => {
      limiters = await openLimiters(ref());
    });
    afterAll(() => limiters?.close());

    rateLimiterSuite({
      test,
      exact,
      makeLimiter: async () => {
        const prefix = freshPrefix();
        const limiter = limiters.make(prefix);
        if (together) await whenTogether(limiter);
        return { limiter, advance: (ms) => limiters.advance(prefix, Math.ceil(ms)) };
      },
    });
  }));
