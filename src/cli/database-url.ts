import type { DatabaseAddress } from "../adapters/kysely/open-database.ts";
import { misused } from "./command.ts";

export interface DatabaseTarget extends DatabaseAddress {
  /** For people: host, port and database, or the file; nothing of user and password. */
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

/** Which database a URL means. Throws `misused`, and repeats nothing of the URL. */
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
  // Some read sqlite://auth.db as a host, some as /auth.db, some as auth.db.
  if (path.startsWith("//")) throw misused("sqlite: takes a path without //, as in sqlite:/var/lib/auth.db");
  return { kind: "sqlite", location: path, place: `SQLite file ${path}` };
}

function server(kind: Kind, text: string): DatabaseTarget {
  const url = parsed(text);
  if (url === null || !text.startsWith(`${url.protocol}//`)) {
    throw misused(
      "the URL cannot be read; in user and password, everything but A-Z, a-z and 0-9 is %-encoded",
    );
  }
  // After the host, an @ is most likely the end of a password that has a / or ? in it: it would be printed.
  if (`${url.pathname}${url.search}${url.hash}`.includes("@")) {
    throw misused("the URL has an @ after the host; / ? # @ in a password are written %2F %3F %23 %40");
  }
  if (kind === "mysql") assertTlsIsMeant(url);
  const database = url.pathname.slice(1);
  const where = [url.host && url.host !== BY_SOCKET && `at ${url.host}`, database && `database ${database}`]
    .filter(Boolean)
    .join(", ");
  return { kind, location: text, place: `${databaseName(kind)} ${where || "at its default address"}` };
}

function parsed(text: string): URL | null {
  // PostgreSQL's driver takes a URL without a host, for a socket; a URL by the book has none then.
  const readable = [text, text.replace("@/", `@${BY_SOCKET}/`)].find((candidate) => URL.canParse(candidate));
  return readable === undefined ? null : new URL(readable);
}

/** mysql2 ignores what it does not know, and would go on without the TLS that was asked for. */
function assertTlsIsMeant(url: URL): void {
  const ignored = [...url.searchParams.keys()].some((name) => /^(?!ssl$)(ssl|tls|use-?ssl)/i.test(name));
  if (ignored) throw misused("mysql2 reads TLS settings from ssl only, as in ?ssl={}; it ignores all others");
}
