import type { Kysely } from "kysely";
import { type Auth, createAuth } from "sallyport";
import { kyselyStore, kyselyTransaction } from "sallyport/kysely";
import { createProfile, type Database } from "./database.ts";

/** Authentication in the application's database: each signup creates a user and a profile, or neither. */
export function createAppAuth(db: Kysely<Database>, secret: string | undefined): Auth {
  return createAuth({
    secret,
    store: kyselyStore(db),
    onError: console.error,
    hooks: {
      userCreated: ({ user, tx }) => createProfile(kyselyTransaction<Database>(tx), user),
    },
  });
}
