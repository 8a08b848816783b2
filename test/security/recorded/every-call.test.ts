// Class: a call that leaves no trace, or a trace without its address. Each call of `Auth`, and each way in which it ends.
import { type Auth, type AuthEvent, type AuthStore, memoryStore } from "sallyport";
import { describe, expect, expectTypeOf, test } from "vitest";
import { EVENTS, FAILURE_REASONS } from "../../../src/domain/vocabulary.ts";
import type { CallsOf } from "../../support/calls-of.ts";
import { codeOf, STORES } from "../../support/harness.ts";
import { accountRows } from "./account.ts";
import { operatorRows } from "./operators.ts";
import { proofRows } from "./proofs.ts";
import { sessionRows } from "./sessions.ts";
import { eventOf, type Rows, type Stage, type Staged, stageOf, type Try } from "./stage.ts";

const TABLE: Rows<CallsOf<Auth>> = { ...accountRows, ...proofRows, ...sessionRows, ...operatorRows };

test("a call without a row does not compile", () => {
  const { jwks: _jwks, ...rest } = TABLE;
  // @ts-expect-error: `jwks` has no row
  const withoutOne: typeof TABLE = rest;
  expect(Object.keys(withoutOne)).not.toContain("jwks");
  type Grown = Auth & { readonly totp: { begin(): Promise<void> } };
  expectTypeOf<CallsOf<Grown>>().toEqualTypeOf<CallsOf<Auth> | "totp.begin">();
});

interface Named extends Try {
  readonly name: string;
}

const TRIES: readonly Named[] = Object.entries(TABLE).flatMap(([name, row]) =>
  row.map((tried) => ({ name, ...tried })),
);

/** Handlers of `onEvent` run after the call, in the same turn of the event loop. */
const told = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function prepared(store: AuthStore, tried: Try): Promise<Staged> {
  const staged = await stageOf(store, tried);
  await tried.prepare?.(staged.stage);
  await told();
  staged.stage.sink.clear();
  return staged;
}

interface Ended {
  readonly code: string;
  readonly result: unknown;
}

async function run({ stage }: Staged, { call }: Try): Promise<Ended> {
  let result: unknown;
  const code = await codeOf(
    Promise.resolve(stage)
      .then(call)
      .then((value) => {
        result = value;
      }),
  );
  await told();
  return { code, result };
}

async function expectStored({ store }: Stage, events: readonly AuthEvent[]): Promise<void> {
  for (const event of events) {
    const { userId } = event;
    if (userId) expect(await store.events.list({ userId, limit: 100 })).toContainEqual(event);
  }
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(TRIES)("$name by $by", async (tried) => {
    const staged = await prepared(makeStore(), tried);
    const { stage } = staged;
    const { code, result } = await run(staged, tried);
    expect(code).toBe(tried.ends ?? "fulfilled");
    const expected = tried.leaves ? [eventOf(stage, tried.leaves(stage, result))] : [];
    expect(stage.sink.events).toEqual(expected);
    await expectStored(stage, stage.sink.events);
  });

  test("onEvent is told nothing of what was rolled back", async () => {
    const rolledBack = new Set<string>();
    for (const tried of TRIES) {
      const staged = await prepared(makeStore(), tried);
      const { sink } = staged.stage;
      const commits = staged.breakCommits();
      await run(staged, tried);
      if (commits() === 0) continue;
      rolledBack.add(tried.name);
      expect(sink.events.filter(({ outcome }) => outcome !== "failure")).toEqual([]);
      await expectStored(staged.stage, sink.events);
    }
    const recorded = TRIES.filter(({ leaves }) => leaves).map(({ name }) => name);
    expect(rolledBack).toEqual(new Set(recorded.filter((name) => name !== "events.recordCrossSite")));
  });
});

test("the table has every outcome of every event, and every reason of the core", async () => {
  const outcomes = new Set<string>();
  const reasons = new Set<string>();
  for (const tried of TRIES) {
    const staged = await prepared(memoryStore(), tried);
    await run(staged, tried);
    for (const { type, outcome, reason } of staged.stage.sink.events) {
      outcomes.add(`${type}: ${outcome}`);
      reasons.add(reason ?? "");
    }
  }
  const every = Object.entries(EVENTS).flatMap(([type, ends]) =>
    ends.map((outcome) => `${type}: ${outcome}`),
  );
  // No call of a user: a shared limiter fails, and comes back.
  expect(outcomes).toEqual(new Set(every.filter((line) => !line.startsWith("limiter_fallback"))));
  // Only features answer challenges.
  const ofAnswers = /^(?:wrong_code|challenge_|attempts_)/;
  for (const reason of Object.keys(FAILURE_REASONS).filter((word) => !ofAnswers.test(word))) {
    expect(reasons).toContain(reason);
  }
});
