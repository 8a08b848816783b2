import type { Kysely } from "kysely";
import type { AuthStore } from "../../ports/auth-store.ts";
import { refuseNested, type StoreGate, storeGate } from "../store-gate.ts";
import { credentialVerbs } from "./credentials.ts";
import { eventVerbs } from "./events.ts";
import { type Lane, outerLane, type Preparation } from "./lane.ts";
import { purge } from "./purge.ts";
import { sessionVerbs } from "./sessions.ts";
import type { Schema, SqlDialect } from "./sql-dialect.ts";
import type { TableNames, Tables } from "./tables.ts";
import { tokenVerbs } from "./tokens.ts";
import { runTransaction } from "./transaction.ts";
import { userVerbs } from "./users.ts";

export interface SqlStoreParts {
  readonly db: Kysely<Tables>;
  readonly names: TableNames;
  readonly dialect: SqlDialect;
  /** Runs before the first statement, and again at the next one when it failed. */
  readonly prepare: (schema: Schema) => Promise<void>;
  readonly close: () => Promise<void>;
}

type Verbs = Omit<AuthStore, "transaction" | "close">;

/** One store for every SQL database; what differs is in its `SqlDialect`. */
export function sqlStore({ db, names, dialect, prepare, close }: SqlStoreParts): AuthStore {
  const schema: Schema = Object.freeze({ db, names, dialect });
  const gate = storeGate();
  const preparation = preparing(() => prepare(schema));
  const verbsOn = verbsOf(schema);
  const storeOn = (lane: Lane): AuthStore =>
    Object.freeze<AuthStore>({ ...verbsOn(lane), transaction: refuseNested, close: refuseNested });
  const outer = { db, dialect, gate, preparation };
  return Object.freeze<AuthStore>({
    ...verbsOn(outerLane(outer)),
    transaction: (work) => runTransaction(outer, (lane) => work(storeOn(lane))),
    close: closing(gate, close),
  });
}

function verbsOf(schema: Schema): (lane: Lane) => Verbs {
  const users = userVerbs(schema);
  const credentials = credentialVerbs(schema);
  const sessions = sessionVerbs(schema);
  const tokens = tokenVerbs(schema);
  const events = eventVerbs(schema);
  return (lane) => ({
    users: users(lane),
    credentials: credentials(lane),
    sessions: sessions(lane),
    tokens: tokens(lane),
    events: events(lane),
    purge: (cutoffs, limit) => purge(lane, schema, { cutoffs, limit }),
  });
}

function preparing(prepare: () => Promise<void>): Preparation {
  let running: Promise<void> | undefined;
  const preparation: Preparation = {
    done: false,
    run: () => {
      running ??= prepare()
        .then(() => {
          preparation.done = true;
        })
        .finally(() => {
          running = undefined;
        });
      return running;
    },
  };
  return preparation;
}

function closing(gate: StoreGate, close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return async () => {
    gate.close();
    closed ??= close();
    return closed;
  };
}
