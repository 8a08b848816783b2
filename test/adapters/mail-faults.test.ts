// Class: half-written effects. A statement of a verb fails: the call is an error, and the rows are as they were.
import { type CompiledQuery, type Dialect, type Driver, Kysely, sql } from "kysely";
import { kyselyStore, migrate } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LeaseId } from "../../src/domain/ids.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import {
  newId,
  noon,
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleUser,
} from "../../src/testing/store/samples.ts";
import { cutoffsAt } from "../../src/testing/store/support.ts";

const TABLES = ["auth_users", "auth_sessions", "auth_email_proofs", "auth_outbox", "auth_events"];
const LEASE = newId<LeaseId>();

const user = sampleUser();
const unbound = sampleProof();
const bound = sampleProof({ userId: user.id, epoch: 0, sentAt: noon(-1) });
const expired = sampleProof({ expiresAt: noon(-1) });
const mails = [sampleMail({ dueAt: noon(-2) }), sampleMail({ dueAt: noon(-1) }), sampleMail()];
const held = sampleMail({ lease: LEASE, dueAt: noon(60_000) });
const dead = sampleMail({ deadAt: noon(-1) });

type Verb = (store: AuthStore) => Promise<unknown>;

/** Every verb that writes. What it answers while all is well is not the question here. */
const WRITES: Readonly<Record<string, Verb>> = {
  "users.verify": ({ users }) => users.verify(user.id, 0, noon()),
  "users.change": ({ users }) =>
    users.change(user.id, 0, { status: "deleting", deleteAfter: noon(9), at: noon() }),
  "users.remove": ({ users }) => users.remove(user.id, "hmac:pseudonym"),
  "proofs.open": ({ proofs }) => proofs.open(sampleProof()),
  "proofs.bind": ({ proofs }) => proofs.bind(unbound.id, user.id, 0),
  "proofs.forget": ({ proofs }) => proofs.forget(unbound.id),
  "proofs.countAttempt": ({ proofs }) => proofs.countAttempt(bound.id, { max: 5, now: noon() }),
  "proofs.take": ({ proofs }) => proofs.take(bound.id, noon()),
  "proofs.markSent": ({ proofs }) => proofs.markSent(unbound.id, noon()),
  "proofs.renew": ({ proofs }) =>
    proofs.renew(bound.purpose, bound.emailCanonical, { sentAfter: noon(-9), expiresAt: noon(9_000_000) }),
  "proofs.endAll": ({ proofs }) => proofs.endAll(user.id, { keep: [], at: noon() }),
  "outbox.put": ({ outbox }) => outbox.put([sampleMail(), sampleMail()]),
  "outbox.settle": ({ outbox }) => outbox.settle(held.id, LEASE),
  "outbox.postpone": ({ outbox }) => outbox.postpone(held.id, LEASE, noon(9)),
  "outbox.bury": ({ outbox }) => outbox.bury(held.id, LEASE, noon()),
  "outbox.revive": ({ outbox }) => outbox.revive(dead.id, noon()),
};

const READS: Readonly<Record<string, Verb>> = {
  "users.listDoomed": ({ users }) => users.listDoomed(noon(), 10),
  "sessions.listAll": ({ sessions }) => sessions.listAll(user.id, 10),
  "proofs.find": ({ proofs }) => proofs.find(bound.id, noon()),
  "outbox.oldest": ({ outbox }) => outbox.oldest(noon()),
  "outbox.listDead": ({ outbox }) => outbox.listDead({ limit: 10 }),
};

/** The statements that one of ours may fail at. */
const OURS = /^(?:select|insert|update|delete) /;

interface Faults {
  /** Only the n-th statement from now on fails. */
  failAt(n: number): void;
  readonly seen: () => number;
}

let db: Kysely<unknown>;
let store: AuthStore;
let faults: Faults;

beforeEach(async () => {
  const made = faultyDialect();
  faults = made;
  db = new Kysely<unknown>({ dialect: made.dialect });
  await migrate(db);
  store = kyselyStore(db);
  await store.users.create(user);
  await store.sessions.create(sampleSession({ userId: user.id }));
  for (const proof of [unbound, bound, expired]) await store.proofs.open(proof);
  await store.outbox.put([...mails, held, dead]);
  await store.events.append([sampleEvent({ userId: user.id })]);
});
afterEach(() => db.destroy());

