import { DatabaseSync } from "node:sqlite";
import type { Pool, QueryConfig } from "pg";

interface HandUser {
  readonly id: string;
  readonly email: string;
  readonly hash: string;
}

interface HandSession {
  readonly id: string;
  readonly user_id: string;
  readonly refresh_hash: string;
  readonly expires_at: string;
  readonly created_at: string;
}

/** The columns of a check, and for `GET /auth/me` those that it shows. */
export interface HandRow extends HandSession {
  readonly status: string;
  readonly revoked_at: string | null;
  readonly email: string;
  readonly user_created_at: string;
  readonly last_login_at: string | null;
}

/** What an application writes by hand over its driver: statements that are prepared once, and no more columns than it needs. */
export interface HandDatabase {
  addUser(user: HandUser): void | Promise<void>;
  findUser(email: string): HandUser | undefined | Promise<HandUser | undefined>;
  /** Session, time of the login and audit event, together or not at all. */
  open(session: HandSession): void | Promise<void>;
  check(id: string): HandRow | undefined | Promise<HandRow | undefined>;
  show(id: string): HandRow | undefined | Promise<HandRow | undefined>;
}

const TABLES = `
create table hand_users (id text primary key, email text not null unique, hash text not null, status text not null,
  last_login_at text, created_at text not null);
create table hand_sessions (id text primary key, user_id text not null references hand_users (id) on delete cascade,
  refresh_hash text not null, expires_at text not null, revoked_at text, created_at text not null);
create index hand_sessions_user on hand_sessions (user_id);
create table hand_events (id text primary key, user_id text not null, session_id text not null, type text not null,
  at text not null);
create index hand_events_user on hand_events (user_id)`;

const ADD = "insert into hand_users values ($1, $2, $3, 'active', null, $4)";
const FIND = "select id, email, hash from hand_users where email = $1 and status = 'active'";
const OPEN = "insert into hand_sessions values ($1, $2, $3, $4, null, $5)";
const LOGGED_IN = "update hand_users set last_login_at = $1 where id = $2";
const RECORD = "insert into hand_events values ($1, $2, $3, 'login', $4)";
const FROM = "from hand_sessions s join hand_users u on u.id = s.user_id where s.id = $1";
const CHECK = `select s.id, s.user_id, s.expires_at, s.revoked_at, u.status ${FROM}`;
const SHOW = `select s.*, u.status, u.email, u.created_at as user_created_at, u.last_login_at ${FROM}`;

export function handSqlite(path: string): HandDatabase {
  const db = new DatabaseSync(path);
  // As `sqliteStore` opens its file.
  db.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on");
  db.exec(TABLES);
  const prepare = (text: string) => db.prepare(text.replaceAll("$", "?"));
  const [add, find, check, show] = [prepare(ADD), prepare(FIND), prepare(CHECK), prepare(SHOW)];
  const [begin, commit] = [prepare("begin immediate"), prepare("commit")];
  const [open, loggedIn, record] = [prepare(OPEN), prepare(LOGGED_IN), prepare(RECORD)];
  return {
    addUser: ({ id, email, hash }) => void add.run(id, email, hash, new Date().toISOString()),
    findUser: (email) => find.get(email) as HandUser | undefined,
    open: ({ id, user_id, refresh_hash, expires_at, created_at }) => {
      begin.run();
      open.run(id, user_id, refresh_hash, expires_at, created_at);
      loggedIn.run(created_at, user_id);
      record.run(crypto.randomUUID(), user_id, id, created_at);
      commit.run();
    },
    check: (id) => check.get(id) as HandRow | undefined,
    show: (id) => show.get(id) as HandRow | undefined,
  };
}

export interface HandPostgresOptions {
  /** Each statement is parsed and planned once on each connection. */
  readonly named: boolean;
}

export async function handPostgres(pool: Pool, { named }: HandPostgresOptions): Promise<HandDatabase> {
  await pool.query(TABLES);
  const query = (name: string, text: string, values: unknown[]): QueryConfig =>
    named ? { name, text, values } : { text, values };
  const first = async <T extends object>(config: QueryConfig): Promise<T | undefined> =>
    (await pool.query<T>(config)).rows[0];
  return {
    addUser: async ({ id, email, hash }) => {
      await pool.query(query("add", ADD, [id, email, hash, new Date().toISOString()]));
    },
    findUser: (email) => first<HandUser>(query("find", FIND, [email])),
    open: async ({ id, user_id, refresh_hash, expires_at, created_at }) => {
      const client = await pool.connect();
      try {
        await client.query("begin");
        await client.query(query("open", OPEN, [id, user_id, refresh_hash, expires_at, created_at]));
        await client.query(query("in", LOGGED_IN, [created_at, user_id]));
        await client.query(query("record", RECORD, [crypto.randomUUID(), user_id, id, created_at]));
        await client.query("commit");
      } finally {
        client.release();
      }
    },
    check: (id) => first<HandRow>(query("check", CHECK, [id])),
    show: (id) => first<HandRow>(query("show", SHOW, [id])),
  };
}
