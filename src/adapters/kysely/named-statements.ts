import { createHash } from "node:crypto";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import { misconfigured } from "../../errors.ts";
import { driverField } from "./dialects/driver-error.ts";
import { isStaleStatement } from "./dialects/stale-statement.ts";

/** Every connection keeps each statement, and texts with lists have endless variants. */
const MAX_NAMES = 200;

/**
 * A pool of `pg` whose statements have names: each connection parses and plans a text once, not each time. Give it to
 * the `PostgresDialect` of your Kysely. Statements that you send through `pool` itself stay as they are.
 *
 * Use it where the pool connects to the server itself, or through a pooler that tracks named statements (pgbouncer since
 * 1.21, `max_prepared_statements`). Behind another pooler in transaction mode it works, but costs more than it gains.
 *
 * If a connection no longer has a statement, or its plan no longer fits a changed schema, the statement runs again.
 *
 * @example
 * ```ts
 * import { Kysely, PostgresDialect } from "kysely";
 * import { Pool } from "pg";
 * import { kyselyStore, namedStatements } from "sallyport/kysely";
 *
 * const pool = new Pool({ connectionString: process.env["DATABASE_URL"] });
 * const db = new Kysely({ dialect: new PostgresDialect({ pool: namedStatements(pool) }) });
 * const store = kyselyStore(db);
 * ```
 * @throws AuthError `invalid_configuration`: no pool.
 */
export function namedStatements(pool: PostgresPool): PostgresPool {
  if (typeof pool?.connect !== "function") throw misconfigured("namedStatements needs a Pool of pg.");
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    if (!names.has(text) && names.size < MAX_NAMES) names.set(text, digestOf(text));
    return names.get(text);
  };
  const naming = new WeakMap<PostgresPoolClient, PostgresPoolClient>();
  return {
    ...(pool.Client && { Client: pool.Client }),
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      const known = naming.get(client) ?? namingClient(client, nameOf);
      naming.set(client, known); // the same object each time: Kysely knows its connections by it
      return known;
    },
  };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

type Query = (text: unknown, values?: unknown) => Promise<unknown>;
interface Named {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

function namingClient(
  client: PostgresPoolClient,
  nameOf: (text: string) => string | undefined,
): PostgresPoolClient {
  const send = client.query.bind(client) as unknown as Query;
  let generation = 0;
  const query: Query = (text, values) => {
    const name = isNameable(text, values) ? nameOf(text) : undefined;
    if (name === undefined) return send(text, values);
    const named = { name: `${name}.${generation}`, text, values } as Named;
    return send(named).catch((error) => {
      if (!isStaleStatement(error)) throw error;
      // The driver still takes the old name for known, so this connection needs others from now on.
      generation++;
      return again(send, named, error);
    });
  };
  // All else is the client's own.
  return Object.create(client, { query: { value: query } }) as PostgresPoolClient;
}

const IN_FAILED_TRANSACTION = "25P02";

/** The server refused the statement before it ran. In a transaction, it then refuses all that follows. */
function again(send: Query, { text, values }: Named, error: unknown): Promise<unknown> {
  return send(text, values).catch((next) => {
    throw driverField(next, "code") === IN_FAILED_TRANSACTION ? error : next;
  });
}

/** A statement without parameters is BEGIN, COMMIT or DDL: a name saves nothing there. */
function isNameable(text: unknown, values: unknown): text is string {
  return typeof text === "string" && Array.isArray(values) && values.length > 0;
}
