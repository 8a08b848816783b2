import type { FullTable, FullTableListener } from "../../ports/rate-limiter.ts";
import type { CounterTable } from "./counter-table.ts";

export interface FullTables {
  /** Compares the table with its last state, and tells the listeners of a change. */
  note(table: CounterTable): void;
  /** Adds a listener, and tells it at once of the tables that are full. Its result removes the listener. */
  listen(listener: FullTableListener): () => void;
}

/** Remembers which tables are full. */
export function fullTables(): FullTables {
  const full = new Set<CounterTable>();
  const listeners = new Set<FullTableListener>();
  const tell = (change: FullTable): void => {
    for (const listener of listeners) listener(change);
  };
  return Object.freeze<FullTables>({
    note(table) {
      const isFull = table.isFull();
      if (isFull === full.has(table)) return;
      if (isFull) full.add(table);
      else full.delete(table);
      tell(changeOf(table, isFull ? "began" : "ended"));
    },
    listen(listener) {
      listeners.add(listener);
      for (const table of full) listener(changeOf(table, "began"));
      return () => void listeners.delete(listener);
    },
  });
}

function changeOf({ scope, windowMs }: CounterTable, phase: FullTable["phase"]): FullTable {
  return { phase, scope: scope ?? null, windowMs };
}
