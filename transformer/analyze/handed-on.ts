/** References that something else holds beside the value itself. */
import { typeAt } from "../ir/build.js";
import { isReference, type IRFunction, type Op, type Region, type Value } from "../ir/ir.js";
import { exitOperands, operandsOf, regionsOf, walk } from "../ir/traverse.js";

/** References that a variable of a loop or branch, other memory, or a callee holds, too. */
export function referencesHandedOn(fn: IRFunction): ReadonlySet<Value> {
  const found = new Set<Value>();
  const hand = (values: readonly Value[]): void => {
    for (const value of values) if (isReference(value.type)) found.add(value);
  };
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      hand(handedOnBy(op));
      regionsOf(op).forEach(visit);
    }
    hand(exitOperands(region.exit));
  };
  visit(fn.body);
  return found;
}

function handedOnBy(op: Op): readonly Value[] {
  switch (op.kind) {
    case "store":
    case "push":
      return [op.value];
    case "allocate":
      return op.initial.kind === "parts" || op.initial.kind === "filled" ? operandsOf(op) : [];
    case "opaque":
      return op.results.every(({ type }) => type.kind === "boolean") && !op.effects.writes ? [] : op.operands;
    case "call":
    case "loop":
    case "unwrap":
    case "grow":
      return operandsOf(op);
    default:
      return [];
  }
}

/**
 * References of which another, made anew in the same way, would not do in their place: those that are handed on, and
 * those whose contents count: what is copied, and what rows are put into.
 */
export function irreplaceableReferences(fn: IRFunction): ReadonlySet<Value> {
  const found = new Set(referencesHandedOn(fn));
  walk(fn.body, (op) => {
    if (op.kind === "store" && isReference(typeAt(op.at))) found.add(op.at.base);
    if (op.kind === "allocate" || op.kind === "opaque") operandsOf(op).forEach((value) => found.add(value));
  });
  return found;
}
