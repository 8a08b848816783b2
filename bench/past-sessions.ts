import { join } from "node:path";
import type { AuthStore, Session } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { sqliteStore } from "sallyport/sqlite";
import { createIdSource, type SessionId } from "../src/domain/ids.ts";
import { accessToken, benchAuth, CLIENT, freeHasher, PASSWORD, withFolder } from "./fixtures.ts";
import { type Comparison, compare, type Work } from "./measure.ts";
import { atMost, type Row } from "./report.ts";
import { SERVERS, withDatabase } from "./scale/server.ts";

const GROUP = "login, by what its user left behind";
const LEFT = 1_000;
const LOGINS = 4;
/** Few enough for the bound on a transaction. */
const CHUNK = 100;
const DAY = 86_400_000;

/** What ended sessions cost the next login of their user, on each database. The hash is free. */
export async function pastSessionsRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const rows: Row[] = [];
  await withFolder(async (folder) => {
    rows.push(...(await rowsOn("SQLite", sqliteStore(join(folder, "auth.db")), quick)));
  });
  for (const server of SERVERS) {
    if (process.env[server.variable])
      await withDatabase(server, async ({ db }) => {
        await migrate(db);
        rows.push(...(await rowsOn(server.name, kyselyStore(db), quick)));
      });
    else console.error(`${GROUP}, on ${server.name}: not measured, ${server.variable} is not set.`);
  }
  return rows;
}

async function rowsOn(database: string, store: AuthStore, quick: boolean): Promise<readonly Row[]> {
  const now = Date.now();
  const revoked = { revokedAt: new Date(now - DAY), revokeReason: "logout" };
  const expired = { idleExpiresAt: new Date(now - 2 * DAY), expiresAt: new Date(now - DAY) };
  const users = quick ? 5 : 10;
  const none = await loginsAfter({ name: "nothing", store, users, left: [] });
  const subjects = [
    await loginsAfter({ name: `${LEFT} logouts`, store, users, left: Array(LEFT).fill(revoked) }),
    await loginsAfter({ name: `${LEFT} expired sessions`, store, users, left: Array(LEFT).fill(expired) }),
  ];
  const results = await compare(none, subjects, quick ? 3 : 11);
  await store.close();
  return results.map((result) => toRow(database, result));
}

interface Past {
  readonly name: string;
  readonly store: AuthStore;
  readonly users: number;
  /** What each of the users left behind. */
  readonly left: readonly Partial<Session>[];
}

/** A few logins of each user. */
async function loginsAfter({ name, store, users, left }: Past): Promise<Work> {
  const auth = benchAuth(store, { password: { hasher: freeHasher } });
  const newId = createIdSource();
  const emails: string[] = [];
  for (let user = 0; user < users; user++) {
    const email = `after-${name.replaceAll(/\W/g, "-")}-${user}@example.com`;
    const signup = await auth.signup({ email, password: PASSWORD }, CLIENT);
    if (signup.status !== "signed_in") throw new Error("Nobody asked for a challenge.");
    const record = await store.sessions.find(signup.session.id);
    if (!record) throw new Error("The signup stored its session.");
    for (let from = 0; from < left.length; from += CHUNK)
      await store.transaction(async (tx) => {
        for (const given of left.slice(from, from + CHUNK))
          await tx.sessions.create({ ...record.session, ...given, id: newId<SessionId>(new Date()) });
      });
    emails.push(email);
  }
  const tokens: string[] = [];
  return {
    name,
    operations: users * LOGINS,
    // The baseline runs more often, and would have more live sessions.
    prepare: async () => {
      for (const token of tokens.splice(0)) await auth.logout(token, CLIENT);
    },
    run: async () => {
      for (let login = 0; login < LOGINS; login++)
        for (const email of emails) tokens.push(await accessToken(auth, email));
    },
  };
}

function toRow(database: string, { name, elapsed: { ms, baselineMs, ratio } }: Comparison): Row {
  return {
    group: GROUP,
    name: `${database}, after ${name}`,
    value: ms,
    unit: "ms",
    baseline: { name: "after nothing", value: baselineMs },
    ratio,
    goal: atMost(1.2, ratio, "x"),
  };
}
