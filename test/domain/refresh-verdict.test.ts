import type { UserId } from "sallyport";
import { describe, expect, test } from "vitest";
import { judgeRefresh, MAX_REFRESH_COUNTER } from "../../src/domain/refresh-verdict.ts";
import { noon, sampleSession } from "../../src/testing/store/samples.ts";

const userId = "019b796d-d600-7191-9239-8b2dcf543221" as UserId;
const GRACE = 10_000;

/** The session is at counter 5, rotated at noon; what a token with `counter` means so many milliseconds later. */
const judge = (counter: number, ms: number, change: Parameters<typeof sampleSession>[0] | object = {}) =>
  judgeRefresh(
    sampleSession({
      userId,
      refreshCounter: 5,
      refreshedAt: noon(),
      idleExpiresAt: noon(60_000),
      expiresAt: noon(90_000),
      ...change,
    }),
    { counter, now: noon(ms), grace: GRACE },
  );

describe("what a refresh token means", () => {
  test.each([
    ["a counter ahead", [6, 0], "unknown"],
    ["a counter ahead, at the idle end", [6, 60_000], "unknown"],
    ["the current one", [5, 0], "rotate"],
    ["the current one, a millisecond before the idle end", [5, 59_999], "rotate"],
    ["the current one, at the idle end", [5, 60_000], "expired"],
    ["the one before", [4, 0], "repeat"],
    ["the one before, at the end of the grace", [4, GRACE], "repeat"],
    ["the one before, after the grace", [4, GRACE + 1], "reuse"],
    ["the one before, by a clock that is behind", [4, -3_600_000], "repeat"],
    ["an older one", [3, GRACE], "stale"],
    ["an older one, after the grace", [3, GRACE + 1], "reuse"],
    ["the very first one, after the grace", [0, GRACE + 1], "reuse"],
    ["the one before, at the idle end", [4, 60_000], "expired"],
  ] as const)("%s", (_what, [counter, ms], verdict) => {
    expect(judge(counter, ms)).toBe(verdict);
  });

  test("an ended session is revoked before all else but a counter that never was", () => {
    for (const counter of [0, 4, 5]) expect(judge(counter, 0, { revokedAt: noon() })).toBe("revoked");
    expect(judge(6, 0, { revokedAt: noon() })).toBe("unknown");
  });

  test("the absolute end ends what was just refreshed", () => {
    expect(judge(5, 89_999, { idleExpiresAt: noon(90_000) })).toBe("rotate");
    expect(judge(5, 90_000, { idleExpiresAt: noon(90_001) })).toBe("expired");
  });

  test("the last counter there is leads nowhere", () => {
    const change = { refreshCounter: MAX_REFRESH_COUNTER };
    expect(judge(MAX_REFRESH_COUNTER, 0, change)).toBe("exhausted");
    expect(judge(MAX_REFRESH_COUNTER - 1, 0, change)).toBe("repeat");
  });

  test("without a grace the one before is good for nothing, also at the same moment, and by a slow clock", () => {
    for (const ms of [0, 1, -5]) {
      const session = sampleSession({ userId, refreshCounter: 5, refreshedAt: noon() });
      expect(judgeRefresh(session, { counter: 4, now: noon(ms), grace: 0 })).toBe("reuse");
    }
  });

  test("without a time of rotation there is no grace", () => {
    expect(judge(4, 0, { refreshedAt: null })).toBe("reuse");
  });
});
