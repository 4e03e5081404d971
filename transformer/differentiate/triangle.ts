/**
 * Loops whose count changes by one from each iteration of the loop around them to the next: how often they run
 * altogether is known before.
 *
 *   for i from 0 to n { for j from 0 to i { .. } }       n * (n - 1) / 2
 *   for i from 0 to n { for j from i + 1 to n { .. } }   n * (n - 1) / 2
 *
 * The counts are an arithmetic series: as many as the outer loop has iterations, and on average half of the first and
 * the last together.
 */
import type { Affine, Definitions } from "../analyze/definitions.js";
import type { LoopOp, Range, Value } from "../ir/ir.js";
import { type Block, makeValue } from "../ir/build.js";
import { integerType } from "../ir/ir.js";

export interface Triangle {
  readonly outer: LoopOp;
  readonly inner: LoopOp;
  /** The first and the last count together are `bound + offset`; the bound is one end of the outer range. */
  readonly bound: Value;
  readonly offset: number;
  /** What the bound itself is `root + ahead` of, where it is such a sum. */
  readonly root: Value | null;
  readonly ahead: number;
}

/** `inner` stands in `outer`, and nothing around it asks whether it runs. Null where the counts are no such series. */
export function triangleOf(outer: LoopOp, inner: LoopOp, definitions: Definitions): Triangle | null {
  const [around, within] = [endsOf(outer.range, definitions), endsOf(inner.range, definitions)];
  const [counter] = outer.body.params;
  if (around === null || within === null || counter === undefined) return null;
  const [first, { bound, root, offset: end, beyond }] = [around.low, around.high];
  const series = { outer, inner, bound, root, ahead: end - beyond };
  if (first.root !== null) return null;
  const { low, high } = within;
  if (high.root === counter && low.root === null) {
    // from `low` to `i + high.offset`
    const growth = high.offset - low.offset;
    if (first.offset + growth < 0) return null;
    return { ...series, offset: beyond + first.offset - 1 + 2 * growth };
  }
  if (low.root === counter && high.root === root) {
    // from `i + low.offset` to the end of the outer range, or a little off it
    const rest = high.offset - end;
    if (rest + 1 - low.offset < 0) return null;
    return { ...series, offset: beyond + 2 * rest + 1 - 2 * low.offset - first.offset };
  }
  return null;
}

/**
 * How often the inner loop runs in all iterations of the outer one; `count`: how many these are. Null where the bound is
 * not there.
 */
export function sumOf(
  block: Block,
  triangle: Triangle,
  count: Value,
  valueHere: (value: Value) => Value | null,
): Value | null {
  const root = triangle.root === null || triangle.ahead === 0 ? null : valueHere(triangle.root);
  const bound = root ?? valueHere(triangle.bound);
  if (bound === null) return null;
  const offset = triangle.offset + (root === null ? 0 : triangle.ahead);
  const whole = bound.type.kind === "integer" ? bound : block.apply("ceil", [bound]);
  const ends =
    offset === 0 ? whole : block.apply(offset > 0 ? "add" : "sub", [whole, block.constant(Math.abs(offset))]);
  const total = makeValue(integerType);
  const product = block.apply("mul", [count, ends]);
  block.append({ kind: "apply", results: [total], primitive: "div", args: [product, block.constant(2)] });
  return total;
}

/** The lowest counter, and the one behind the highest; `beyond`: how far that is behind the range's own end. */
interface Ends {
  readonly low: Affine;
  readonly high: Affine & { readonly bound: Value; readonly beyond: number };
}

function endsOf(range: Range | null, definitions: Definitions): Ends | null {
  if (range === null) return null;
  const { from, to, step, inclusive } = range;
  const isUp = step === 1;
  if (!isUp && step !== -1) return null;
  const [lowest, bound] = isUp ? [from, to] : [to, from];
  if (lowest.type.kind !== "integer") return null;
  // an upper end that is no integer is rounded up, where it is not itself a counter
  if (bound.type.kind !== "integer" && (!isUp || inclusive)) return null;
  const beyond = !isUp || inclusive ? 1 : 0;
  const [low, high] = [definitions.affine(lowest), definitions.affine(bound)];
  return {
    low: { root: low.root, offset: low.offset + (isUp || inclusive ? 0 : 1) },
    high: { root: high.root, offset: high.offset + beyond, bound, beyond },
  };
}
