/** A map of at most `maxEntries`: it drops entries that were not used for long. */
export interface BoundedCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  /** Reads every entry: for rare use. */
  deleteWhere(matches: (value: V) => boolean): void;
}

export function boundedCache<V>(maxEntries: number): BoundedCache<V> {
  // Two generations: a read moves an entry to the young one. When that is full, the old one is dropped.
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  const insert = (key: string, value: V): void => {
    if (young.size >= maxEntries / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return Object.freeze<BoundedCache<V>>({
    get(key) {
      const fresh = young.get(key);
      if (fresh !== undefined) return fresh;
      const aged = old.get(key);
      if (aged !== undefined) insert(key, aged);
      return aged;
    },
    set: insert,
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    deleteWhere(matches) {
      young = withoutMatches(young, matches);
      old = withoutMatches(old, matches);
    },
  });
}

function withoutMatches<V>(entries: Map<string, V>, matches: (value: V) => boolean): Map<string, V> {
  return new Map([...entries].filter(([, value]) => !matches(value)));
}
