/** What every function goes through, whatever is derived from it: shown, verified, simplified, pruned, laid out. */
import type { Compilation } from "../compilation.js";
import { modes } from "../derivative-request.js";
import type { Derived } from "../differentiate/derivative.js";
import { unneeded } from "../differentiate/sweep.js";
import { hintFor } from "../emit/hints.js";
import { findUses } from "../emit/uses.js";
import type { IRFunction } from "../ir/ir.js";
import { print } from "../ir/print.js";
import { walk } from "../ir/traverse.js";
import { verify } from "../ir/verify.js";
import { carryElements } from "../simplify/carry-elements.js";
import { carryReads } from "../simplify/carry-reads.js";
import { carryWindows } from "../simplify/carry-windows.js";
import { dropUnread } from "../simplify/drop-unread.js";
import { joinCopies } from "../simplify/join-copies.js";
import { joinRecords } from "../simplify/join-records.js";
import { removeDead } from "../simplify/remove-dead.js";
import { simplifications, simplify, type Pass } from "../simplify/simplify.js";
import { storeFirst } from "../simplify/store-first.js";

/** What a derivative goes through before it is written down, in this order; what is differentiated again does not. */
const layouts = {
  storeFirst,
  dropUnread,
  // takes additions that are left
  carryElements,
  carryWindows,
  carryReads,
  joinCopies,
  joinRecords: (fn) => {
    const uses = findUses(fn);
    return joinRecords(fn, (value) => hintFor(value, uses) || "t");
  },
} satisfies Record<string, Pass>;

/** The passes that can be switched off; all simplifications too, those before and those after differentiation. */
export const passNames: readonly string[] = [
  ...Object.keys(simplifications),
  "simplifyPrimal",
  "simplifyDerivative",
  "toBeRecorded",
  "expandScratch",
  "takeSnapshots",
  ...Object.keys(layouts),
];

/** The stages that can be dumped. */
export const dumpNames: readonly string[] = [
  "lower",
  "primal",
  ...Object.keys(simplifications),
  "analyze",
  "explain",
  ...modes,
  "augmentedPrimal",
  "reversePass",
  "prune",
  "derivative",
  ...Object.keys(layouts),
];

/**
 * Dumps and verifies one stage: always, not only where every pass is checked, for what is not well-formed here would
 * be a wrong derivative.
 */
export function show(stage: string, fn: IRFunction, compilation: Compilation): IRFunction {
  compilation.dump(stage, () => print(fn));
  verify(fn, stage, compilation.functions);
  return fn;
}

/** What simplifies before differentiation: a record is never made of what is simplified away. */
export function simplifyPrimal(fn: IRFunction, compilation: Compilation): IRFunction {
  return compilation.isEnabled("simplifyPrimal") ? simplify(fn, compilation) : fn;
}

/** What differentiation made is rid of what nobody needs. */
export function prune(fn: IRFunction, stage: string, compilation: Compilation): IRFunction {
  compilation.dump(stage, () => print(fn));
  const pruned = show("prune", removeDead(fn, compilation), compilation);
  walk(pruned.body, (op) => {
    if (op.kind === "constant" && op.text === unneeded)
      throw new Error("a value that the reverse sweep needs is not available to it");
  });
  return pruned;
}

/** What simplifies after differentiation; the ablation switches it off. */
export function finish(fn: IRFunction, compilation: Compilation): IRFunction {
  const trimmed = removeDead(fn, compilation);
  const simplified = compilation.isEnabled("simplifyDerivative") ? simplify(trimmed, compilation) : trimmed;
  return show("derivative", simplified, compilation);
}

/** A derivative as it is written down: sums begin with their first term, and what is kept together lies together. */
export function laidOut(derived: Derived, compilation: Compilation): Derived {
  const { foldConstants, shareCommon, hoistInvariants } = simplifications;
  const tidy = (fn: IRFunction): IRFunction =>
    [shareCommon, foldConstants, hoistInvariants, removeDead].reduce((current, pass) => pass(current, compilation), fn);
  const layOut = (fn: IRFunction): IRFunction => {
    let current = fn;
    for (const [name, pass] of Object.entries<Pass>(layouts)) {
      const next = compilation.isEnabled(name) ? pass(current, compilation) : current;
      if (next === current) continue;
      current = show(name, tidy(next), compilation);
    }
    return current;
  };
  return { ...derived, fn: layOut(derived.fn), helpers: derived.helpers.map(layOut) };
}
