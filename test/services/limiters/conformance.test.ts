import { rateLimiterSuite } from "sallyport/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type OpenLimiters, openLimiters } from "./limiter-at.ts";
import { describeOnEach } from "./servers.ts";

// `vitest list` reads files without running them: it looks for a plain `describe`.
describe("shared limiters", () =>
  describeOnEach("a limiter keeps the contract", ({ ref, freshPrefix, exact }) => {
    let limiters: OpenLimiters;
    beforeAll(async () => {
      limiters = await openLimiters(ref());
    });
    afterAll(() => limiters?.close());

    rateLimiterSuite({
      test,
      exact,
      makeLimiter: () => {
        const prefix = freshPrefix();
        return { limiter: limiters.make(prefix), advance: (ms) => limiters.advance(prefix, Math.ceil(ms)) };
      },
    });
  }));
