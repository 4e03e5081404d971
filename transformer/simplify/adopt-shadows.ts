import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import type { AllocateOp, IRFunction, LoopOp, Op, Value } from "../ir/ir.js";
import { exitOperands } from "../ir/traverse.js";
import { isShadow, touchesMemory } from "./merge-accumulates.js";
import { countUses, Substitution, withBody, withOps } from "./rewrite.js";

/**
 * Gives the shadow of a whole copy to the caller, where it is all that would be added to the shadow of the original.
 *
 *   dx = zerosLike x; y = copy x; dy = zerosLike y; ...; for i to length y { dx[i] += dy[i] }; return dx   =>   return dy
 *
 * Safe where nothing else is added to the shadow of the original, both are of one length and kind, and nobody uses
 * the shadow of the copy afterwards.
 */
export function adoptShadows(fn: IRFunction, compilation: Compilation): IRFunction {
  if (fn.body.exit.kind !== "return" || !fn.body.ops.some((op) => op.kind === "loop" && additionIn(op) !== null))
    return fn;
  const aliases = analyzeAliases(fn, compilation);
  const uses = countUses(fn);
  const substitution = new Substitution();
  const dropped = new Set<Op>();
  fn.body.ops.forEach((op, position) => {
    if (op.kind !== "loop") return;
    const addition = additionIn(op);
    if (addition === null) return;
    const { from, to } = addition;
    const later = fn.body.ops.slice(position + 1);
    const memory = new Set([aliases.classOf(from)]);
    const returned = exitOperands(fn.body.exit).filter((value) => value === to).length;
    const original = isCopy(from, to, op, aliases);
    if (original === null || returned !== 1 || uses.get(to) !== 2 || exitOperands(fn.body.exit).includes(from)) return;
    if (later.some((one) => touchesMemory(one, aliases, memory))) return;
    substitution.replace(to, from);
    dropped.add(op).add(original);
  });
  if (dropped.size === 0) return fn;
  const ops = fn.body.ops.filter((op) => !dropped.has(op));
  return withBody(fn, withOps(fn.body, ops, substitution.exit(fn.body.exit)));
}

/** A loop that adds one array to another, element by element, and does nothing else. */
function additionIn(loop: LoopOp): { readonly from: Value; readonly to: Value } | null {
  const [counter] = loop.body.params;
  if (loop.range?.step !== 1 || loop.range.inclusive || loop.initial.length > 0) return null;
  const [load, accumulate, ...rest] = loop.body.ops;
  if (load?.kind !== "load" || accumulate?.kind !== "accumulate" || !isShadow(accumulate)) return null;
  if (rest.some(({ kind }) => kind !== "constant")) return null;
  if (load.at.kind !== "element" || accumulate.at.kind !== "element") return null;
  if (load.at.index !== counter || accumulate.at.index !== counter || accumulate.value !== load.results[0]) return null;
  return { from: load.at.base, to: accumulate.at.base };
}

/**
 * Is `from` the shadow of a whole copy of an array whose shadow is `to`, and does the loop go over all of it? Then the
 * operation that makes `to`.
 */
function isCopy(from: Value, to: Value, loop: LoopOp, aliases: Aliases): AllocateOp | null {
  const { definitions } = aliases;
  const [made, original] = [definitions.opOf(from), definitions.opOf(to)];
  if (made?.kind !== "allocate" || made.initial.kind !== "zerosLike") return null;
  if (original?.kind !== "allocate" || original.initial.kind !== "zerosLike") return null;
  const copy = made.initial.of;
  const copying = definitions.opOf(copy);
  if (copying?.kind !== "allocate" || copying.initial.kind !== "copy") return null;
  const { source, from: begin, to: end } = copying.initial;
  const isLengthOf = (length: Value | undefined, array: Value): boolean => {
    const op = length === undefined ? null : definitions.opOf(length);
    return op?.kind === "length" && op.array === array;
  };
  const isWhole = source === original.initial.of && definitions.isLiteral(begin, 0) && isLengthOf(end, source);
  const goesOverAll =
    loop.range !== null && definitions.isLiteral(loop.range.from, 0) && isLengthOf(loop.range.to, copy);
  const keepsLength = [from, to, copy, source].every((array) => !aliases.classOf(array).resized);
  const [one, other] = [from.type, to.type];
  const isAlike =
    one.kind === "array" && other.kind === "array" && one.storage === other.storage && one.storage !== "ArrayLike";
  return isWhole && goesOverAll && keepsLength && isAlike && one.element.kind === "number" ? original : null;
}
