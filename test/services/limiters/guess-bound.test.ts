import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import {
  attacksOfOneAddress,
  attacksOnOneAccount,
  type Carried,
  mostWithin,
  type Step,
} from "../../support/guess-attack.ts";
import { forgetRedis, rewindRedis } from "../../support/redis.ts";
import { isThere } from "../../support/required-services.ts";
import { attackWith, HOARDS, type TokenStep } from "../../support/token-attack.ts";

const SCRIPT = fileURLToPath(new URL("guesser.ts", import.meta.url));
const USE_SOURCE = new URL("../../support/use-source.ts", import.meta.url).href;
const INSTANCES = 3;
const MINUTE = 60_000;
const URL_OF_REDIS = process.env["REDIS_URL"] ?? "";

describe.runIf(isThere(URL_OF_REDIS, "redis: REDIS_URL is not set"))("over three processes, on redis", () => {
  for (const [name, steps] of attacksOnOneAccount()) {
    test(`10,000 addresses against one account, ${name}: 10 in any 15 minutes, 100 in any 24 hours`, async () => {
      const { hashes, owner } = await withstand(steps);
      expect(mostWithin(15 * MINUTE, hashes)).toBe(10);
      expect(mostWithin(24 * 60 * MINUTE, hashes)).toBe(100);
      expect(owner).toEqual(["fulfilled"]);
    });
  }
  // Tokens of the present user and password buy 30 and 300 guesses beside the 10 and 100 of unknown devices, however
  // many there are. Every other token buys nothing. Two applications with one secret have a bound each, or one together
  // if they share the keys of their limits.
  for (const hoard of HOARDS) {
    const [perQuarter, perDay] = hoard.bound;
    test(`300 device tokens ${hoard.name}: ${perQuarter} in any 15 minutes, ${perDay} in any 24 hours`, async () => {
      const { hashes } = await withstand(attackWith(hoard));
      expect(mostWithin(15 * MINUTE, hashes)).toBe(perQuarter);
      expect(mostWithin(24 * 60 * MINUTE, hashes)).toBe(perDay);
    });
  }
  for (const [name, steps] of attacksOfOneAddress()) {
    test(`one address against 10,000 accounts, ${name}: 5 in any minute`, async () => {
      const { hashes, owner } = await withstand(steps);
      expect(mostWithin(MINUTE, hashes)).toBe(5);
      expect(owner).toEqual(["fulfilled"]);
    });
  }
});

/** Carries an attack out against all instances at once, on their fake clocks and on Redis' counters. */
async function withstand(steps: readonly (Step | TokenStep)[]) {
  const keyPrefix = `guesses-${randomUUID()}`;
  const redis = await createClient({ url: URL_OF_REDIS }).connect();
  const children = Array.from({ length: INSTANCES }, (_, index) =>
    fork(SCRIPT, [URL_OF_REDIS, keyPrefix, `192.0.2.${index + 1}`], {
      execArgv: ["--no-warnings", `--import=${USE_SOURCE}`],
    }),
  );
  try {
    await Promise.all(children.map((child) => once(child, "message")));
    const hashes: [number, number][] = [];
    const owner = new Set<string>();
    const began = performance.now();
    let shifted = 0;
    for (const step of steps) {
      const { at, guesses } = step;
      // Redis goes by its own clock: what that one has done already is not done again.
      const shift = Math.round(at - (performance.now() - began) - shifted);
      await rewindRedis(redis, keyPrefix, shift);
      shifted += shift;
      const carried = await Promise.all(
        children.map((child, instance) =>
          tell(child, { ...step, guesses: ofInstance<object>(guesses, instance) } as typeof step),
        ),
      );
      hashes.push([at, carried.reduce((sum, { hashed }) => sum + hashed, 0)]);
      for (const { owner: fared } of carried) if (fared) owner.add(fared);
    }
    return { hashes, owner: [...owner] };
  } finally {
    await stop(children);
    await forgetRedis(redis, keyPrefix);
    await redis.close();
  }
}

function ofInstance<Guess>(guesses: readonly Guess[], instance: number): Guess[] {
  return guesses.filter((_, index) => index % INSTANCES === instance);
}

async function tell(child: ChildProcess, step: Step | TokenStep): Promise<Carried> {
  const answer = once(child, "message");
  child.send(step);
  const [carried] = (await answer) as [Carried];
  return carried;
}

async function stop(children: readonly ChildProcess[]): Promise<void> {
  const exits = children.map((child) => child.exitCode === null && once(child, "exit"));
  for (const child of children) child.disconnect();
  await Promise.all(exits);
}
