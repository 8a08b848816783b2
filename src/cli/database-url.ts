import type { DatabaseAddress } from "../adapters/kysely/open-database.ts";
import { misused } from "./command.ts";

export interface DatabaseTarget extends DatabaseAddress {
  /** For messages: host, port and database, or the file. User and password are left out. */
  readonly place: string;
}

type Kind = DatabaseAddress["kind"];

const SCHEMES: Readonly<Record<string, Kind>> = {
  postgres: "postgres",
  postgresql: "postgres",
  mysql: "mysql",
  mariadb: "mysql",
  sqlite: "sqlite",
};

const NAMES: Readonly<Record<Kind, string>> = {
  postgres: "PostgreSQL",
  mysql: "MySQL/MariaDB",
  sqlite: "SQLite",
};

const BY_SOCKET = "___socket___";

/** Parses the URL of a database. Throws `misused`, with no part of the URL in the message. */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  const [scheme = ""] = text.split(":", 1);
  const kind = Object.hasOwn(SCHEMES, scheme) && text !== scheme ? SCHEMES[scheme] : undefined;
  if (kind === undefined) {
    throw misused("the URL must begin with postgres://, postgresql://, mysql://, mariadb:// or sqlite:");
  }
  return kind === "sqlite" ? sqliteFile(text.slice("sqlite:".length)) : server(kind, text);
}

export function databaseName(kind: Kind): string {
  return NAMES[kind];
}

function sqliteFile(path: string): DatabaseTarget {
  if (path.trim() === "") throw misused("sqlite: needs the path of a file, as in sqlite:auth.db");
  // Programs disagree on sqlite://auth.db: a host, the file /auth.db or the file auth.db.
  if (path.startsWith("//")) throw misused("sqlite: takes a path without //, as in sqlite:/var/lib/auth.db");
  return { kind: "sqlite", location: path, place: `SQLite file ${path}` };
}

function server(kind: Kind, text: string): DatabaseTarget {
  const url = parsed(text);
  if (url === null || !text.startsWith(`${url.protocol}//`)) {
    throw misused("the URL cannot be parsed; in user and password, %-encode everything but A-Z, a-z and 0-9");
  }
  // An @ after the host is most likely the end of a password with a / or ? in it: we would print it.
  if (`${url.pathname}${url.search}${url.hash}`.includes("@")) {
    throw misused("the URL has an @ after the host; in a password write / ? # @ as %2F %3F %23 %40");
  }
  if (kind === "mysql") assertTlsIsMeant(url);
  const database = url.pathname.slice(1);
  const where = [url.host && url.host !== BY_SOCKET && `at ${url.host}`, database && `database ${database}`]
    .filter(Boolean)
    .join(", ");
  return { kind, location: text, place: `${databaseName(kind)} ${where || "at its default address"}` };
}

function parsed(text: string): URL | null {
  // PostgreSQL's driver accepts a URL without a host, for a socket; the URL standard does not.
  const readable = [text, text.replace("@/", `@${BY_SOCKET}/`)].find((candidate) => URL.canParse(candidate));
  return readable === undefined ? null : new URL(readable);
}

/** mysql2 ignores unknown parameters: it would connect without the TLS that the URL asks for. */
function assertTlsIsMeant(url: URL): void {
  const ignored = [...url.searchParams.keys()].some((name) => /^(?!ssl$)(ssl|tls|use-?ssl)/i.test(name));
  if (ignored) throw misused("mysql2 reads TLS settings from ssl only, as in ?ssl={}; it ignores all others");
}