function faultyDialect(): Faults & { readonly dialect: Dialect } {
  const dialect = nodeSqliteDialect(":memory:");
  let countdown = Number.POSITIVE_INFINITY;
  let count = 0;
  const createDriver = (): Driver => {
    const driver = dialect.createDriver();
    const acquireConnection: Driver["acquireConnection"] = async () => {
      const connection = await driver.acquireConnection();
      const executeQuery = async <Row>(query: CompiledQuery) => {
        if (OURS.test(query.sql)) {
          count++;
          if (--countdown === 0) throw new TypeError("disk I/O error");
        }
        return connection.executeQuery<Row>(query);
      };
      return { ...connection, executeQuery };
    };
    return { ...driver, acquireConnection };
  };
  return {
    dialect: { ...dialect, createDriver },
    seen: () => count,
    failAt: (n) => {
      count = 0;
      countdown = n;
    },
  };
}

async function rows(): Promise<unknown> {
  const all = [];
  for (const table of TABLES) all.push((await sql`select * from ${sql.table(table)}`.execute(db)).rows);
  return all;
}

/** Fails at each statement in turn, up to the run that meets no fault. */
async function failAtEach(verb: Verb, check: () => Promise<void>): Promise<number> {
  for (let at = 1; ; at++) {
    faults.failAt(at);
    const outcome = await verb(store).then(
      () => "fulfilled",
      (error) => error.code,
    );
    const wasReached = faults.seen() >= at;
    faults.failAt(Number.POSITIVE_INFINITY);
    if (!wasReached) {
      expect(outcome).toBe("fulfilled");
      return at - 1;
    }
    expect({ at, outcome }).toEqual({ at, outcome: "unavailable" });
    await check();
  }
}

describe.each(Object.entries(WRITES))("%s", (_name, verb) => {
  test("changes nothing when one of its statements fails, and works again", async () => {
    const before = await rows();
    const statements = await failAtEach(verb, async () => expect(await rows()).toEqual(before));
    expect(statements).toBeGreaterThan(0);
    expect(await rows()).not.toEqual(before);
  });

  test("is undone with its transaction", async () => {
    const before = await rows();
    const failing = store.transaction(async (tx) => {
      await verb(tx);
      throw new TypeError("after all");
    });
    await expect(failing).rejects.toThrow("after all");
    expect(await rows()).toEqual(before);
  });
});

test.each(Object.entries(READS))("%s that fails is an error, never an empty answer", async (_name, verb) => {
  const statements = await failAtEach(verb, async () => undefined);
  expect(statements).toBe(1);
});

test("a claim that fails loses no mail: what it claimed is due again when the claim runs out", async () => {
  const lease = newId<LeaseId>();
  const claim = { audience: "sallyport", now: noon(), until: noon(60_000), limit: 10, lease };
  const isWhole = async (): Promise<void> => {
    const { rows: found } = await sql<{ id: string; due_at: number }>`select id, due_at from auth_outbox
      where dead_at is null and id <> ${held.id}`.execute(db);
    expect(found.map(({ id }) => id).sort()).toEqual(mails.map(({ id }) => id).sort());
    const dues = [...mails.map(({ dueAt }) => dueAt.getTime()), claim.until.getTime()];
    for (const { due_at } of found) expect(dues).toContain(due_at);
  };
  const statements = await failAtEach((tx) => tx.outbox.claim(claim), isWhole);
  expect(statements).toBeGreaterThan(1);
  const again = { ...claim, now: claim.until, until: noon(120_000), lease: newId<LeaseId>() };
  const ids = (await store.outbox.claim(again)).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(mails.map(({ id }) => id)));
});

test("a purge that fails deletes only what is dead, and the next one goes on", async () => {
  const cutoffs = cutoffsAt(noon(), { eventsBefore: noon(-60_000) });
  await failAtEach(
    (whole) => whole.purge(cutoffs, 10),
    async () => {
      expect(await store.proofs.find(bound.id, noon())).toEqual(bound);
      expect(await store.outbox.oldest(noon())).toEqual(noon(-2));
    },
  );
  expect(await store.purge(cutoffs, 10)).toEqual({ deleted: 0, more: false });
  expect(await store.outbox.listDead({ limit: 10 })).toEqual([]);
});
