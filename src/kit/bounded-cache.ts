/** A map that forgets what was used least recently once it holds `maxEntries`. */
export interface BoundedCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

export function boundedCache<V>(maxEntries: number): BoundedCache<V> {
  // Two generations: reading moves an entry to the young one; when that is full the old one is dropped.
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  const insert = (key: string, value: V): void => {
    if (young.size >= maxEntries / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return Object.freeze({
    get(key: string): V | undefined {
      const fresh = young.get(key);
      if (fresh !== undefined) return fresh;
      const aged = old.get(key);
      if (aged !== undefined) insert(key, aged);
      return aged;
    },
    set: insert,
  });
}
