import { sql } from "kysely";
import { kyselyStore, kyselyTransaction, migrate } from "sallyport/kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { UserId } from "../../src/domain/ids.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import { noon, sampleEvent, sampleUser } from "../../src/testing/store/samples.ts";
import { type AnyKysely, connect, type TestDatabase } from "../support/databases.ts";
import { reachable } from "../support/required-services.ts";
import { emptyDatabase } from "./processes/empty-database.ts";

let database: TestDatabase;
let store: AuthStore;

afterEach(() => database.drop());

async function addUser(): Promise<UserId> {
  const user = sampleUser();
  await store.users.create(user);
  return user.id;
}

describe.for(reachable(["postgres", "mariadb"]))("with a second connection to %s", (kind) => {
  beforeEach(async () => {
    database = await emptyDatabase(kind);
    await migrate(database.db);
    store = kyselyStore(database.db);
  });

  test("the work that a deadlock undid is run again, and counts once", async () => {
    const [mine, theirs, ...heavy] = (await Promise.all(Array.from({ length: 12 }, addUser))) as Users;
    let rival: Rival | undefined;
    let runs = 0;
    await store.transaction(async (tx) => {
      runs++;
      expect(await tx.users.admit(mine, 0, noon(runs))).toBe(true);
      await tx.events.append([sampleEvent({ userId: mine })]);
      if (kind === "postgres") await sql`set local deadlock_timeout = 300`.execute(kyselyTransaction(tx));
      rival ??= await lockTheOtherWayRound({ mine, theirs, heavy });
      await tx.users.admit(theirs, 0, noon(runs));
    });
    await rival?.committed;
    expect(runs).toBe(2);
    expect(await store.users.find(theirs)).toMatchObject({ lastLoginAt: noon(2) });
    expect(await store.events.list({ userId: mine, limit: 10 })).toHaveLength(1);
  });

  /** Another transaction, heavy enough that the database ends ours: it has one of the users, and asks for the other. */
  async function lockTheOtherWayRound({ mine, theirs, heavy }: Collision): Promise<Rival> {
    const { promise: hasOne, resolve } = Promise.withResolvers<void>();
    const committed = database.db.transaction().execute(async (trx) => {
      if (kind === "postgres") await sql`set local deadlock_timeout = '20s'`.execute(trx);
      for (const id of [...heavy, theirs]) await touch(trx, id);
      const asking = touch(trx, mine);
      resolve();
      await asking;
    });
    await hasOne;
    return { committed };
  }

  test("a lock that is held too long is waited for again", async () => {
    const id = await addUser();
    const holder = await hold(id);
    let runs = 0;
    const waiting = store.transaction(async (tx) => {
      runs++;
      const impatient = kind === "postgres" ? null : sql`set innodb_lock_wait_timeout = 1`;
      await impatient?.execute(kyselyTransaction(tx));
      if (runs === 2) await holder.letGo();
      return tx.users.admit(id, 0, noon());
    });
    if (kind === "postgres") await holder.letGo(); // it waits without end, until told otherwise
    expect(await waiting).toBe(true);
    expect(runs).toBe(kind === "postgres" ? 1 : 2);
  });

  async function hold(id: UserId): Promise<{ letGo(): Promise<void> }> {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const { promise: held, resolve } = Promise.withResolvers<void>();
    const transaction = database.db.transaction().execute(async (trx) => {
      await touch(trx, id);
      resolve();
      await over;
    });
    await held;
    return {
      letGo: async () => {
        end();
        await transaction;
      },
    };
  }
});

describe.for(reachable(["postgres"]))("on %s with a stricter isolation", (kind) => {
  beforeEach(async () => {
    database = await emptyDatabase(kind);
    await migrate(database.db);
    store = kyselyStore(database.db);
  });

  test("work that meets a serialization failure is run again", async () => {
    const id = await addUser();
    let runs = 0;
    const admitted = await store.transaction(async (tx) => {
      if (++runs > 1) return tx.users.admit(id, 0, noon());
      // Only in a transaction of its own making can a server be brought to it.
      const trx = kyselyTransaction(tx);
      await sql`rollback`.execute(trx);
      await sql`begin isolation level repeatable read`.execute(trx);
      await tx.users.find(id); // from here on it sees the database as it is now
      await touch(database.db, id);
      return tx.users.admit(id, 0, noon());
    });
    expect([admitted, runs]).toEqual([true, 2]);
  });

  test("transactions are READ COMMITTED all the same, and a lone statement is run again", async () => {
    const id = await addUser();
    const url = new URL(database.ref.url);
    url.searchParams.set("options", "-c default_transaction_isolation=serializable");
    const db = connect({ kind, url: url.href }, 2);
    const strict = kyselyStore(db);
    const level = await strict.transaction(async (tx) => {
      await tx.users.find(id);
      return sql`show transaction_isolation`.execute(kyselyTransaction(tx));
    });
    expect(level.rows).toEqual([{ transaction_isolation: "read committed" }]);
    const answer = await whileHeld(id, () => strict.users.admit(id, 0, noon()));
    expect(answer).toBe(true);
    await db.destroy();
  });

  /** Starts the call while another transaction has changed the user, and lets that one commit once it waits. */
  async function whileHeld<T>(id: UserId, call: () => Promise<T>): Promise<T> {
    let answer: Promise<T> | undefined;
    await database.db.transaction().execute(async (trx) => {
      await touch(trx, id);
      answer = call();
      const waiting = sql`select 1 from pg_stat_activity where datname = current_database()
        and wait_event_type = 'Lock'`;
      while ((await waiting.execute(database.db)).rows.length === 0);
    });
    return answer as Promise<T>;
  }
});

type Users = [UserId, UserId, ...UserId[]];

interface Collision {
  readonly mine: UserId;
  readonly theirs: UserId;
  readonly heavy: readonly UserId[];
}

/** In an object: a promise that is returned bare would be waited for. */
interface Rival {
  readonly committed: Promise<void>;
}

/** Changes the row, and nothing that anybody would notice. */
function touch(db: AnyKysely, id: UserId): Promise<unknown> {
  return sql`update auth_users set email = concat(email, ' ') where id = ${id}`.execute(db);
}
