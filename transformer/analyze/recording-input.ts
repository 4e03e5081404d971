/** What the plan of the records is made from: what the reverse sweep needs, and all that is known of the function. */
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import type { Dependencies } from "./dependencies.js";
import type { KeptInMemory } from "./kept-in-memory.js";
import type { PrivateArrays } from "./private-arrays.js";
import type { RegionTree } from "./region-tree.js";
import type { Stability } from "./stability.js";

/** The reverse of `region` needs the primal `value`. */
export interface Need {
  readonly value: Value;
  readonly region: Region;
  readonly reason: string;
  /** What the operation that needs it gives, where one does. */
  readonly by: Value | null;
}

export interface RecordingInput {
  readonly fn: IRFunction;
  readonly tree: RegionTree;
  readonly aliases: Aliases;
  readonly stability: Stability;
  readonly arrays: PrivateArrays;
  readonly kept: KeptInMemory;
  readonly dependencies: Dependencies;
  readonly needs: readonly Need[];
  readonly isReversible: (op: Op) => boolean;
  readonly isActive: (value: Value) => boolean;
  /** Operations on shadows alone; a fresh shadow is made anew in the reversed iteration. */
  readonly shadowOps: ReadonlySet<Op>;
  /** Values that the derivative hands to its caller, so that the forward sweep computes them anyway. */
  readonly wanted: readonly Value[];
  /** May a last `if` be reversed where it runs? Not where something must happen between the sweeps. */
  readonly joinsTails: boolean;
  /** Are the sweeps functions of their own? Then nothing is simply there, and these references are handed in again. */
  readonly handedIn: ReadonlySet<Value> | null;
  /** Loops of which the user wants snapshots: their iterations run again from these. */
  readonly checkpointed: ReadonlySet<Op>;
  /** Record whatever is needed, recompute and replay nothing: for tests that compare. */
  readonly recordEverything: boolean;
}
