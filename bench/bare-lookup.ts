import { type Dialect, Kysely } from "kysely";
import type { SessionId } from "sallyport";
import { kyselyStore } from "sallyport/kysely";

/** The statement by which a store looks a session up: what somebody by hand would send at best. */
export async function lookupText(dialect: Dialect, id: SessionId): Promise<string> {
  let text = "";
  const db = new Kysely({
    dialect,
    log: ({ query }) => {
      text = query.sql;
    },
  });
  await kyselyStore(db).sessions.find(id);
  return text;
}
