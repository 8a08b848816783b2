import type { SqlDialect } from "./sql-dialect.ts";
import type { TableNames } from "./tables.ts";

/** One step of the schema. Published steps never change; a new one is added. */
export interface Migration {
  readonly version: number;
  readonly statements: (names: TableNames, dialect: SqlDialect) => readonly string[];
}

export const MIGRATIONS: readonly Migration[] = Object.freeze([{ version: 1, statements: firstTables }]);

/** The table that says which steps have run. */
export function schemaTable({ schema }: TableNames, { columns: { integer } }: SqlDialect): string {
  return `create table ${schema} (version ${integer} not null primary key)`;
}

function firstTables(names: TableNames, dialect: SqlDialect): readonly string[] {
  return [
    usersTable(names, dialect),
    credentialsTable(names, dialect),
    sessionsTable(names, dialect),
    tokensTable(names, dialect),
    eventsTable(names, dialect),
    ...indexes(names),
  ];
}

function usersTable({ users }: TableNames, { columns, tableOptions }: SqlDialect): string {
  const { id, key, text, integer, time } = columns;
  return `create table ${users} (
  id ${id} not null primary key,
  email ${text} not null,
  email_canonical ${key} not null unique,
  email_verified_at ${time},
  status ${key} not null,
  epoch ${integer} not null,
  last_login_at ${time},
  created_at ${time} not null,
  updated_at ${time} not null
) ${tableOptions}`;
}

function credentialsTable({ users, credentials }: TableNames, { columns, tableOptions }: SqlDialect): string {
  const { id, key, identifier, text, integer, time } = columns;
  return `create table ${credentials} (
  id ${id} not null primary key,
  user_id ${id} not null references ${users} (id) on delete cascade,
  kind ${key} not null,
  identifier ${identifier} not null,
  data ${text} not null,
  version ${integer} not null,
  created_at ${time} not null,
  last_used_at ${time},
  unique (kind, identifier)
) ${tableOptions}`;
}

function sessionsTable({ users, sessions }: TableNames, { columns, tableOptions }: SqlDialect): string {
  const { id, text, integer, time } = columns;
  return `create table ${sessions} (
  id ${id} not null primary key,
  user_id ${id} not null references ${users} (id) on delete cascade,
  amr ${text} not null,
  authenticated_at ${time} not null,
  refresh_counter ${integer} not null,
  refreshed_at ${time},
  idle_expires_at ${time} not null,
  expires_at ${time} not null,
  revoked_at ${time},
  revoke_reason ${text},
  ip ${text},
  user_agent ${text},
  created_at ${time} not null
) ${tableOptions}`;
}

function tokensTable({ users, tokens }: TableNames, { columns, tableOptions }: SqlDialect): string {
  const { id, key, text, integer, time } = columns;
  return `create table ${tokens} (
  hash ${key} not null primary key,
  purpose ${key} not null,
  user_id ${id} not null references ${users} (id) on delete cascade,
  epoch ${integer} not null,
  attempts ${integer} not null,
  data ${text} not null,
  expires_at ${time} not null,
  created_at ${time} not null
) ${tableOptions}`;
}

function eventsTable({ users, events }: TableNames, { columns, tableOptions }: SqlDialect): string {
  const { id, key, text, time } = columns;
  return `create table ${events} (
  id ${id} not null primary key,
  type ${key} not null,
  outcome ${key} not null,
  reason ${text},
  user_id ${id} references ${users} (id) on delete set null,
  attempted_email ${text},
  session_id ${id},
  ip ${text},
  user_agent ${text},
  request_id ${text},
  data ${text},
  occurred_at ${time} not null
) ${tableOptions}`;
}

function indexes({ credentials, sessions, tokens, events }: TableNames): readonly string[] {
  return [
    `create index ${credentials}_user_kind on ${credentials} (user_id, kind)`,
    `create index ${sessions}_user on ${sessions} (user_id)`,
    `create index ${sessions}_expires on ${sessions} (expires_at)`,
    `create index ${tokens}_user on ${tokens} (user_id)`,
    `create index ${tokens}_expires on ${tokens} (expires_at)`,
    `create index ${events}_user on ${events} (user_id, id)`,
  ];
}
