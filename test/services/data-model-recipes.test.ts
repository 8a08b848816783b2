import { sql } from "kysely";
import { kyselyStore, migrate } from "sallyport/kysely";
import { afterEach, describe, expect, test } from "vitest";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import {
  noon,
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleToken,
  sampleUser,
} from "../../src/testing/store/samples.ts";
import { cutoffsAt } from "../../src/testing/store/support.ts";
import { codeBlock, readPage } from "../docs/support/pages.ts";
import { createDatabase, type TestDatabase } from "../support/databases.ts";
import { reachable } from "../support/required-services.ts";

// What docs/data-model.md tells an operator to run is run here, as it stands there.
const PAGE = "docs/data-model.md";

/** How far the clock of a database may be from ours. A wrong time zone is further away. */
const CLOCKS_APART_MS = 60_000;

let database: TestDatabase | undefined;
afterEach(() => database?.drop());

async function freshStore(kind: "postgres" | "mariadb"): Promise<AuthStore> {
  database = await createDatabase(kind);
  await migrate(database.db);
  return kyselyStore(database.db);
}

/** On one connection: some of it begins and commits. */
async function run(text: string): Promise<void> {
  const statements = text.replaceAll(/--.*$/gm, "").split(";");
  await database?.db.connection().execute(async (connection) => {
    for (const statement of statements.filter((one) => one.trim() !== "")) {
      await sql.raw(statement).execute(connection);
    }
  });
}

describe.each(reachable(["postgres"]))("%s", (kind) => {
  test("the log goes on in partitions by month, and a month is dropped at once", async () => {
    const store = await freshStore(kind as "postgres");
    const user = sampleUser();
    await store.users.create(user);
    const before = sampleEvent({ userId: user.id });
    await store.events.append([before]);
    await run(codeBlock(PAGE, "sql", "partition by range"));

    const [january, february] = ["2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00.000Z"].map((at) =>
      sampleEvent({ userId: user.id, occurredAt: new Date(at) }),
    ) as [typeof before, typeof before];
    await store.events.append([january, february]);
    expect(await store.events.list({ userId: user.id, limit: 10 })).toEqual([february, january, before]);
    expect(await rowsIn("auth_events_before_2026_02")).toBe(2);
    expect(await rowsIn("auth_events_2026_02")).toBe(1);
    const cutoffs = cutoffsAt(noon(), { eventsBefore: january.occurredAt });
    expect(await store.purge(cutoffs, 10)).toEqual({ deleted: 1, more: false, ahead: 2 });

    await run("drop table auth_events_before_2026_02");
    expect(await store.events.list({ userId: user.id, limit: 10 })).toEqual([february]);
    expect(await store.users.remove(user.id, "hmac:pseudonym")).toBe(true);
    expect(await rowsIn("auth_events")).toBe(1);
  });

  test("the bounds of the partitions are computed as the page says", async () => {
    database = await createDatabase(kind);
    const { rows } = await sql.raw<{ lpad: string }>(codeBlock(PAGE, "sql", "to_hex")).execute(database.db);
    expect(rows[0]?.lpad).toBe("019c167fcc00");
    expect(codeBlock(PAGE, "sql", "partition by range")).toContain("'019c167f-cc00-0000-0000-000000000000'");
  });
});

describe.each(reachable(["postgres", "mariadb"]))("%s", (kind) => {
  test("after a restore every session, one-time token, proof and mail can be ended", async () => {
    const store = await freshStore(kind as "postgres");
    const user = sampleUser();
    await store.users.create(user);
    const session = sampleSession({ userId: user.id });
    const token = sampleToken({ userId: user.id });
    await store.sessions.create(session);
    await store.tokens.issue(token);
    const proof = sampleProof({ userId: user.id, epoch: 0 });
    await store.proofs.open(proof);
    await store.outbox.put([sampleMail()]);

    const restore = codeBlock(PAGE, "sql", "restored");
    const forMysql = /On MySQL and MariaDB the time is `([^`]+)`/.exec(readPage(PAGE))?.[1] as string;
    const began = Date.now();
    await run(kind === "postgres" ? restore : restore.replace("now()", forMysql));
    const ended = Date.now();
    const found = await store.sessions.find(session.id);
    expect(found?.session.revokeReason).toBe("restored");
    const revokedAt = found?.session.revokedAt?.getTime();
    expect(revokedAt).toBeGreaterThan(began - CLOCKS_APART_MS);
    expect(revokedAt).toBeLessThan(ended + CLOCKS_APART_MS);
    expect(await store.tokens.find(token.purpose, token.hash, noon())).toBeNull();
    expect(await store.proofs.find(proof.id, noon())).toBeNull();
    expect(await store.outbox.oldest(noon())).toBeNull();
  });
});

async function rowsIn(table: string): Promise<number> {
  const { rows } = await sql<{ rows: unknown }>`select count(*) as rows from ${sql.table(table)}`.execute(
    (database as TestDatabase).db,
  );
  return Number(rows[0]?.rows);
}
