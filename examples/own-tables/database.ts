import { Kysely, type Transaction } from "kysely";
import { migrate } from "sallyport/kysely";
import { nodeSqliteDialect } from "sallyport/sqlite";

/** The application's own tables. The library's tables are missing here: only the library writes to them. */
export interface Database {
  profiles: ProfilesTable;
}

interface ProfilesTable {
  /** Refers to `auth_users.id`: exactly one profile for each user. */
  user_id: string;
  display_name: string;
}

/** Opens the file, and brings both the library's tables and the application's to their newest version. */
export async function openDatabase(path: string): Promise<Kysely<Database>> {
  const db = new Kysely<Database>({ dialect: nodeSqliteDialect(path) });
  await migrate(db);
  await db.schema
    .createTable("profiles")
    .ifNotExists()
    .addColumn("user_id", "text", (column) => column.primaryKey().notNull())
    .addColumn("display_name", "text", (column) => column.notNull())
    .addForeignKeyConstraint("profiles_user", ["user_id"], "auth_users", ["id"], (key) =>
      key.onDelete("cascade"),
    )
    .execute();
  return db;
}

/** For the hook of the signup: the profile is stored in the user's transaction. */
export async function createProfile(
  trx: Transaction<Database>,
  user: { readonly id: string; readonly email: string },
): Promise<void> {
  const [name = ""] = user.email.split("@");
  await trx.insertInto("profiles").values({ user_id: user.id, display_name: name }).execute();
}
