import { createIndex, type NewTable } from "./ddl-parts.ts";
import { mailTables, proofsAndOutbox } from "./mail-tables.ts";
import type { Ddl } from "./sql-dialect.ts";
import type { TableNames } from "./tables.ts";

/** One step of the schema. Published steps never change; a new one is added. */
export interface Migration {
  readonly version: number;
  /** The oldest schema version whose releases still work once this step has run. */
  readonly worksSince: number;
  /** The tables that it adds to those of the first step. */
  readonly newTables?: (names: TableNames) => readonly NewTable[];
  /** Only adds: older releases go on working beside it. */
  readonly statements: (names: TableNames, ddl: Ddl) => readonly string[];
}

export const MIGRATIONS: readonly Migration[] = Object.freeze([
  { version: 1, worksSince: 1, statements: firstTables },
  { version: 2, worksSince: 1, statements: revokedSessionsIndex },
  { version: 3, worksSince: 1, statements: attemptsByPseudonym },
  { version: 4, worksSince: 1, statements: sessionAudience },
  { version: 5, worksSince: 1, newTables: proofsAndOutbox, statements: mailTables },
  { version: 6, worksSince: 1, statements: liveSessionsIndex },
]);

/** The schema version of this release. */
export const SCHEMA_VERSION: number = Math.max(...MIGRATIONS.map(({ version }) => version));

/** The table that lists the steps that have run. */
export function schemaTable({ schema }: TableNames, { quote, columns: { integer } }: Ddl): string {
  return `create table ${quote(schema)} (version ${integer} not null primary key)`;
}

/** An index for the purge of revoked sessions, and a column that tells which releases a schema suits. */
function revokedSessionsIndex({ sessions, schema }: TableNames, ddl: Ddl): readonly string[] {
  const { quote, columns, indexOnly } = ddl;
  const index = createIndex({ table: sessions, suffix: "revoked", columns: "revoked_at" }, quote);
  return [
    `${index}${indexOnly("revoked_at is not null")}`,
    `alter table ${quote(schema)} add column works_since ${columns.integer} not null default 1`,
  ];
}

/** By this column a user finds the attempts at their account that name no user. Few events have it. */
function attemptsByPseudonym({ events }: TableNames, ddl: Ddl): readonly string[] {
  const { quote, columns, indexOnly } = ddl;
  const index = createIndex({ table: events, suffix: "pseudonym", columns: "pseudonym, id" }, quote);
  return [
    `alter table ${quote(events)} add column pseudonym ${columns.key}`,
    `${index}${indexOnly("pseudonym is not null")}`,
  ];
}

/** The application that opened a session. A row of an older release has none. */
function sessionAudience({ sessions }: TableNames, { quote, columns }: Ddl): readonly string[] {
  return [`alter table ${quote(sessions)} add column audience ${columns.key}`];
}

/** A sign-in looks for the live sessions of its user. By this index it reads no session that ended. */
function liveSessionsIndex({ sessions }: TableNames, { replaceIndex }: Ddl): readonly string[] {
  return replaceIndex(sessions, {
    drop: "user",
    create: "user_live",
    columns: "user_id, revoked_at, expires_at",
  });
}

function firstTables(names: TableNames, ddl: Ddl): readonly string[] {
  return [
    usersTable(names, ddl),
    credentialsTable(names, ddl),
    sessionsTable(names, ddl),
    tokensTable(names, ddl),
    eventsTable(names, ddl),
    ...indexes(names, ddl),
  ];
}

function usersTable({ users }: TableNames, { quote, columns, tableOptions }: Ddl): string {
  const { id, word, key, text, integer, time } = columns;
  return `create table ${quote(users)} (
  id ${id} not null primary key,
  email ${text} not null,
  email_canonical ${key} not null unique,
  email_verified_at ${time},
  status ${word} not null,
  epoch ${integer} not null,
  last_login_at ${time},
  created_at ${time} not null,
  updated_at ${time} not null
) ${tableOptions}`;
}

function credentialsTable({ users, credentials }: TableNames, { quote, columns, tableOptions }: Ddl): string {
  const { id, word, identifier, text, integer, time } = columns;
  return `create table ${quote(credentials)} (
  id ${id} not null primary key,
  user_id ${id} not null,
  kind ${word} not null,
  identifier ${identifier} not null,
  data ${text} not null,
  version ${integer} not null,
  created_at ${time} not null,
  last_used_at ${time},
  unique (kind, identifier),
  ${ownedBy(users, quote)}
) ${tableOptions}`;
}

function sessionsTable({ users, sessions }: TableNames, { quote, columns, tableOptions }: Ddl): string {
  const { id, text, counter, time } = columns;
  return `create table ${quote(sessions)} (
  id ${id} not null primary key,
  user_id ${id} not null,
  amr ${text} not null,
  authenticated_at ${time} not null,
  refresh_counter ${counter} not null,
  refreshed_at ${time},
  idle_expires_at ${time} not null,
  expires_at ${time} not null,
  revoked_at ${time},
  revoke_reason ${text},
  ip ${text},
  user_agent ${text},
  created_at ${time} not null,
  ${ownedBy(users, quote)}
) ${tableOptions}`;
}

function tokensTable({ users, tokens }: TableNames, { quote, columns, tableOptions }: Ddl): string {
  const { id, word, key, text, integer, time } = columns;
  return `create table ${quote(tokens)} (
  hash ${key} not null primary key,
  purpose ${word} not null,
  user_id ${id} not null,
  epoch ${integer} not null,
  attempts ${integer} not null,
  data ${text} not null,
  expires_at ${time} not null,
  created_at ${time} not null,
  ${ownedBy(users, quote)}
) ${tableOptions}`;
}

function eventsTable({ users, events }: TableNames, { quote, columns, tableOptions }: Ddl): string {
  const { id, word, text, time } = columns;
  return `create table ${quote(events)} (
  id ${id} not null primary key,
  type ${word} not null,
  outcome ${word} not null,
  reason ${text},
  user_id ${id},
  attempted_email ${text},
  session_id ${id},
  ip ${text},
  user_agent ${text},
  request_id ${text},
  data ${text},
  occurred_at ${time} not null,
  foreign key (user_id) references ${quote(users)} (id) on delete set null
) ${tableOptions}`;
}

// On the table, not on the column: MySQL ignores the `references` of a column.
function ownedBy(users: string, quote: Ddl["quote"]): string {
  return `foreign key (user_id) references ${quote(users)} (id) on delete cascade`;
}

function indexes({ credentials, sessions, tokens, events }: TableNames, ddl: Ddl): readonly string[] {
  const index = (table: string, suffix: string, columns: string): string =>
    createIndex({ table, suffix, columns }, ddl.quote);
  return [
    index(credentials, "user_kind", "user_id, kind"),
    index(sessions, "user", "user_id"),
    index(sessions, "expires", "expires_at"),
    index(tokens, "user", "user_id"),
    index(tokens, "expires", "expires_at"),
    index(events, "user", "user_id, id"),
  ];
}
