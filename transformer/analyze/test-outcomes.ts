import type { ApplyOp, Value } from "../ir/ir.js";
import type { RegionTree } from "./region-tree.js";

/** A test that is no combination of others, and how it came out. */
export interface Outcome {
  readonly op: ApplyOp;
  readonly truth: boolean;
}

/**
 * What is told by a test that came out as `truth`: of the tests that it is put together from.
 *
 *   a && !(b < c), true   =>   a is true, b < c is false
 */
export function* outcomesOf(test: Value, truth: boolean, tree: RegionTree): Iterable<Outcome> {
  const { op } = tree.definitionOf(test);
  if (op?.kind === "if") {
    // a && b is `a ? b : false`, a || b is `a ? true : b`
    const position = op.results.indexOf(test);
    const [then, otherwise] = [op.then, op.else].map(({ exit }) =>
      exit.kind === "yield" ? exit.values[position] : undefined,
    );
    if (then === undefined || otherwise === undefined) return;
    const isRuledOut = (value: Value): boolean => {
      const decided = tree.definitionOf(value).op;
      return decided?.kind === "constant" && decided.value === !truth;
    };
    if (isRuledOut(otherwise)) {
      yield* outcomesOf(op.test, true, tree);
      yield* outcomesOf(then, truth, tree);
    } else if (isRuledOut(then)) {
      yield* outcomesOf(op.test, false, tree);
      yield* outcomesOf(otherwise, truth, tree);
    }
    return;
  }
  if (op?.kind !== "apply") return;
  if (op.primitive === "not") {
    for (const arg of op.args) yield* outcomesOf(arg, !truth, tree);
  } else if (op.primitive === (truth ? "and" : "or")) {
    for (const arg of op.args) yield* outcomesOf(arg, truth, tree);
  } else yield { op, truth };
}
