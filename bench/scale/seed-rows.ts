import type { Tables } from "../../src/adapters/kysely/tables.ts";
import { IDLE_MS, NOW, type Population, SESSION_MS, STRIDE, TOKEN_MS } from "./population.ts";

/** In what a server differs when it makes rows. Everything else both understand. */
export interface Words {
  /** The numbers from the first to the last, as `n`. */
  readonly series: (from: number, last: number) => string;
  readonly hex: (number: string) => string;
  /** Of 32 hexadecimal digits. */
  readonly id: (hex: string) => string;
  /** Of milliseconds since 1970. */
  readonly time: (ms: string) => string;
}

export interface TableSeed {
  readonly table: keyof Tables;
  readonly rows: number;
  /** SQL of each column, in terms of the row's number `n`. */
  readonly columns: Readonly<Record<string, string>>;
}

const USER_AGENT =
  "'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36'";
const IP = "concat('203.0.', n % 113, '.', n % 251)";

export function seedingOf(population: Population, words: Words): readonly TableSeed[] {
  const rows = rowsOf(population, words);
  return [
    users(rows),
    credentials(rows),
    sessions(rows),
    tokens(rows),
    proofs(rows),
    mails(rows),
    events(rows),
  ];
}

interface Rows {
  readonly population: Population;
  readonly time: Words["time"];
  /** Milliseconds of the row with the number. */
  readonly at: (series: keyof Population, n?: string) => string;
  readonly id: (series: keyof Population, label: string, n?: string) => string;
  /** The number of the user whose row this is: every user has one, before anybody has the next. */
  readonly owner: string;
}

function rowsOf(population: Population, { hex, id, time }: Words): Rows {
  const at = (series: keyof Population, n = "n"): string =>
    `(${population[series].firstMs} + ${n} * ${population[series].stepMs})`;
  return {
    population,
    time,
    at,
    // UUIDv7: 48 bits of time, the version, 12 bits, the variant, 60 bits.
    id: (series, label, n = "n") => {
      const digest = `md5(concat('${label}', ${n}))`;
      return id(
        `concat(lpad(${hex(at(series, n))}, 12, '0'), '7', substr(${digest}, 1, 3), '8', substr(${digest}, 4, 15))`,
      );
    },
    owner: `(n * ${STRIDE} % ${population.users.count})`,
  };
}

function users({ population, time, at, id }: Rows): TableSeed {
  return {
    table: "auth_users",
    rows: population.users.count,
    columns: {
      id: id("users", "user"),
      email: "concat('User', n, '@Example.com')",
      email_canonical: "concat('user', n, '@example.com')",
      email_verified_at: time(`${at("users")} + 60000`),
      status: "'active'",
      epoch: "0",
      last_login_at: time(String(NOW.getTime())),
      created_at: time(at("users")),
      updated_at: time(at("users")),
    },
  };
}

function credentials({ population, time, at, id }: Rows): TableSeed {
  const [salt, hash] = ["md5(concat('salt', n))", "md5(concat('hash', n))"];
  const phc = `concat('$argon2id$v=19$m=19456,t=2,p=1$', substr(${salt}, 1, 22), '$', ${hash}, substr(${hash}, 1, 11))`;
  return {
    table: "auth_credentials",
    rows: population.users.count,
    columns: {
      id: id("users", "credential"),
      user_id: id("users", "user"),
      kind: "'password'",
      identifier: id("users", "user"),
      data: phc,
      version: "1",
      created_at: time(at("users")),
      last_used_at: "null",
    },
  };
}

function sessions({ population, time, at, id, owner }: Rows): TableSeed {
  const revoked = (then: string): string => `case when n % 7 < 3 then ${then} end`;
  return {
    table: "auth_sessions",
    rows: population.sessions.count,
    columns: {
      id: id("sessions", "session"),
      user_id: id("users", "user", owner),
      amr: `'["pwd"]'`,
      authenticated_at: time(at("sessions")),
      refresh_counter: "1",
      refreshed_at: time(at("sessions")),
      idle_expires_at: time(`${at("sessions")} + ${IDLE_MS}`),
      expires_at: time(`${at("sessions")} + ${SESSION_MS}`),
      revoked_at: revoked(time(`least(${at("sessions")} + n % 11 * 36000000, ${NOW.getTime()})`)),
      revoke_reason: revoked("'logout'"),
      ip: IP,
      user_agent: USER_AGENT,
      created_at: time(at("sessions")),
      audience: "'sallyport'",
    },
  };
}

function tokens({ population, time, at, id, owner }: Rows): TableSeed {
  return {
    table: "auth_one_time_tokens",
    rows: population.tokens.count,
    columns: {
      hash: "concat(md5(concat('token', n)), substr(md5(concat('end', n)), 1, 11))",
      purpose: "case when n % 3 = 0 then 'password_reset' else 'email_verification' end",
      user_id: id("users", "user", owner),
      epoch: "0",
      attempts: "0",
      data: "'{}'",
      expires_at: time(`${at("tokens")} + ${TOKEN_MS}`),
      created_at: time(at("tokens")),
    },
  };
}

function proofs({ population, time, at, id, owner }: Rows): TableSeed {
  return {
    table: "auth_email_proofs",
    rows: population.proofs.count,
    columns: {
      id: id("proofs", "proof"),
      purpose: "'password_reset'",
      email: `concat('User', ${owner}, '@Example.com')`,
      email_canonical: `concat('user', ${owner}, '@example.com')`,
      user_id: id("users", "user", owner),
      epoch: "0",
      nonce: "concat(md5(concat('nonce', n)), substr(md5(concat('end', n)), 1, 11))",
      attempts: "0",
      data: "'{}'",
      sent_at: time(`${at("proofs")} + 2000`),
      used_at: "null",
      expires_at: time(`${at("proofs")} + ${TOKEN_MS}`),
      created_at: time(at("proofs")),
    },
  };
}

function mails({ population, time, at, id, owner }: Rows): TableSeed {
  return {
    table: "auth_outbox",
    rows: population.mails.count,
    columns: {
      id: id("mails", "mail"),
      kind: "'password_reset'",
      audience: "'sallyport'",
      recipient: `concat('User', ${owner}, '@Example.com')`,
      proof_id: "null",
      data: "'{}'",
      attempts: "0",
      lease: "null",
      due_at: time(at("mails")),
      dead_at: `case when n % 3 > 0 then ${time(at("mails"))} end`,
      created_at: time(at("mails")),
    },
  };
}

/** One login of six has a wrong password. */
function events({ population, time, at, id, owner }: Rows): TableSeed {
  return {
    table: "auth_events",
    rows: population.events.count,
    columns: {
      id: id("events", "event"),
      type: "'login'",
      outcome: "case when n % 6 = 0 then 'failure' else 'success' end",
      reason: "case when n % 6 = 0 then 'wrong_password' end",
      user_id: id("users", "user", owner),
      attempted_email: `concat('user', ${owner}, '@example.com')`,
      session_id: `case when n % 6 <> 0 then ${id("events", "signed-in")} end`,
      ip: IP,
      user_agent: USER_AGENT,
      request_id: "null",
      data: "null",
      occurred_at: time(at("events")),
    },
  };
}
