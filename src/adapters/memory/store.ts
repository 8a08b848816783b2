import { AuthError, isAuthError } from "../../errors.ts";
import { type Breathe, breather } from "../../lib/breather.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { type FifoLock, fifoLock } from "../shared/fifo-lock.ts";
import {
  assertActive,
  newScope,
  refuseNested,
  type StoreGate,
  storeGate,
  type TransactionScope,
} from "../shared/store-gate.ts";
import { memoryCredentials } from "./credentials.ts";
import { type AdmitEvent, keepEvent, memoryEvents, requireEventUser } from "./events.ts";
import { memoryOutbox } from "./outbox.ts";
import { memoryProofs } from "./proofs.ts";
import { purgeMemory } from "./purge.ts";
import { memorySessions } from "./sessions.ts";
import type { UndoList } from "./table.ts";
import { memoryTables, type Run, type Tables } from "./tables.ts";
import { memoryTokens } from "./tokens.ts";
import { memoryUsers } from "./users.ts";

interface Memory {
  readonly tables: Tables;
  readonly undo: UndoList;
  readonly lock: FifoLock;
  readonly breathe: Breathe;
  readonly gate: StoreGate;
}

/**
 * Keeps everything in this process, with the promises of the SQL stores: for tests and first steps. When the
 * process ends, the data is lost.
 *
 * @example
 * ```ts
 * import { createAuth, memoryStore } from "sallyport";
 *
 * const auth = createAuth({ secret: process.env["AUTH_SECRET"], store: memoryStore() });
 * ```
 */
export function memoryStore(): AuthStore {
  const undo: UndoList = [];
  const memory: Memory = {
    tables: memoryTables(undo),
    undo,
    lock: fifoLock(),
    breathe: breather(),
    gate: storeGate(),
  };
  return Object.freeze<AuthStore>({
    ...verbs(memory.tables, (step) => runAlone(memory, step), keepEvent),
    isVolatile: true,
    transaction: (work) => runAlone(memory, () => runWork(memory, work)),
    close: async () => memory.gate.close(),
  });
}

function verbs(tables: Tables, run: Run, admitEvent: AdmitEvent): Omit<AuthStore, "transaction" | "close"> {
  return {
    users: memoryUsers(tables, run),
    credentials: memoryCredentials(tables, run),
    sessions: memorySessions(tables, run),
    tokens: memoryTokens(tables, run),
    proofs: memoryProofs(tables, run),
    outbox: memoryOutbox(tables, run),
    events: memoryEvents(tables, run, admitEvent),
    purge: (cutoffs, limit) => run(() => purgeMemory(tables, cutoffs, limit)),
  };
}

async function runAlone<T>({ gate, lock, breathe, undo }: Memory, run: () => T | Promise<T>): Promise<T> {
  gate.assertOutside();
  const wait = lock.acquire();
  if (wait) await wait;
  try {
    const turn = breathe();
    if (turn) await turn;
    return await run();
  } catch (error) {
    while (undo.length > 0) undo.pop()?.();
    throw error;
  } finally {
    undo.length = 0;
    lock.release();
  }
}

async function runWork<T>(memory: Memory, work: (tx: AuthStore) => Promise<T>): Promise<T> {
  const scope = newScope();
  const tx = transactionStore(memory.tables, scope);
  try {
    const result = await memory.gate.enter(scope, async () => work(tx));
    if (scope.failure) throw scope.failure;
    return result;
  } finally {
    scope.active = false;
  }
}

function transactionStore(tables: Tables, scope: TransactionScope): AuthStore {
  const run: Run = async (step) => {
    assertActive(scope);
    try {
      return step();
    } catch (error) {
      scope.failure ??= isAuthError(error) ? error : new AuthError("unavailable", { cause: error });
      throw error;
    }
  };
  return Object.freeze<AuthStore>({
    ...verbs(tables, run, requireEventUser),
    transaction: refuseNested,
    close: refuseNested,
  });
}
