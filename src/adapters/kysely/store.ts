import type { AuthStore } from "../../ports/auth-store.ts";
import { refuseNested, type StoreGate, storeGate } from "../shared/store-gate.ts";
import type { Access } from "./access.ts";
import { credentialVerbs } from "./credentials.ts";
import { eventVerbs } from "./events.ts";
import { carryTransaction } from "./kysely-transaction.ts";
import type { Loan } from "./loan.ts";
import { outboxVerbs } from "./outbox.ts";
import { proofVerbs } from "./proofs.ts";
import { purgeVerb } from "./purge.ts";
import { type Outside, outerRunner, type Runner } from "./runner.ts";
import { sessionVerbs } from "./sessions.ts";
import type { Schema } from "./sql-dialect.ts";
import { tokenVerbs } from "./tokens.ts";
import { runTransaction } from "./transaction.ts";
import { userVerbs } from "./users.ts";

export interface SqlStoreParts extends Schema {
  readonly access: Access;
  /** The longest wait of one call, if the access bounds it. */
  readonly maxWaitMs?: number;
  /** Runs before the first statement. After a failure it runs again before the next one. */
  readonly prepareTables: (schema: Schema) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly isVolatile?: boolean | undefined;
}

type Verbs = Omit<AuthStore, "transaction" | "close" | "maxWaitMs">;

/** One store for every SQL database; what differs is in its `SqlDialect`. */
export function sqlStore({
  access,
  maxWaitMs,
  prepareTables,
  close,
  isVolatile,
  ...schema
}: SqlStoreParts): AuthStore {
  const gate = storeGate();
  const outside: Outside = {
    access,
    dialect: schema.dialect,
    gate,
    ready: readiness(gate, () => prepareTables(schema)),
  };
  const verbsOn = verbsOf(schema);
  const storeOn = (runner: Runner, loan: Loan): AuthStore =>
    carryTransaction({ ...verbsOn(runner), transaction: refuseNested, close: refuseNested }, loan);
  return Object.freeze<AuthStore>({
    maxWaitMs,
    ...verbsOn(outerRunner(outside, (work) => runTransaction(outside, work))),
    isVolatile,
    transaction: (work) => runTransaction(outside, (runner, loan) => work(storeOn(runner, loan))),
    close: closing(gate, close),
  });
}

function verbsOf(schema: Schema): (runner: Runner) => Verbs {
  const users = userVerbs(schema);
  const credentials = credentialVerbs(schema);
  const sessions = sessionVerbs(schema);
  const tokens = tokenVerbs(schema);
  const proofs = proofVerbs(schema);
  const outbox = outboxVerbs(schema);
  const events = eventVerbs(schema);
  const purge = purgeVerb(schema);
  return (runner) => ({
    users: users(runner),
    credentials: credentials(runner),
    sessions: sessions(runner),
    tokens: tokens(runner),
    proofs: proofs(runner),
    outbox: outbox(runner),
    events: events(runner),
    purge: purge(runner),
  });
}

function readiness(gate: StoreGate, prepareTables: () => Promise<void>): Outside["ready"] {
  let done = false;
  let running: Promise<void> | undefined;
  return () => {
    gate.assertOutside();
    if (done) return undefined;
    running ??= prepareTables()
      .then(() => {
        done = true;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
}

function closing(gate: StoreGate, close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return async () => {
    gate.close();
    closed ??= close();
    return closed;
  };
}
