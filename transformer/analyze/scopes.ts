/**
 * Scopes: regions whose values the reverse sweep has to be given, once for each time that the region ran. The body of
 * a recorded loop is one, and a branch that is not reversed right where it runs; at the top of a function, and where
 * a loop is replayed, everything is available.
 */
import type { LoopOp, Region, Value } from "../ir/ir.js";
import type { RecordingInput } from "./recording-input.js";
import type { Replay } from "./replay.js";

export interface Scopes {
  /** The region whose iteration or branch `region` belongs to for recording; null where everything is available. */
  of(region: Region): Region | null;
  /** The values of a scope: of its region and of the branches in it that are not scopes of their own. */
  definedIn(scope: Region): readonly Value[];
  /** The innermost loop around a region whose iterations run again. */
  replayedAround(region: Region): LoopOp | null;
}

/** The scopes of a function, after it is settled what is replayed. */
export function findScopes({ fn, tree, handedIn }: RecordingInput, { replayed, joined }: Replay): Scopes {
  const scopes = new Map<Region, Region | null>();
  const of = (region: Region): Region | null => {
    const known = scopes.get(region);
    if (known !== undefined) return known;
    const found = find(region);
    scopes.set(region, found);
    return found;
  };
  const find = (region: Region): Region | null => {
    const owner = tree.ownerOf(region);
    const parent = tree.parentOf(region);
    if (owner === null || parent === null) return handedIn === null ? null : region;
    if (owner.kind === "loop") return replayed.has(owner) ? null : region;
    return joined.has(owner) ? of(parent) : (of(parent) ?? region);
  };

  function* valuesOf(region: Region, scope: Region): Iterable<Value> {
    yield* region.params;
    for (const op of region.ops) {
      yield* op.results;
      if (op.kind !== "if") continue;
      for (const branch of [op.then, op.else]) if (of(branch) === scope) yield* valuesOf(branch, scope);
    }
  }

  return {
    of,
    definedIn: (scope) => [
      ...(scope === fn.body ? fn.params.map(({ value }) => value) : []),
      ...valuesOf(scope, scope),
    ],
    replayedAround: (region) => tree.loopsAround(region).findLast((loop) => replayed.has(loop)) ?? null,
  };
}
