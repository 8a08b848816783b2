import assert from "node:assert/strict";
import type { RateAttempt, RateLimiter, RateVerdict } from "../ports/rate-limiter.ts";
import { CALLERS, type Promises, RULE, spend } from "./limiter-promises.ts";

/** The promises of `consumeAll`. A limiter without it keeps them. */
export const CONSUME_ALL: Promises = {
  "consumeAll, if there is one, counts up to the first refusal, and touches no later key": async ({
    limiter,
  }) => {
    if (!limiter.consumeAll) return;
    await spend(limiter, "spent", RULE.points);
    const verdicts = await consumeAll(limiter, attemptsAt("first", "spent", "later"));
    assert.deepEqual(verdicts.map(judgementOf), ["allowed 1", `refused ${RULE.points + 1}`]);
    assert.equal((await limiter.consume("first", RULE)).count, 2);
    assert.equal((await limiter.consume("later", RULE)).count, 1);
  },
  "consumeAll, if there is one, counts each attempt under its own rule, and a repeated one twice": async ({
    limiter,
  }) => {
    if (!limiter.consumeAll) return;
    const other = { key: "key", rule: { points: 1, windowMs: 5000 } };
    const verdicts = await consumeAll(limiter, [
      ...attemptsAt("key", "key"),
      other,
      ...attemptsAt("key"),
      other,
    ]);
    const judged = ["allowed 1", "allowed 2", "allowed 1", "allowed 3", "refused 2"];
    assert.deepEqual(verdicts.map(judgementOf), judged);
    assert.ok(verdicts.every(({ resetMs }) => resetMs > 0 && resetMs <= other.rule.windowMs));
  },
  "consumeAll, if there is one, allows 50 parallel callers exactly the points": async ({ limiter }) => {
    if (!limiter.consumeAll) return;
    const callers = Array.from({ length: CALLERS }, (_, index) =>
      consumeAll(limiter, attemptsAt(`own ${index}`, "shared", `later ${index}`)),
    );
    const passed = (await Promise.all(callers)).filter((verdicts) =>
      verdicts.every(({ allowed }) => allowed),
    );
    assert.deepEqual(
      passed.map((verdicts) => verdicts.length),
      Array.from({ length: RULE.points }, () => 3),
    );
    assert.equal((await limiter.consume("shared", RULE)).count, CALLERS + 1);
  },
};

function attemptsAt(...keys: readonly string[]): readonly RateAttempt[] {
  return keys.map((key) => ({ key, rule: RULE }));
}

function judgementOf({ allowed, count }: RateVerdict): string {
  return `${allowed ? "allowed" : "refused"} ${count}`;
}

/** All of them, up to the first refusal: in as many calls as the limiter needs. */
async function consumeAll(
  limiter: RateLimiter,
  attempts: readonly RateAttempt[],
): Promise<readonly RateVerdict[]> {
  const verdicts: RateVerdict[] = [];
  while (verdicts.length < attempts.length && verdicts.at(-1)?.allowed !== false) {
    const rest = attempts.slice(verdicts.length);
    const more = (await limiter.consumeAll?.(rest)) ?? [];
    assert.ok(
      more.length >= 1 && more.length <= rest.length,
      `${more.length} of ${rest.length} were counted`,
    );
    assert.ok(
      more.slice(0, -1).every(({ allowed }) => allowed),
      "an attempt was counted after a refused one",
    );
    verdicts.push(...more);
  }
  return verdicts;
}
