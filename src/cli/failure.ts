import { isAuthError } from "../errors.ts";

type Rule = readonly [pattern: RegExp, sentence: string];

/** By the codes of the system, of Node's TLS, of PostgreSQL (SQLSTATE) and of MySQL and MariaDB (errno). */
const BY_CODE: readonly Rule[] = [
  [/^ECONNREFUSED$/, "connection refused; is the server running, and on this port?"],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "this host name is unknown"],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, "this host cannot be reached"],
  [/^(ETIMEDOUT|PROTOCOL_SEQUENCE_TIMEOUT)$/, "no answer in time"],
  [/^(ECONNRESET|EPIPE|PROTOCOL_CONNECTION_LOST|57P0[123])$/, "the connection was lost"],
  [/^(28P01|28000|1045|1698|1251)$/, "access denied; are user and password right?"],
  [/^(3D000|1049)$/, "this database does not exist"],
  [/^1046$/, "the URL names no database"],
  [
    /^(42501|1044|1142|1227|1370)$/,
    "this user is not allowed to do that; a migration needs the right to create tables",
  ],
  [/^(42P07|1050)$/, "another table of that name exists already; choose another --prefix"],
  [/^(EACCES|EPERM|EROFS)$/, "permission denied"],
  [/^(53300|1040|1203)$/, "the server has no free connection"],
  [/^(25006|1290|1792|1836)$/, "this server is read-only; use the primary"],
  [
    /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|HANDSHAKE_(NO_)?SSL)/,
    "no trusted TLS connection",
  ],
];

/** Some failures have no code. Their texts, from drivers or from us, are compared and never shown. */
const BY_TEXT: readonly Rule[] = [
  [/time(d )?out|within \d+ ms/, "no answer in time"],
  [/password must be a string|no password/i, "access denied; the server asks for a password"],
  [/does not support SSL/, "this server has no TLS"],
  [/^Connection terminated/, "the connection was lost"],
  [/^Another migration holds the lock/, "another migration is running, and did not end in time"],
];

/**
 * Describes a failure in our own words: messages of drivers may quote the URL or values of rows. SQLite's
 * messages quote neither, so they are shown.
 */
export function failureSentence(error: unknown): string {
  if (isAuthError(error)) return error.cause === undefined ? error.message : failureSentence(error.cause);
  const { code, errno, errcode, message = String(error) } = (error ?? {}) as Partial<DriverError>;
  if (errcode !== undefined) return message;
  const codes = [code, errno].filter((value) => value !== undefined).map(String);
  const known =
    BY_CODE.find(([pattern]) => codes.some((value) => pattern.test(value))) ??
    BY_TEXT.find(([pattern]) => codes.length === 0 && pattern.test(message));
  const shown = codes.length > 0 ? ` (${codes[0]})` : "";
  return `${known?.[1] ?? "the database failed"}${shown}`;
}

interface DriverError {
  readonly code: string;
  /** Set by MySQL. The system sets a negative number. */
  readonly errno: number;
  /** Set by SQLite. */
  readonly errcode: number;
  readonly message: string;
}
