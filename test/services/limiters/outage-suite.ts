// G4, G7: a limiter that cannot count lets nobody pass, keeps nobody waiting, and needs nobody to restart it.
import { setTimeout as pause } from "node:timers/promises";
import type { FlexibleRateLimiterOptions } from "sallyport/rate-limiter";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RateLimiter } from "../../../src/ports/rate-limiter.ts";
import { GUESSED, GUESSES, type Guarded, guardedBy, type Load, offerLogins } from "./load.ts";

/** A server that a test may stop as it likes. */
interface OwnServer {
  start(): Promise<void>;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  remove(): Promise<void>;
}

/** A limiter on a client of its own. */
interface LimiterOnOwn {
  readonly limiter: RateLimiter;
  readonly calls: Calls;
  close(): Promise<void>;
}

/** What reaches the backend. */
export interface Calls {
  started: number;
  pending: number;
}

export interface Outages {
  prepare(): Promise<OwnServer>;
  connect(server: OwnServer, options?: FlexibleRateLimiterOptions): LimiterOnOwn;
}

export function outageSuite({ prepare, connect }: Outages): void {
  let server: OwnServer;
  let on: LimiterOnOwn | undefined;
  beforeAll(async () => {
    server = await prepare();
  });
  afterAll(async () => {
    await on?.close();
    await server?.remove();
  });
  const guard = async (
    options?: FlexibleRateLimiterOptions,
  ): Promise<Guarded & Pick<LimiterOnOwn, "calls">> => {
    await on?.close();
    on = connect(server, options);
    return { ...(await guardedBy(on.limiter)), calls: on.calls };
  };

  test("stopped, started, paused and continued under load: nothing passes uncounted, nobody waits", async () => {
    await server.start();
    const { auth, calls, errors, ...guarded } = await guard();
    const load = offerLogins(auth);
    await load.until("signed_in", 100);
    await server.kill();
    await outage(load, calls);
    await server.start();
    await load.until("signed_in", 100);
    server.pause();
    await outage(load, calls);
    server.resume();
    await load.until("signed_in", 100);
    await load.stop();

    expect(Object.keys(load.ends).sort()).toEqual([
      "invalid_credentials",
      "rate_limited",
      "signed_in",
      "unavailable",
    ]);
    expect(guarded.hashed()).toBeLessThanOrEqual(await guarded.counted());
    expect(Math.max(...GUESSED.map(guarded.guessedAt))).toBeLessThanOrEqual(GUESSES);
    expect(new Set(errors.map((error) => causeOf(error) !== undefined))).toEqual(new Set([true]));
    await expect.poll(() => calls.pending).toBe(0);
  });

  test("away when the process starts: nothing passes, and it is used as soon as it is there", async () => {
    await server.kill();
    const { auth, ...guarded } = await guard();
    const load = offerLogins(auth);
    await load.until("unavailable", 100);
    await load.answered();
    expect(guarded.hashed()).toBe(0);
    await server.start();
    await load.until("signed_in", 100);
    await load.stop();
  });

  test('away, with "local": each account has its share of the points, and no more', async () => {
    await server.kill();
    const { auth, outages, guessedAt } = await guard({ onUnavailable: "local" });
    const load = offerLogins(auth);
    await load.until("signed_in", 100);
    await load.until("rate_limited", 100);
    await load.stop();
    expect(Object.keys(load.ends).sort()).toEqual(["invalid_credentials", "rate_limited", "signed_in"]);
    expect(new Set(GUESSED.map(guessedAt))).toEqual(new Set([Math.floor(GUESSES / 4)]));
    expect(outages).toEqual([{ phase: "began", cause: expect.any(Error) }]);
  });
}

/**
 * Long enough to see that one call a second tries whether it is over, and no more. Every login has its answer
 * before the server is back: none waits for it. How long one may wait is asked of a fake clock.
 */
async function outage(load: Load, calls: Calls): Promise<void> {
  await load.until("unavailable", 300);
  const before = { started: calls.started, at: performance.now() };
  await pause(3000);
  const seconds = (performance.now() - before.at) / 1000;
  expect(calls.started - before.started).toBeLessThanOrEqual(Math.floor(seconds) + 1);
  await load.answered();
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
