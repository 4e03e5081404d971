import { analyzeAliases } from "../analyze/aliases.js";
import { analyzeBounds } from "../analyze/bounds.js";
import { madeLengths } from "../analyze/made-lengths.js";
import { findMakers } from "../analyze/makers.js";
import { analyzeRanges } from "../analyze/ranges.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import { rangeUpTo } from "../analyze/trip-counts.js";
import { isWholeCopy } from "../analyze/whole-copy.js";
import type { Compilation } from "../compilation.js";
import { someOperation, walk } from "../ir/traverse.js";
import type {
  AccumulateOp,
  AllocateOp,
  GrowOp,
  IRFunction,
  Op,
  PopOp,
  PushOp,
  Region,
  StoreOp,
  Value,
} from "../ir/ir.js";
import { constantOp, rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

/**
 * The length of an array that is made here and never resized is what it was made with.
 *
 *   h = allocate zeros n; m = length h   =>   h = allocate zeros n; m is n
 *
 *   n = length x; y = copy x 0 n; m = length y   =>   n = length x; y = copy x 0 n; m is n, where the user named n
 *
 *   r = [[1, 0], [0, 1]]; m = length r[i]   =>   m is 2, as of all rows that r can have (made-lengths.ts)
 *
 * Safe for integers: an array of any other length is not made, or not of that length. A store that would lengthen
 * the array, written as `if i < length y { store y[i] } else { push y }`, does not count where i is below n: before it
 * could happen for the first time, the length is still n.
 */
export function foldLengths(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!someOperation(fn.body, ({ kind }) => kind === "length")) return fn;
  const aliases = analyzeAliases(fn, compilation);
  const tree = buildRegionTree(fn);
  const bounds = analyzeBounds(tree, aliases);
  const ranges = analyzeRanges(tree);
  const resizers: (PushOp | PopOp | GrowOp)[] = [];
  const stores: (StoreOp | AccumulateOp)[] = [];
  walk(fn.body, (op) => {
    if (op.kind === "push" || op.kind === "pop" || op.kind === "grow") resizers.push(op);
    if (op.kind === "store" || op.kind === "accumulate") stores.push(op);
  });
  const made = new Map<Value, AllocateOp>();
  const alike = madeLengths(findMakers(tree, aliases), aliases, (array) => bounds.keepsLength(array));
  const substitution = new Substitution();
  const visit = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out: Op[]) => {
      const [result] = op.results;
      if (op.kind === "allocate" && result?.type.kind === "array") made.set(result, op);
      const source = op.kind === "length" ? made.get(op.array) : undefined;
      const literal = op.kind === "length" ? literalLength(op.array) : null;
      if (literal !== null && result !== undefined) {
        const count = constantOp(literal);
        out.push(count);
        substitution.replace(result, count.results[0]);
        return;
      }
      if (op.kind !== "length" || source === undefined || result === undefined || !keepsLength(op.array, source)) {
        out.push(withRegions(op, visit));
        return;
      }
      const { initial } = source;
      const known =
        initial.kind === "zeros" || initial.kind === "filled"
          ? initial.length
          : initial.kind === "zerosLike" && initial.of.type.kind === "array"
            ? initial.of
            : initial.kind === "copy"
              ? lengthOfCopy(op.array)
              : null;
      if (initial.kind === "parts") {
        const count = constantOp(initial.parts.length);
        out.push(count);
        substitution.replace(result, count.results[0]);
      } else if (known?.type.kind === "integer") {
        substitution.replace(result, known);
      } else if (known?.type.kind === "array" && bounds.keepsLength(known)) {
        out.push({ ...op, array: known });
      } else {
        out.push(op);
      }
    });
  return withBody(fn, visit(fn.body));

  /** The length that all arrays have which this one can be. */
  function literalLength(array: Value): number | null {
    if (array.type.kind === "array") return alike(array);
    if (array.type.kind !== "tuple" || array.type.leftOut !== undefined) return null;
    return aliases.classOf(array).resized ? null : array.type.elements.length;
  }

  /** The length of an array that keeps it, of which this is a whole copy, where the user gave it a name: `x.length` is as good. */
  function lengthOfCopy(array: Value): Value | null {
    // as it stood before anything was rewritten
    const { op } = tree.definitionOf(array);
    if (op?.kind !== "allocate" || op.initial.kind !== "copy") return null;
    const { source, to } = op.initial;
    return isWholeCopy(op.initial, aliases.definitions) && to.origin.variable !== null && bounds.keepsLength(source)
      ? substitution.look(to)
      : null;
  }

  function keepsLength(array: Value, source: AllocateOp): boolean {
    const memory = aliases.classOf(array);
    if (!memory.resized) return bounds.keepsLength(array);
    const { initial } = source;
    if (initial.kind !== "zeros" || memory.escapes) return false;
    const ours = resizers.filter((op) => aliases.classOf(op.array) === memory);
    const isInside = ({ at }: StoreOp | AccumulateOp): boolean =>
      aliases.classOf(at.base) !== memory ||
      !aliases.mayLengthen(at) ||
      (at.kind === "element" && isBelow(at.index, initial.length));
    return (
      ours.length > 0 &&
      ours.every((op) => op.array === array && isBeyond(op, array, initial.length)) &&
      stores.every(isInside)
    );
  }

  /** Does an operation stand where an index below `length` would have to be at least the array's length? */
  function isBeyond(op: Op, array: Value, length: Value): boolean {
    return tree.pathTo(tree.placeOf(op).region).some((region) => {
      const owner = tree.ownerOf(region);
      if (owner?.kind !== "if" || region !== owner.else) return false;
      const { op: test } = tree.definitionOf(owner.test);
      const [index, limit] = test?.kind === "apply" && test.primitive === "lt" ? test.args : [];
      if (index === undefined || limit === undefined) return false;
      const { op: measured } = tree.definitionOf(limit);
      return measured?.kind === "length" && measured.array === array && isBelow(index, length);
    });
  }

  /** Is it a counter that goes up to `length` and no further? */
  function isBelow(index: Value, length: Value): boolean {
    const range = rangeUpTo(index, length, tree);
    return range !== null && ranges.intervalOf(range.from).low >= 0;
  }
}
