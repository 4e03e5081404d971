/** What a call does to memory: told by the summary of its callee, class by class. */
import { collapse, content, find, merge, unify, type Key, type Node } from "./memory-class.js";

/** What a function does to the memory that it is handed and hands out. */
export interface Summary {
  /** The classes of its parameters and results; null where these are no references. */
  readonly params: readonly (Node | null)[];
  readonly results: readonly (Node | null)[];
  readonly observable: boolean;
  readonly writesEverything: boolean;
}

/** What one call does, in the classes of its caller. */
export interface CallRecord {
  readonly writes: { memory: Node; key: Key }[];
  readonly reads: { memory: Node; key: Key }[];
  readonly resizes: Node[];
  observable: boolean;
  writesEverything: boolean;
}

/** Of a call that does nothing. */
export const emptyRecord = (): CallRecord => ({
  writes: [],
  reads: [],
  resizes: [],
  observable: false,
  writesEverything: false,
});

/** A class of the callee, and the class of the caller that stands in its place. */
export type Correspondence = readonly [theirs: Node, ours: Node];

/**
 * Makes the classes of the caller as coarse as the callee's are, and notes what the callee writes, reads and resizes;
 * `pairs`: the arguments and results.
 */
export function applySummary(pairs: readonly Correspondence[], record: CallRecord): void {
  for (const [theirs, mapped] of correspond(pairs)) {
    const ours = find(mapped);
    for (const key of theirs.writtenKeys) {
      ours.writtenKeys.add(key);
      record.writes.push({ memory: ours, key });
    }
    for (const key of theirs.readKeys) {
      ours.readKeys.add(key);
      record.reads.push({ memory: ours, key });
    }
    if (theirs.resized) ours.resized = true;
    if (theirs.lengthened) ours.lengthened = true;
    if (theirs.resized || theirs.lengthened) record.resizes.push(ours);
  }
}

/** The caller's class for each class that can be reached from those given. */
function correspond(pairs: readonly Correspondence[]): ReadonlyMap<Node, Node> {
  const found = new Map<Node, Node>();
  const pending = [...pairs];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const theirs = find(pair[0]);
    const ours = find(pair[1]);
    const known = found.get(theirs);
    if (known !== undefined) {
      unify(known, ours);
      continue;
    }
    found.set(theirs, ours);
    if (theirs.collapsed) collapse(ours);
    if (theirs.merged) merge(ours);
    for (const [key, inner] of theirs.contents) pending.push([inner, content(ours, key)]);
  }
  return found;
}
