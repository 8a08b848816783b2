import type { AuthStore } from "../../ports/auth-store.ts";
import { refuseNested, type StoreGate, storeGate } from "../shared/store-gate.ts";
import type { Access } from "./access.ts";
import { credentialVerbs } from "./credentials.ts";
import { eventVerbs } from "./events.ts";
import { carryTransaction } from "./kysely-transaction.ts";
import { type Lane, type OuterLane, outerLane, type Preparation, type Together } from "./lane.ts";
import type { Loan } from "./loan.ts";
import { purge } from "./purge.ts";
import { sessionVerbs } from "./sessions.ts";
import type { Schema } from "./sql-dialect.ts";
import { tokenVerbs } from "./tokens.ts";
import { runTransaction } from "./transaction.ts";
import { userVerbs } from "./users.ts";

export interface SqlStoreParts extends Schema {
  readonly access: Access;
  /** Runs before the first statement, and again at the next one when it failed. */
  readonly prepare: (schema: Schema) => Promise<void>;
  readonly close: () => Promise<void>;
}

type Verbs = Omit<AuthStore, "transaction" | "close">;

/** One store for every SQL database; what differs is in its `SqlDialect`. */
export function sqlStore({ access, prepare, close, ...schema }: SqlStoreParts): AuthStore {
  const gate = storeGate();
  const preparation = preparing(() => prepare(schema));
  const verbsOn = verbsOf(schema);
  const storeOn = (lane: Lane, { take }: Loan): AuthStore =>
    carryTransaction({ ...verbsOn(lane), transaction: refuseNested, close: refuseNested }, take);
  const outer: OuterLane = { access, dialect: schema.dialect, gate, preparation };
  const together: Together = (work) => runTransaction(outer, work);
  return Object.freeze<AuthStore>({
    ...verbsOn(outerLane(outer, together)),
    transaction: (work) => runTransaction(outer, (lane, loan) => work(storeOn(lane, loan))),
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
