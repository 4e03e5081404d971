/** Which primal values the reverse sweep asks for, where, and why: read off the rules, never written twice. */
import type { Need } from "../analyze/recording-input.js";
import { freeValues, walk } from "../ir/traverse.js";
import type { Op, Region, Value } from "../ir/ir.js";
import { incoming, mentions } from "../rules/term.js";
import { referencesOf } from "./calls.js";
import {
  mayFindNothing,
  mayLackKey,
  isReversible,
  knownBranch,
  scalesOf,
  stopShapeOf,
  type Facts,
  type StopShape,
} from "./facts.js";

/** Stop shapes of all loops, and the branches that the reverse sweep knows not to be taken. */
export interface Stops {
  readonly shapes: ReadonlyMap<Op, StopShape>;
  readonly notTaken: ReadonlySet<Region>;
}

/** What the stops of all loops mean to the reverse sweep. */
export function findStops(facts: Facts): Stops {
  const shapes = new Map<Op, StopShape>();
  const notTaken = new Set<Region>();
  walk(facts.fn.body, (op) => {
    if (op.kind !== "loop") return;
    const shape = stopShapeOf(op, facts);
    shapes.set(op, shape);
    if (shape.kind === "idle") for (const region of shape.notTaken) notTaken.add(region);
  });
  return { shapes, notTaken };
}

/** The primal values that the reverse sweep asks for. */
export function findNeeds(facts: Facts, stops: Stops): readonly Need[] {
  const needs: Need[] = [];
  walk(facts.fn.body, (op, region) => {
    if (!isReversible(op, facts)) return;
    const need = (value: Value | undefined, reason: string): void => {
      if (value !== undefined) needs.push({ value, region, reason, by: op.results[0] ?? null });
    };
    const needCell = (base: Value, index: Value | null, reason: string): void => {
      need(facts.shadowOf.get(base), reason);
      if (index !== null) need(index, reason);
    };
    switch (op.kind) {
      case "apply":
        for (const scale of scalesOf(op, facts)) {
          if (scale === null) continue;
          const { args, result, others } = mentions(scale(incoming));
          for (const index of args) need(op.args[index], `needed by ${op.primitive}'s rule`);
          for (const value of others) need(value, `needed by ${op.primitive}'s rule`);
          if (result) need(op.results[0], `needed by ${op.primitive}'s rule`);
        }
        return;
      case "load":
        if (mayLackKey(op, facts)) need(op.at.base, "tells which keys there are");
        return needCell(op.at.base, op.at.kind === "element" ? op.at.index : null, "addresses a shadow");
      case "accumulate":
        return needCell(op.at.base, op.at.kind === "element" ? op.at.index : null, "addresses a shadow");
      case "store":
        needCell(op.at.base, op.at.kind === "element" ? op.at.index : null, "addresses a shadow");
        need(facts.displaced.get(op)?.shadow, "was displaced in a shadow");
        need(facts.filled.get(op), "says whether a shadow had a number there");
        return;
      case "push":
      case "pop":
        need(facts.shadowOf.get(op.array), "is grown and shrunk backwards");
        if (op.kind === "pop")
          op.results.forEach((result) => {
            need(facts.shadowOf.get(result), "goes back into a shadow");
            if (mayFindNothing(op, facts)) need(result, "says whether an array was empty");
          });
        return;
      case "allocate":
        op.results.forEach((result) => need(facts.shadowOf.get(result), "holds the adjoints of its parts"));
        if (op.initial.kind === "copy") {
          need(facts.shadowOf.get(op.initial.source), "receives the adjoints of its copy");
          need(op.initial.from, "addresses a shadow");
        }
        return;
      case "if":
        if (knownBranch(op, stops.notTaken) === null) need(op.test, "decides which branch is reversed");
        return;
      case "loop": {
        const shape = stops.shapes.get(op);
        if (op.checkpoint !== undefined)
          freeValues(op.body).forEach((value) => need(value, "is used when steps run again"));
        if (op.range !== null) {
          need(op.range.from, "bounds the reversed loop");
          need(op.range.to, "bounds the reversed loop");
        }
        if (shape?.kind === "idle") need(op.results[0], "counts the reversed iterations");
        if (shape?.kind === "working") need(op.results[1], "counts the reversed iterations");
        return;
      }
      case "call": {
        const split = facts.splits.get(op);
        for (const value of split === undefined
          ? (facts.kept.get(op) ?? op.args)
          : [...referencesOf(split.primal), split.tape]) {
          need(value, "is an argument of a reversed call");
          need(facts.shadowOf.get(value), "is an argument of a reversed call");
        }
        if (split === undefined)
          for (const result of op.results) need(facts.shadowOf.get(result), "holds the adjoints of what a call gave");
        return;
      }
      case "unwrap":
      case "constant":
      case "length":
      case "grow":
      case "opaque":
      case "random":
      case "isAbsent":
        return;
    }
  });
  return needs;
}
