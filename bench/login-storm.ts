import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import type { Pool } from "pg";
import type { Auth, SessionId } from "sallyport";
import { nodeSqliteDialect, sqliteStore } from "sallyport/sqlite";
import { lookupText } from "./bare-lookup.ts";
import { accessToken, benchAuth, signUpUsers, withFolder } from "./fixtures.ts";
import { type Comparison, compare, type Work } from "./measure.ts";
import { dialectOn, storeOn, withPostgres } from "./postgres.ts";
import { atLeast, type Row } from "./report.ts";

const USERS = 8;
/** More than hash at once: the next one is always waiting. */
const CALLERS = 16;
const GROUP = `while ${CALLERS} callers log in without a pause`;

/** What logins leave of a session's lookup, to `verifyToken` and to the bare statement in turn. */
export async function loginStormRows({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const rounds = quick ? 5 : 15;
  const sqlite = await withFolder((folder) => onSqlite(join(folder, "storm.db"), rounds));
  const postgres = await withPostgres(GROUP, async ({ plain, naming }) => {
    const emails = await signUpUsers(benchAuth(storeOn(plain)), USERS);
    return [
      ...(await onPostgres({ name: "PostgreSQL", pool: plain, emails, rounds })),
      ...(await onPostgres({ name: "PostgreSQL, statements named", pool: naming, emails, rounds })),
    ];
  });
  return [...sqlite, ...postgres];
}

/**
 * The goal is against the lookup through the same store. By hand it is a call that never waits, six
 * microseconds on a connection of its own: beside that, the digest of the token alone would be a fifth.
 */
async function onSqlite(path: string, rounds: number): Promise<readonly Row[]> {
  const store = sqliteStore(path);
  const auth = benchAuth(store);
  const emails = await signUpUsers(auth, USERS);
  const own = new DatabaseSync(path);
  const lookups = async (id: SessionId): Promise<readonly Lookup[]> => {
    const statement = own.prepare(await lookupText(nodeSqliteDialect(path), id));
    return [
      { name: "store.sessions.find", goal: 0.8, call: () => store.sessions.find(id) },
      { name: "bare statement", call: () => statement.all(id) },
    ];
  };
  const rows = await stormRows({ name: "SQLite", auth, emails, lookups, calls: 6_000, rounds });
  own.close();
  await auth.close();
  return rows;
}

interface OnPostgres {
  readonly name: string;
  readonly pool: Pool;
  readonly emails: readonly string[];
  readonly rounds: number;
}

function onPostgres({ name, pool, emails, rounds }: OnPostgres): Promise<readonly Row[]> {
  const lookups = async (id: SessionId): Promise<readonly Lookup[]> => {
    const text = await lookupText(dialectOn(pool), id);
    return [{ name: "bare statement", goal: 0.8, call: () => pool.query(text, [id]) }];
  };
  return stormRows({ name, auth: benchAuth(storeOn(pool)), emails, lookups, calls: 800, rounds });
}

type Call = () => unknown;

/** What `verifyToken` is held against, and how much of its throughput it has to keep. */
interface Lookup {
  readonly name: string;
  readonly goal?: number;
  readonly call: Call;
}

interface Storm {
  readonly name: string;
  readonly auth: Auth;
  readonly emails: readonly string[];
  readonly lookups: (id: SessionId) => Promise<readonly Lookup[]>;
  readonly calls: number;
  readonly rounds: number;
}

async function stormRows({ name, auth, emails, lookups, calls, rounds }: Storm): Promise<readonly Row[]> {
  const [calm, ...stormy] = emails; // a user's own logins would end the session in time
  const token = await accessToken(auth, calm as string);
  const { sessionId } = await auth.verifyToken(token);
  const ours = oneATurn(`${name}, verifyToken`, calls, () => auth.verifyToken(token));
  const rows: Row[] = [];
  const storm = beginStorm(auth, stormy);
  for (const lookup of await lookups(sessionId)) {
    const results = await compare(oneATurn(lookup.name, calls, lookup.call), [ours], rounds);
    rows.push(...results.map((result) => toRow(lookup, result)));
  }
  const logins = await storm.end();
  return [...rows, { group: GROUP, name: `${name}, logins meanwhile`, value: logins, unit: "/s" }];
}

function toRow(lookup: Lookup, { name, elapsed: { ms, baselineMs, ratio } }: Comparison): Row {
  return {
    group: GROUP,
    name,
    value: 1000 / ms,
    unit: "/s",
    baseline: { name: lookup.name, value: 1000 / baselineMs },
    ratio: 1 / ratio,
    ...(lookup.goal ? { goal: atLeast(lookup.goal, 1 / ratio) } : {}),
  };
}

/** Calls as requests come: each in a turn of the event loop of its own. */
function oneATurn(name: string, operations: number, call: Call): Work {
  return {
    name,
    operations,
    async run() {
      for (let i = 0; i < operations; i++) {
        await turn();
        await call();
      }
    },
  };
}

/** Logs in without a pause; its end says how many a second it were. */
function beginStorm(auth: Auth, emails: readonly string[]): { end(): Promise<number> } {
  const start = performance.now();
  let logins = 0;
  let raging = true;
  const caller = async (): Promise<void> => {
    while (raging) await accessToken(auth, emails[logins++ % emails.length] as string);
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  return {
    end: async () => {
      const perSecond = (1000 * logins) / (performance.now() - start);
      raging = false;
      await callers;
      return perSecond;
    },
  };
}
