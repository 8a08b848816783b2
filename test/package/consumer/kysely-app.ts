// An application with tables of its own in the same database: its Kysely goes in as it is.
import { Kysely } from "kysely";
import { createAuth } from "sallyport";
import { type KyselyStoreOptions, kyselyStore, migrate, planMigration } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";

interface Tables {
  readonly profiles: { readonly user_id: string; readonly nickname: string | null };
}

const options: KyselyStoreOptions = { tablePrefix: "door_", maxWaitMs: 1_000 };

export const db = new Kysely<Tables>({ dialect: nodeSqliteDialect("app.db") });
export const auth = createAuth({ secret: process.env["SALLYPORT_SECRET"], store: kyselyStore(db, options) });

export async function prepare() {
  const { statements } = await planMigration(db, { tablePrefix: "door_" });
  console.info(statements.join(";\n"));
  return migrate(db, { tablePrefix: "door_" });
}

export async function nickname(token: string) {
  const { userId } = await auth.verifyToken(token);
  const found = await db
    .selectFrom("profiles")
    .select("nickname")
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return found?.nickname ?? null;
}
