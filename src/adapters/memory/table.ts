/** The keys of a row. */
export interface TableKeys<Row> {
  readonly key: (row: Row) => string;
  readonly owner: (row: Row) => string | null;
  /** A second key that no two rows share. */
  readonly unique?: (row: Row) => string;
}

export interface Table<Row> {
  get(key: string): Row | undefined;
  byUnique(value: string): Row | undefined;
  ownedBy(owner: string): Row[];
  all(): IterableIterator<Row>;
  /** Adds the row, or replaces the one with its key. */
  put(row: Row): void;
  drop(key: string): void;
}

/** The steps back to the state before, newest last. */
export type UndoList = Array<() => void>;

/** Rows by key, with an index by owner: a lookup costs the same for all users. */
export function memoryTable<Row extends object>(keys: TableKeys<Row>, undo: UndoList): Table<Row> {
  const rows = new Map<string, Row>();
  const uniques = new Map<string, Row>();
  const owners = new Map<string, Set<string>>();

  const forget = (row: Row): void => {
    rows.delete(keys.key(row));
    if (keys.unique) uniques.delete(keys.unique(row));
    removeOwned(owners, keys.owner(row), keys.key(row));
  };
  const place = (row: Row): void => {
    rows.set(keys.key(row), row);
    if (keys.unique) uniques.set(keys.unique(row), row);
    addOwned(owners, keys.owner(row), keys.key(row));
  };
  const swap = (before: Row | undefined, after: Row | undefined): void => {
    if (before) forget(before);
    if (after) place(after);
  };
  const change = (key: string, after: Row | undefined): void => {
    const before = rows.get(key);
    swap(before, after);
    undo.push(() => swap(after, before));
  };

  return Object.freeze({
    get: (key: string) => rows.get(key),
    byUnique: (value: string) => uniques.get(value),
    ownedBy: (owner: string) => [...(owners.get(owner) ?? [])].map((key) => rows.get(key) as Row),
    all: () => rows.values(),
    put: (row: Row) => change(keys.key(row), copyRow(row)),
    drop: (key: string) => change(key, undefined),
  });
}

/** A copy that shares nothing: a change of an argument or an answer must not change the store. */
export function copyRow<Row extends object>(row: Row): Row {
  const copy = { ...row } as Record<string, unknown>;
  for (const name in copy) {
    const value = copy[name];
    if (typeof value === "object" && value !== null) copy[name] = copyObject(value);
  }
  return copy as Row;
}

function copyObject(value: object): object {
  if (value instanceof Date) return new Date(value.getTime());
  return Array.isArray(value) ? [...value] : { ...value };
}

function addOwned(owners: Map<string, Set<string>>, owner: string | null, key: string): void {
  if (owner === null) return;
  const owned = owners.get(owner);
  if (owned) owned.add(key);
  else owners.set(owner, new Set([key]));
}

function removeOwned(owners: Map<string, Set<string>>, owner: string | null, key: string): void {
  if (owner === null) return;
  const owned = owners.get(owner);
  owned?.delete(key);
  if (owned?.size === 0) owners.delete(owner);
}
