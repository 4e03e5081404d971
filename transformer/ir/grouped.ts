/** Lists and sets under keys: what is put under a key for the first time begins one. */

/** Puts a value at the end of the list of its key. */
export function appendTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

/** The set of a key, which may still be empty. */
export function setOf<K, V>(sets: Map<K, Set<V>>, key: K): Set<V> {
  const known = sets.get(key);
  if (known !== undefined) return known;
  const made = new Set<V>();
  sets.set(key, made);
  return made;
}
