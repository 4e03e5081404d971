/**
 * A carried value that goes on as it began needs no assignment where the loop goes on.
 *
 *   loop carrying found = false { if t { yield true true } else { yield false false } }
 *   =>   .. else { yield false found }, printed as  if (t) { found = true; break; }
 */
import type { IRFunction, Literal, LoopOp, Op, Region, Value } from "../ir/ir.js";
import { rebuild } from "../ir/traverse.js";
import { findUses, type Uses } from "./uses.js";

/** Literals that a carried value began with, and goes on with => the carried value. */
export function keepCarried(fn: IRFunction): IRFunction {
  const uses = findUses(fn);
  return { ...fn, body: inRegion(fn.body, uses) };
}

function inRegion(region: Region, uses: Uses): Region {
  const ops = region.ops.map((op): Op => {
    if (op.kind !== "if" && op.kind !== "loop") return op;
    const next = rebuild(op, { value: (one) => one, region: (inner) => inRegion(inner, uses), result: (one) => one });
    return next.kind === "loop" ? keep(next, uses) : next;
  });
  return { ...region, ops };
}

function keep(loop: LoopOp, uses: Uses): LoopOp {
  let { body } = loop;
  loop.initial.forEach((initial, k) => {
    const beginning = literalOf(initial, uses);
    const param = body.params[k + 1];
    if (beginning === null || param === undefined) return;
    const unchanged = (value: Value): boolean => {
      const literal = literalOf(value, uses);
      return value === param || (literal !== null && Object.is(literal.value, beginning.value));
    };
    const keeps = ([stop, value]: readonly (Value | undefined)[]): boolean => {
      const next = goesOn(stop, uses);
      return next === false || (next === true && value !== undefined && unchanged(value));
    };
    if (!everyLeaf(body, [0, k + 1], keeps)) return;
    body = mapLeaves(body, 0, k + 1, uses, param);
  });
  return { ...loop, body };
}

function literalOf(value: Value, uses: Uses): { readonly value: Literal } | null {
  const op = uses.definition(value)?.op;
  return op?.kind === "constant" && op.text === null ? op : null;
}

/** false: the loop stops here; null: unknown. */
function goesOn(stop: Value | undefined, uses: Uses): boolean | null {
  const literal = stop === undefined ? null : literalOf(stop, uses);
  return typeof literal?.value === "boolean" ? !literal.value : null;
}

/** Where results of the last `if` leave the region, their values in its branches; else the region's own. */
function everyLeaf(
  region: Region,
  positions: readonly number[],
  test: (values: readonly (Value | undefined)[]) => boolean,
): boolean {
  if (region.exit.kind !== "yield") return true;
  const { values } = region.exit;
  const last = region.ops.at(-1);
  const inner = positions.map((position) => last?.results.indexOf(values[position] ?? noValue) ?? -1);
  if (last?.kind === "if" && inner.every((position) => position >= 0)) {
    return everyLeaf(last.then, inner, test) && everyLeaf(last.else, inner, test);
  }
  return test(positions.map((position) => values[position]));
}

const noValue: Value = { type: { kind: "boolean" }, origin: { span: null, variable: null, role: "primal" } };

function mapLeaves(region: Region, stop: number, position: number, uses: Uses, param: Value): Region {
  if (region.exit.kind !== "yield") return region;
  const { values } = region.exit;
  const last = region.ops.at(-1);
  const [innerStop, inner] = [stop, position].map((one) => last?.results.indexOf(values[one] ?? noValue) ?? -1);
  if (last?.kind === "if" && innerStop !== undefined && inner !== undefined && innerStop >= 0 && inner >= 0) {
    if (innerStop === inner) return region;
    const next = {
      ...last,
      then: mapLeaves(last.then, innerStop, inner, uses, param),
      else: mapLeaves(last.else, innerStop, inner, uses, param),
    };
    return { ...region, ops: [...region.ops.slice(0, -1), next] };
  }
  if (goesOn(values[stop], uses) !== true) return region;
  return { ...region, exit: { kind: "yield", values: values.map((value, k) => (k === position ? param : value)) } };
}
