// G2, G5, G7: what was answered is there, what failed is not half there, and nobody has to restart anything.
import { setTimeout as pause } from "node:timers/promises";
import { type Auth, createAuth } from "sallyport";
import { kyselyStore, migrate } from "sallyport/kysely";
import { insecureTestHasher } from "sallyport/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnyKysely, connect } from "../support/databases.ts";
import { PASSWORD, SECRET } from "../support/harness.ts";
import { isThere } from "../support/required-services.ts";
import { type OwnPostgres, ownPostgres, postgresBinaries } from "./processes/own-postgres.ts";

const binaries = postgresBinaries();
const CLIENT = { ip: null };
const USERS = 40;
/** Between two logins: 200 a second. */
const INTERVAL_MS = 5;

describe.runIf(isThere(binaries, "PostgreSQL's own binaries, or root to start them, are missing"))(
  "kill -9",
  () => {
    let postgres: OwnPostgres;
    let db: AnyKysely;
    let auth: Auth;

    beforeAll(async () => {
      postgres = await ownPostgres(binaries as string);
      await postgres.start();
      db = connect({ kind: "postgres", url: postgres.url });
      await migrate(db);
      auth = createAuth({
        secret: SECRET,
        store: kyselyStore(db),
        password: { hasher: insecureTestHasher() },
        limits: { signup: { address: false, account: false }, login: { address: false, account: false } },
        onWarning: () => {},
      });
      await Promise.all(Array.from({ length: USERS }, (_, user) => auth.signup(inputOf(user), CLIENT)));
    });
    afterAll(async () => {
      await db?.destroy();
      await postgres?.remove();
    });

    test("of PostgreSQL under load loses no login that was answered, and leaves none half done", async () => {
      const load = offerLogins(auth);
      await load.until(() => load.signedIn.size >= 200);
      await postgres.kill();
      await load.until(() => load.failures.length >= 50);
      const beforeRestart = load.signedIn.size;
      await postgres.start();
      await load.until(() => load.signedIn.size >= beforeRestart + 200);
      await load.stop();

      expect([...new Set(load.failures)]).toEqual(["unavailable"]);
      const sessions = await idsOf("auth_sessions", "id");
      const events = await idsOf("auth_events", "session_id");
      expect([...load.signedIn].filter((id) => !sessions.has(id))).toEqual([]);
      expect(sessions).toEqual(events);
    });

    async function idsOf(table: string, column: string): Promise<Set<string>> {
      const rows = await db
        .selectFrom(table)
        .select(`${column} as id`)
        .where(column, "is not", null)
        .execute();
      const ids = rows.map((row) => row["id"] as string);
      expect(new Set(ids).size).toBe(ids.length);
      return new Set(ids.sort());
    }
  },
);

function inputOf(user: number): { email: string; password: string } {
  return { email: `user-${user}@example.com`, password: PASSWORD };
}

interface Load {
  /** The sessions of the logins that were answered. */
  readonly signedIn: ReadonlySet<string>;
  /** The codes of those that were not. */
  readonly failures: readonly string[];
  until(reached: () => boolean): Promise<void>;
  /** Offers no more, and waits for those under way. */
  stop(): Promise<void>;
}

/** Logins that come whether or not the earlier ones were answered, as people do. */
function offerLogins(auth: Auth): Load {
  const signedIn = new Set<string>();
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  let offered = 0;

  const offer = (): void => {
    const login = auth.login(inputOf(offered++ % USERS), CLIENT).then(
      (result) => void signedIn.add(result.status === "signed_in" ? result.session.id : result.status),
      (error) => void failures.push(error.code ?? String(error)),
    );
    underWay.add(login);
    void login.finally(() => underWay.delete(login));
  };
  const timer = setInterval(offer, INTERVAL_MS);
  return {
    signedIn,
    failures,
    until: async (reached) => {
      while (!reached()) await pause(INTERVAL_MS);
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}
