// Class: a call that leaves no trace, or a trace without its address. Each call of `Auth`, and each way in which it ends.
import { type Auth, type AuthStore, memoryStore, type PurgeCutoffs } from "sallyport";
import { describe, expect, expectTypeOf, test } from "vitest";
import { EVENTS } from "../../../src/domain/vocabulary.ts";
import { codeSpans, section, tableRows } from "../../docs/support/pages.ts";
import type { CallsOf } from "../../support/calls-of.ts";
import { codeOf, STORES } from "../../support/harness.ts";
import { accountRows } from "./account.ts";
import { mailRows } from "./mail.ts";
import { operatorRows } from "./operators.ts";
import { proofRows } from "./proofs.ts";
import { sessionRows } from "./sessions.ts";
import { eventOf, type Rows, type Stage, type Staged, stageOf, type Try } from "./stage.ts";

const TABLE: Rows<CallsOf<Auth>> = {
  ...accountRows,
  ...proofRows,
  ...sessionRows,
  ...operatorRows,
  ...mailRows,
};

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

/** What commits, and leaves an event. */
const SUCCESSES = TRIES.filter(({ leaves, ends }) => leaves && !ends);

/** Handlers of `onEvent` run after the call, in the same turn of the event loop. */
const told = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const START = new Date(0);
const ALL_EVENTS: PurgeCutoffs = {
  now: START,
  endedSessionsBefore: START,
  deadMailBefore: START,
  eventsBefore: new Date("2999-01-01"),
};

/** Counts the events of the store, those of no user too, and deletes them. */
async function takeEvents({ store }: Stage): Promise<number> {
  return (await store.purge(ALL_EVENTS, 1_000)).deleted;
}

async function prepared(store: AuthStore, tried: Try): Promise<Staged> {
  const staged = await stageOf(store, tried);
  await tried.prepare?.(staged.stage);
  await told();
  await takeEvents(staged.stage);
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

/** Each event that was told is stored, and no other. */
async function expectStored({ store, ...stage }: Stage, { besides = 0 }: Try): Promise<void> {
  const { events } = stage.sink;
  for (const event of events) {
    const { userId } = event;
    if (userId) expect(await store.events.list({ userId, limit: 100 })).toContainEqual(event);
  }
  expect(await takeEvents({ store, ...stage })).toBe(events.length + besides);
}

async function expectItsEvent(staged: Staged, tried: Try): Promise<void> {
  const { stage } = staged;
  const { code, result } = await run(staged, tried);
  expect(code).toBe(tried.ends ?? "fulfilled");
  const said = [tried.leaves?.(stage, result), tried.leavesToo?.(stage)].filter((one) => one !== undefined);
  expect(stage.sink.events).toEqual(said.map((one) => eventOf(stage, one)));
  await expectStored(stage, tried);
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test.each(TRIES)("$name by $by", async (tried) => {
    const staged = await prepared(makeStore(), tried);
    staged.breakVerb(tried.fails);
    await expectItsEvent(staged, tried);
  });

  test("a transaction that runs again leaves one event, and onEvent is told once", async () => {
    for (const tried of SUCCESSES) {
      const staged = await prepared(makeStore(), tried);
      staged.rerunTransactions();
      await expectItsEvent(staged, tried);
    }
  });

  test("onEvent is told nothing of what was rolled back", async () => {
    const rolledBack = new Set<string>();
    for (const tried of SUCCESSES) {
      const staged = await prepared(makeStore(), tried);
      const { sink } = staged.stage;
      const commits = staged.breakVerb("commit");
      await run(staged, tried);
      if (commits() === 0) continue;
      rolledBack.add(tried.name);
      expect(sink.events.filter(({ outcome }) => outcome !== "failure")).toEqual([]);
      await expectStored(staged.stage, tried);
    }
    const recorded = TRIES.filter(({ leaves }) => leaves).map(({ name }) => name);
    expect(rolledBack).toEqual(new Set(recorded.filter((name) => !CHANGE_NOTHING.has(name))));
  });
});

/** Their events are those of refusals. */
const CHANGE_NOTHING: ReadonlySet<string> = new Set([
  "events.recordCrossSite",
  "getUser",
  "sessions.list",
  "events.list",
]);

test("onEvent is told nothing that was not stored", async () => {
  for (const tried of TRIES) {
    const staged = await prepared(memoryStore(), tried);
    const appends = staged.breakVerb("events.append");
    const { code } = await run(staged, tried);
    expect(staged.stage.sink.events).toEqual([]);
    expect(code === "fulfilled" && appends() > 0).toBe(false);
    expect(await takeEvents(staged.stage)).toBe(tried.besides ?? 0);
  }
});

test("the table has every outcome of every event, with every reason that the page of the errors lists", async () => {
  const seen = new Set<string>();
  for (const tried of TRIES) {
    const staged = await prepared(memoryStore(), tried);
    staged.breakVerb(tried.fails);
    await run(staged, tried);
    for (const { type, outcome, reason } of staged.stage.sink.events)
      seen.add(`${type}: ${outcome}: ${reason ?? "-"}`);
  }
  const every = Object.entries(EVENTS).flatMap(([type, ends]) =>
    ends.map((outcome) => `${type}: ${outcome}`),
  );
  const outcomes = new Set([...seen].map((line) => line.split(": ").slice(0, 2).join(": ")));
  // No call of a user: a shared limiter fails, and comes back; a table of the limiter fills, and empties.
  expect(outcomes).toEqual(new Set(every.filter((line) => !line.startsWith("limiter_"))));
  expect(documented().filter((line) => !seen.has(line))).toEqual([]);
});

/** Only features answer challenges. */
const OF_ANSWERS = /: (?:wrong_code|challenge_\w+|attempts_used_up)$/;

/** What docs/errors.md says that an event may have as its reason, line by line. */
function documented(): readonly string[] {
  const rows = tableRows(section("docs/errors.md", "Reasons in events"));
  const lines = rows.flatMap(([types = "", outcome = "", reasons = ""]) =>
    codeSpans(types).flatMap((type) =>
      codeSpans(reasons).map((reason) => `${type}: ${codeSpans(outcome)[0]}: ${reason}`),
    ),
  );
  expect(lines.length).toBeGreaterThan(40);
  return lines.filter((line) => !line.startsWith("limiter_") && !OF_ANSWERS.test(line));
}
