import { CompiledQuery, type Kysely } from "kysely";
import { kyselyStore } from "../../src/adapters/kysely/index.ts";
import type { Tables } from "../../src/adapters/kysely/tables.ts";
import type { AuthStore } from "../../src/ports/auth-store.ts";
import type { ScratchDatabase, Server } from "./server.ts";

/** A statement that an operation ran, and how the server goes about it. */
export interface Planned {
  readonly operation: string;
  readonly statement: string;
  readonly plan: readonly string[];
  /** Why it gets slower as the tables grow; null: it does not. */
  readonly fault: string | null;
}

/** What sees the statements of its own store. */
export interface Watch {
  plansOf(operation: string, perform: (store: AuthStore) => Promise<void>): Promise<readonly Planned[]>;
}

export async function withWatch<T>(
  server: Server,
  { url }: ScratchDatabase,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  let seen: CompiledQuery[] = [];
  const db = server.connect(url, ({ query }) => void seen.push(query));
  const store = kyselyStore(db);
  try {
    await store.users.findForLogin(""); // a first use asks for the schema's version
    return await work({
      plansOf: async (operation, perform) => {
        seen = [];
        await perform(store);
        await perform(store);
        return explainAll(server, db, { operation, queries: seen });
      },
    });
  } finally {
    await db.destroy();
  }
}

interface Seen {
  readonly operation: string;
  readonly queries: readonly CompiledQuery[];
}

async function explainAll(
  server: Server,
  db: Kysely<Tables>,
  { operation, queries }: Seen,
): Promise<readonly Planned[]> {
  const each = new Map(queries.filter(isStatement).map((query) => [query.sql, query]));
  const planned: Planned[] = [];
  for (const [statement, { parameters }] of each) {
    const query = CompiledQuery.raw(`${EXPLAIN[server.name]} ${statement}`, [...parameters]);
    const { rows } = await db.executeQuery<ExplainRow>(query);
    planned.push({ operation, statement, ...READERS[server.name](rows) });
  }
  return planned;
}

const EXPLAIN: Readonly<Record<Server["name"], string>> = {
  postgres: "explain (costs off)",
  mariadb: "explain",
};

/** Not what opens and ends a transaction. */
function isStatement({ sql }: CompiledQuery): boolean {
  return /^(select|insert|update|delete)\b/i.test(sql);
}

type ExplainRow = Readonly<Record<string, unknown>>;
type Reading = Pick<Planned, "plan" | "fault">;
type Reader = (rows: readonly ExplainRow[]) => Reading;

const READERS: Readonly<Record<Server["name"], Reader>> = { postgres: readPostgres, mariadb: readMariadb };

function readPostgres(rows: readonly ExplainRow[]): Reading {
  const plan = rows.map((row) => String(row["QUERY PLAN"]));
  return { plan, fault: plan.find((line) => line.includes("Seq Scan"))?.trim() ?? null };
}

function readMariadb(rows: readonly ExplainRow[]): Reading {
  const plan = rows.map(({ select_type, table, type, key, rows: count, Extra }) =>
    [select_type, table, `type=${type}`, `key=${key}`, `rows=${count}`, Extra].filter(Boolean).join(" "),
  );
  const faulty = rows.findIndex(growsWithTable);
  return { plan, fault: plan[faulty] ?? null };
}

function growsWithTable({ select_type, key, type, Extra }: ExplainRow): boolean {
  if (select_type === "INSERT") return false; // of VALUES: its type says ALL, and it reads nothing
  // A user's sessions may be sorted: `session.max` and purge keep them few.
  const ofOneUser = key === "auth_sessions_user_live" && (type === "ref" || type === "range");
  return type === "ALL" || type === "index" || (String(Extra).includes("Using filesort") && !ofOneUser);
}
