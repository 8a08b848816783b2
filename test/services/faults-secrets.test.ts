// Class: secrets in errors (PostgreSQL's `detail` and mysql2's `sql` quote the values of a statement).
import { inspect } from "node:util";
import { sql } from "kysely";
import { kyselyStore, migrate } from "sallyport/kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isAuthError } from "../../src/errors.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import {
  newId,
  noon,
  sampleCredential,
  sampleEvent,
  sampleSession,
  sampleToken,
  sampleUser,
} from "../../src/testing/store/samples.ts";
import type { TestDatabase } from "../support/databases.ts";
import { reachable } from "../support/required-services.ts";
import { emptyDatabase } from "./processes/empty-database.ts";

const PLANTED = "planted-7d1f";
const LONG = `${PLANTED}${"x".repeat(100_000)}`;

/** Calls that a database refuses, each with a value that nobody may read in the error. */
const REFUSED: Readonly<Record<string, (store: AuthStore) => Promise<unknown>>> = {
  "an id that is taken": async (store) => {
    const user = await addUser(store);
    return store.users.create({ ...user, email: PLANTED, emailCanonical: PLANTED });
  },
  "a credential's id that is taken": async (store) => {
    const credential = sampleCredential({ userId: (await addUser(store)).id });
    await store.credentials.add(credential);
    return store.credentials.add({ ...credential, identifier: PLANTED, data: PLANTED });
  },
  "a token's hash that is taken": async (store) => {
    const token = sampleToken({ userId: (await addUser(store)).id, hash: `${PLANTED}${newId()}` });
    await store.tokens.issue(token);
    return store.tokens.issue(token);
  },
  "an owner who does not exist": (store) =>
    store.credentials.add(sampleCredential({ userId: newId(), data: PLANTED, identifier: PLANTED })),
  "a session of nobody": (store) =>
    store.sessions.create(sampleSession({ userId: newId(), userAgent: PLANTED })),
  "no number where one is due": async (store) =>
    store.users.create(sampleUser({ epoch: PLANTED as never, email: PLANTED })),
  "nothing where something is due": (store) =>
    store.users.create(sampleUser({ email: PLANTED, emailCanonical: null as never })),
  "a number that is too great": async (store) =>
    store.users.create(sampleUser({ epoch: 2 ** 70, email: PLANTED, emailCanonical: `${PLANTED}@b.c` })),
  "no id where one is due": (store) => store.sessions.create(sampleSession({ userId: PLANTED as never })),
  "a text that is too long": (store) =>
    store.users.create(sampleUser({ emailCanonical: LONG, email: LONG, status: LONG as never })),
  "a text that cannot be stored": (store) =>
    store.events.append([sampleEvent({ userAgent: `${PLANTED}\0\ud800` })]),
  "no date": (store) =>
    store.users.create(
      sampleUser({ createdAt: { getTime: () => PLANTED, toISOString: () => PLANTED } as never }),
    ),
};

async function addUser(store: AuthStore) {
  const user = sampleUser();
  await store.users.create(user);
  return user;
}

describe.for(reachable())("what %s says of a value it refuses", (kind) => {
  let database: TestDatabase;
  let store: AuthStore;

  beforeAll(async () => {
    database = await emptyDatabase(kind);
    await migrate(database.db);
    store = kyselyStore(database.db);
  });
  afterAll(() => database.drop());

  test.for(Object.entries(REFUSED))("%s: no error holds it", async ([, call]) => {
    expectSilent(await errorOf(call(store)));
    expectSilent(await errorOf(store.transaction(call)));
  });

  test("a statement that the table does not suit any more: no error holds its values", async () => {
    await sql`alter table auth_events rename to away`.execute(database.db);
    const event = sampleEvent({ userAgent: PLANTED, occurredAt: noon() });
    const error = await errorOf(store.events.append([event]));
    await sql`alter table away rename to auth_events`.execute(database.db);
    expect(error).toMatchObject({ code: "unavailable" });
    expectSilent(error);
  });
});

/** Null: this database takes the value. */
async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error) => error,
  );
}

function expectSilent(error: unknown): void {
  if (error === null) return;
  expect(isAuthError(error) && error.code).toBeOneOf(["unavailable", "internal_error"]);
  const { cause, stack } = error as Error;
  const causeStack = cause instanceof Error ? cause.stack : "";
  const told = [
    inspect(error, { depth: null, showHidden: true }),
    JSON.stringify([error, cause]),
    stack,
    causeStack,
  ].join();
  expect(told).not.toContain(PLANTED);
  expect(told).not.toMatch(/insert into|\$argon2id|1180591620717411303424|1\.18/i);
}
