import { type AddressInfo, connect as connectTo, createServer, type Server } from "node:net";
import { type Kysely, sql } from "kysely";
import { kyselyStore, kyselyTransaction, migrate } from "sallyport/kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import { noon, sampleSession, sampleUser } from "../../src/testing/store/samples.ts";
import { type AnyKysely, connect, type TestDatabase } from "../support/databases.ts";
import { reachable } from "../support/required-services.ts";
import { emptyDatabase } from "./processes/empty-database.ts";

const UNAVAILABLE = { code: "unavailable" };

let database: TestDatabase;
let others: AnyKysely[] = [];

afterEach(async () => {
  await Promise.all(others.map((db) => db.destroy()));
  others = [];
  await database.drop();
});

function poolOf(url: string, connections: number): AnyKysely {
  const db = connect({ ...database.ref, url }, connections);
  others.push(db);
  return db;
}

describe.for(reachable(["postgres", "mariadb"]))("the server of %s", (kind) => {
  beforeEach(async () => {
    database = await emptyDatabase(kind);
    await migrate(database.db);
  });

  test("is not there: each call is unavailable, until it is there", async () => {
    const port = await freePort();
    const url = Object.assign(new URL(database.ref.url), { port }).href;
    const store = kyselyStore(poolOf(url, 2));
    await expect(store.users.create(sampleUser())).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.transaction(async () => {})).rejects.toMatchObject(UNAVAILABLE);
    const server = await forward(port, new URL(database.ref.url));
    expect(await store.users.create(sampleUser())).toBe(true);
    server.close();
  });

  test("ends a connection between two verbs: the transaction leaves nothing, and the next one works", async () => {
    const store = kyselyStore(poolOf(database.ref.url, 1));
    const user = sampleUser();
    const broken = store.transaction(async (tx) => {
      await tx.users.create(user);
      await endConnection(kyselyTransaction(tx));
      await tx.sessions.create(sampleSession({ userId: user.id }));
    });
    await expect(broken).rejects.toMatchObject(UNAVAILABLE);
    expect(await store.users.find(user.id)).toBeNull();
    expect(await store.users.create(user)).toBe(true);
  });

  test("ends a connection before the commit: that is no success", async () => {
    const store = kyselyStore(poolOf(database.ref.url, 1));
    const user = sampleUser();
    const broken = store.transaction(async (tx) => {
      await tx.users.create(user);
      await endConnection(kyselyTransaction(tx));
    });
    await expect(broken).rejects.toMatchObject(UNAVAILABLE);
    expect(await kyselyStore(database.db).users.find(user.id)).toBeNull();
  });

  test("ends the idle connections: the pool gets new ones by itself", async () => {
    const pool = poolOf(database.ref.url, 1);
    const store = kyselyStore(pool);
    await store.users.find(sampleUser().id);
    await endConnection(pool);
    const answers = await Promise.allSettled([1, 2].map(() => store.users.create(sampleUser())));
    for (const answer of answers) {
      if (answer.status === "rejected") expect(answer.reason).toMatchObject(UNAVAILABLE);
    }
    expect(await store.users.create(sampleUser())).toBe(true);
  });

  async function endConnection(victim: Kysely<unknown>): Promise<void> {
    const id = kind === "postgres" ? sql`pg_backend_pid()` : sql`connection_id()`;
    const [row] = (await sql<{ id: number }>`select ${id} as id`.execute(victim)).rows;
    const kill = kind === "postgres" ? sql`select pg_terminate_backend(${row?.id})` : sql`kill ${row?.id}`;
    await kill.execute(database.db);
  }
});

describe.for(reachable())("every connection to %s is taken", (kind) => {
  const isServer = kind === "postgres" || kind === "mariadb";
  let pool: AnyKysely;
  let store: AuthStore;
  let giveBack: () => Promise<unknown>;

  beforeEach(async () => {
    database = await emptyDatabase(kind);
    pool = isServer ? poolOf(database.ref.url, 2) : database.db;
    await migrate(pool);
    store = kyselyStore(pool, { maxWaitMs: 1_000 });
    await store.users.find(sampleUser().id);
    giveBack = await takeConnections(pool, isServer ? 2 : 1);
  });

  test("calls end in unavailable, and what comes free later is given back unused", async () => {
    const [alone, inTransaction] = [sampleUser(), sampleUser()];
    let runs = 0;
    const inside = store.transaction((tx) => {
      runs++;
      return tx.users.create(inTransaction);
    });
    const expected = { ...UNAVAILABLE, cause: { message: expect.stringContaining("1000 ms") } };
    await Promise.all([
      expect(store.users.create(alone)).rejects.toMatchObject(expected),
      expect(inside).rejects.toMatchObject(expected),
    ]);
    await giveBack();
    expect(await store.users.find(alone.id)).toBeNull();
    expect(await store.users.find(inTransaction.id)).toBeNull();
    expect(runs).toBe(0);
    expect(await store.users.create(alone)).toBe(true);
    expect(await store.users.admit(alone.id, 0, noon())).toBe(true);
  });
});

/** Holds so many connections; what gives them all back. */
async function takeConnections(db: AnyKysely, count: number): Promise<() => Promise<unknown>> {
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  const taken = Array.from({ length: count }, () => {
    const arrived = Promise.withResolvers<void>();
    const held = db.connection().execute(() => {
      arrived.resolve();
      return letGo;
    });
    return { arrived: arrived.promise, held };
  });
  await Promise.all(taken.map(({ arrived }) => arrived));
  return () => {
    resolve();
    return Promise.all(taken.map(({ held }) => held));
  };
}

async function freePort(): Promise<string> {
  const server = await listen(createServer(), 0);
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return String(port);
}

/** A server that comes up on this port: the real one, through a pipe. */
function forward(port: string, { hostname, port: target }: URL): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connectTo(Number(target), hostname);
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  return listen(server, Number(port));
}

function listen(server: Server, port: number): Promise<Server> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}
