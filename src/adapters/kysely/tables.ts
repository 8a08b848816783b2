import type { AuthEventOutcome, AuthEventType } from "../../domain/auth-event.ts";
import type { CredentialKind } from "../../domain/credential.ts";
import type { ProofPurpose } from "../../domain/email-proof.ts";
import type { CredentialId, EventId, LeaseId, MailId, ProofId, SessionId, UserId } from "../../domain/ids.ts";
import type { TokenPurpose } from "../../domain/one-time-token.ts";
import type { UserStatus } from "../../domain/user.ts";
import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";

/**
 * A moment as the database stores it: `timestamptz` or milliseconds, depending on the dialect. Drivers return
 * it as a Date, a number or a text, depending on the application's settings.
 */
export type StoredTime = Date | number | string;

/** A whole number. Drivers return a number, a BigInt or a text, depending on the application's settings. */
export type StoredInteger = number | bigint | string;

export interface UserRow {
  readonly id: UserId;
  readonly email: string;
  readonly email_canonical: string;
  readonly email_verified_at: StoredTime | null;
  readonly status: UserStatus;
  readonly epoch: StoredInteger;
  readonly last_login_at: StoredTime | null;
  readonly created_at: StoredTime;
  readonly updated_at: StoredTime;
  /** Since version 5. */
  readonly delete_after: StoredTime | null;
}

export interface CredentialRow {
  readonly id: CredentialId;
  readonly user_id: UserId;
  readonly kind: CredentialKind;
  readonly identifier: string;
  readonly data: string;
  readonly version: StoredInteger;
  readonly created_at: StoredTime;
  readonly last_used_at: StoredTime | null;
}

export interface SessionRow {
  readonly id: SessionId;
  readonly user_id: UserId;
  readonly amr: string;
  readonly authenticated_at: StoredTime;
  readonly refresh_counter: StoredInteger;
  readonly refreshed_at: StoredTime | null;
  readonly idle_expires_at: StoredTime;
  readonly expires_at: StoredTime;
  readonly revoked_at: StoredTime | null;
  readonly revoke_reason: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly created_at: StoredTime;
  /** Since version 4. */
  readonly audience: string | null;
}

export interface TokenRow {
  readonly hash: string;
  readonly purpose: TokenPurpose;
  readonly user_id: UserId;
  readonly epoch: StoredInteger;
  readonly attempts: StoredInteger;
  readonly data: string;
  readonly expires_at: StoredTime;
  readonly created_at: StoredTime;
}

/** Since version 5. */
export interface ProofRow {
  readonly id: ProofId;
  readonly purpose: ProofPurpose;
  readonly email: string;
  readonly email_canonical: string;
  readonly user_id: UserId | null;
  readonly epoch: StoredInteger | null;
  readonly nonce: string;
  readonly attempts: StoredInteger;
  readonly data: string;
  readonly sent_at: StoredTime | null;
  readonly used_at: StoredTime | null;
  readonly expires_at: StoredTime;
  readonly created_at: StoredTime;
}

/** Since version 5. */
export interface MailRow {
  readonly id: MailId;
  readonly kind: string;
  readonly audience: string;
  readonly recipient: string;
  readonly proof_id: ProofId | null;
  readonly data: string;
  readonly attempts: StoredInteger;
  readonly lease: LeaseId | null;
  readonly due_at: StoredTime;
  readonly dead_at: StoredTime | null;
  readonly created_at: StoredTime;
}

export interface EventRow {
  readonly id: EventId;
  readonly type: AuthEventType;
  readonly outcome: AuthEventOutcome;
  readonly reason: string | null;
  readonly user_id: UserId | null;
  readonly attempted_email: string | null;
  /** The account that an event without a user was aimed at. Since version 3. */
  readonly pseudonym: string | null;
  readonly session_id: SessionId | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly data: string | null;
  readonly occurred_at: StoredTime;
}

/** One row for each migration that has run. */
interface SchemaRow {
  readonly version: StoredInteger;
  /** The oldest schema version whose releases still work beside this one. Since version 2. */
  readonly works_since: StoredInteger;
}

export interface Tables {
  readonly auth_users: UserRow;
  readonly auth_credentials: CredentialRow;
  readonly auth_sessions: SessionRow;
  readonly auth_one_time_tokens: TokenRow;
  readonly auth_email_proofs: ProofRow;
  readonly auth_outbox: MailRow;
  readonly auth_events: EventRow;
  readonly auth_schema: SchemaRow;
}

/**
 * The names of the tables. The types have the default names, so that the compiler checks queries. With another
 * prefix, or in a schema, only the text differs.
 */
export interface TableNames {
  readonly users: "auth_users";
  readonly credentials: "auth_credentials";
  readonly sessions: "auth_sessions";
  readonly tokens: "auth_one_time_tokens";
  readonly proofs: "auth_email_proofs";
  readonly outbox: "auth_outbox";
  readonly events: "auth_events";
  readonly schema: "auth_schema";
}

/** The place of the tables. */
export interface TableOptions {
  /** The prefix of the tables' names. Default `auth_`. */
  readonly tablePrefix?: string | undefined;
  /** The schema (PostgreSQL) or database (MySQL, MariaDB) of the tables. Default: the connection's own. */
  readonly schema?: string | undefined;
}

const PREFIX = /^[a-z][a-z0-9_]{0,23}$/;
const SCHEMA = /^[a-z][a-z0-9_]{0,62}$/;

export function tableNames({ tablePrefix: prefix = "auth_", schema }: TableOptions): TableNames {
  if (typeof prefix !== "string" || !PREFIX.test(prefix)) {
    throw misconfigured("tablePrefix must be 1 to 24 characters: a lower-case letter, then a-z, 0-9 and _.");
  }
  if (schema !== undefined && !(typeof schema === "string" && SCHEMA.test(schema))) {
    throw misconfigured("schema must be 1 to 63 characters: a lower-case letter, then a-z, 0-9 and _.");
  }
  const name = (table: string): string => `${schema === undefined ? "" : `${schema}.`}${prefix}${table}`;
  return Object.freeze({
    users: name("users") as "auth_users",
    credentials: name("credentials") as "auth_credentials",
    sessions: name("sessions") as "auth_sessions",
    tokens: name("one_time_tokens") as "auth_one_time_tokens",
    proofs: name("email_proofs") as "auth_email_proofs",
    outbox: name("outbox") as "auth_outbox",
    events: name("events") as "auth_events",
    schema: name("schema") as "auth_schema",
  });
}

/** With a misspelt option the store would use the wrong tables. */
export function assertKnownOptions(options: object, known: readonly string[]): void {
  const problem = optionsProblem(options, known);
  if (problem) throw misconfigured(`${problem}.`);
}
