/**
 * What both sweeps share while the derivative of one function is built: the facts, what is recorded,
 * and the place where code is being appended.
 */
import type { Recording } from "../analyze/to-be-recorded.js";
import { type Block } from "../ir/build.js";
import type { IfOp, LoopOp, Region, Value } from "../ir/ir.js";
import { beside } from "./shadow-type.js";
import type { Cells, Twins } from "./cells.js";
import type { Derivatives } from "./derivatives.js";
import type { Facts } from "./facts.js";
import type { Stops } from "./needs.js";
import { recordsOf, type LoopRecord } from "./records.js";

/** How regions are emitted; mutually recursive with the reverse of control. */
export interface RegionEmitter {
  /** Forward, then backward, in one place. */
  readonly joined: (sweep: Sweep, region: Region, site: Site, run: ForwardRun) => void;
  /** Backward, after its forward run was elsewhere. */
  readonly reversed: (sweep: Sweep, region: Region, site: Site) => void;
}

export interface Sweep {
  readonly regions: RegionEmitter;
  readonly facts: Facts;
  readonly derivatives: Derivatives;
  readonly stops: Stops;
  readonly recording: Recording;
  /** Is the reverse sweep a function of its own? */
  readonly isSplit: boolean;
  /** The key under which cells keep the record of a value (or, out of a branch, the value itself). */
  readonly recordKey: (value: Value) => object;
  /** The key under which cells keep where the current run of a loop begins in its records. */
  readonly positionKey: (loop: LoopOp) => object;
  /** The key under which cells keep the snapshots of a loop. */
  readonly snapshotsKey: (loop: LoopOp) => object;
  /** The key under which cells keep the snapshots of all runs of a loop that stands in a recorded one. */
  readonly runsKey: (loop: LoopOp) => object;
  /** The key under which cells keep how many of them there may be. */
  readonly roomKey: (loop: LoopOp) => object;
}

/** How the primal's operations are emitted once more. */
export interface ForwardRun {
  /** The first run keeps the primal's own values; running an iteration again makes new ones. */
  readonly define: (value: Value) => Value;
  readonly records: boolean;
  /** An iteration that runs again leaves memory made outside it alone: it holds its final contents. */
  readonly mayWrite: (base: Value) => boolean;
  /** The same of lengths: what was pushed is there. */
  readonly mayResize?: (array: Value) => boolean;
  /** Where only some operations run again: does anybody read this memory? A write to it must not be left out. */
  readonly isRead?: (base: Value) => boolean;
  /** In a loop whose last iteration the reverse sweep does not ask for. */
  readonly deferred?: Deferred;
}

/** What an iteration records once it is known not to be the last: behind the test that ends the loop. */
export interface Deferred {
  readonly decider: IfOp;
  readonly goesOn: Region;
  readonly own: LoopRecord;
  readonly values: Value[];
}

/** Where code is being appended, and what is visible there. */
export interface Site {
  readonly block: Block;
  readonly twins: Twins;
  readonly cells: Cells;
  /** The loops being recorded or read back around this place. */
  readonly frame: Frame | null;
}

/** One loop of a recorded nest, as it runs forward or backward. */
export interface Frame {
  readonly records: ReadonlyMap<LoopOp, LoopRecord>;
  readonly counts: ReadonlyMap<LoopOp, Value>;
  /** Number of the iteration among all iterations of the nest, for records with a known size. */
  readonly flat: Value | null;
  /** Index into the grown records of this loop. */
  readonly position: Value | null;
  readonly loop: LoopOp | null;
}

/** A nest with its records, seen from its outermost loop; null: nothing is recorded in it. `counts`: how often loops run. */
export function frameOf({ recording, facts }: Sweep, root: LoopOp, counts: ReadonlyMap<LoopOp, Value>): Frame | null {
  const records = new Map(recordsOf(root, recording, facts).map((record) => [record.loop, record]));
  return records.size === 0 ? null : { records, counts, flat: null, position: null, loop: null };
}

/** What both sweeps share, with keys of its own for what cells keep. */
export function makeSweep(
  { facts, stops, recording, isSplit }: Pick<Sweep, "facts" | "stops" | "recording" | "isSplit">,
  regions: RegionEmitter,
  derivatives: Derivatives,
): Sweep {
  const memo = (): ((key: object) => object) => {
    const keys = new Map<object, object>();
    return (key) => {
      const known = keys.get(key);
      if (known !== undefined) return known;
      const made = { of: key };
      keys.set(key, made);
      return made;
    };
  };
  return {
    regions,
    facts,
    derivatives,
    stops,
    recording,
    isSplit,
    recordKey: memo(),
    positionKey: memo(),
    snapshotsKey: memo(),
    runsKey: memo(),
    roomKey: memo(),
  };
}

/** A place within another one: what is known there is known here, what is learnt here stays here. */
export const innerSite = (site: Site): Site => ({
  block: site.block.inner(),
  twins: site.twins.inner(),
  cells: site.cells.inner(),
  frame: site.frame,
});

/** Stands for a value that nobody needs; what depends on it is removed before the derivative leaves us. */
export const unneeded = "unneeded";

/** The value that stands for one of the primal here, or a mark: nothing that is used may be computed from it. */
export function twinOrUnneeded(site: Site, value: Value): Value {
  return site.twins.get(value) ?? site.block.constant(NaN, value.origin, unneeded, value.type);
}

/** The twin of a value that the plan promised; its absence is a fault of ours. */
export function twinOf(site: Site, value: Value): Value {
  const twin = site.twins.get(value);
  if (twin !== null) return twin;
  return twinOrUnneeded(site, value);
}

/** `isFresh`: just made, and nobody else uses the contribution, so it may take the name of what it becomes. */
export function addAdjoint(site: Site, value: Value, contribution: Value, isFresh = false): void {
  const before = site.cells.get(value);
  const origin = beside(value, "adjoint");
  const sum =
    before !== null
      ? site.block.apply("add", [before, contribution], origin)
      : isFresh
        ? site.block.rename(contribution, origin)
        : contribution;
  site.cells.set(value, sum);
}

/** The adjoint of a value whose definition is being reversed; afterwards it has none. */
export function takeAdjoint(site: Site, value: Value): Value | null {
  const adjoint = site.cells.get(value);
  if (adjoint !== null) site.cells.set(value, null);
  return adjoint;
}
