import type { Compilation } from "../compilation.js";
import type { DerivativeRequest, Step } from "../derivative-request.js";
import { Batches, several } from "../differentiate/batch.js";
import type { DerivedFunction, Derived } from "../differentiate/derivative.js";
import { Derivatives } from "../differentiate/derivatives.js";
import { sideBySide } from "../differentiate/directions.js";
import type { LaneMask } from "../differentiate/lanes.js";
import { countOf } from "../differentiate/leaves.js";
import { Refusal } from "../differentiate/refusal.js";
import { sparseJacobian, whyNotSparse, type SparsePart } from "../differentiate/sparse-jacobian.js";
import { withColumns } from "../differentiate/sparsity.js";
import {
  directionOf,
  hessianByRows,
  isFlatArray,
  jacobianByColumns,
  jacobianByRows,
  mostRowsAtOnce,
  slotsOf,
} from "../differentiate/tabulate.js";
import { columnsAtOnce, type Part } from "../differentiate/unit-directions.js";
import { numberType, type IRFunction } from "../ir/ir.js";
import { isRecursive, recordsIn } from "../ir/recursive.js";
import { walk } from "../ir/traverse.js";
import { finishCallees, reachable } from "./derive-callees.js";
import { deriveOnce, derivePart } from "./derive.js";
import { nested } from "./nested.js";
import { canRepeat } from "./repeat-primal.js";
import type { Setting } from "./setting.js";
import { finish } from "./stages.js";

/** A Jacobian or a Hessian: a function that calls another derivative, once for each row or column. */
export function deriveTable(
  primal: IRFunction,
  narrowed: IRFunction,
  request: DerivativeRequest,
  mode: "jacobian" | "hessian",
  compilation: Compilation,
  setting: Setting,
): Derived | null {
  const [result] = primal.results;
  const notSparse = request.sparse === true ? whyNotSparse(narrowed, mode) : null;
  if (notSparse !== null) throw new Refusal("EZ2082", { name: primal.name, what: notSparse });
  // The Jacobian of a number is its gradient.
  if (mode === "jacobian" && result?.kind === "number")
    return deriveOnce(primal, { ...request, mode: "gradient" }, false, compilation, setting);
  const shapes = [...slotsOf(narrowed.params).map(({ value }) => value.type), ...primal.results];
  if (shapes.some((type) => [...recordsIn(type)].some(isRecursive)))
    throw new Refusal("EZ2001", {
      what: `mode ${mode} over a type that holds itself`,
      advice: 'use "hvp", "forward" or "reverse"',
    });
  if (!canRepeat(primal, request, mode, compilation)) return null;
  const derivatives = new Derivatives(setting.names, compilation.functions);
  const helpers: IRFunction[] = [];
  const deriveNamed = (from: IRFunction, suffix: string, part: Step): IRFunction | null => {
    const name = derivatives.nameFor(primal.name, suffix);
    const derived = derivePart(from, { ...request, ...part, name }, compilation, setting);
    if (derived === null) return null;
    helpers.push(...derived.helpers, derived.fn);
    return derived.fn;
  };
  /** The same along several directions, or from several seeds; null where that is not possible. */
  const widenPart = (single: IRFunction, asked: LaneMask, width: number): IRFunction | null => {
    const batches = new Batches(several(width), compilation, (callee) => derivatives.nameFor(callee, `width_${width}`));
    try {
      const wide = sideBySide(single, asked, batches, derivatives.nameFor(single.name, `width_${width}`));
      if (isTooLong(wide)) return null;
      const callees = finishCallees(batches, compilation);
      const fn = finish(wide, compilation);
      compilation.functions.set(fn.name, fn);
      helpers.push(...callees, fn);
      return fn;
    } catch (fault) {
      if (fault instanceof Refusal && fault.code === "EZ2040") return null;
      throw fault;
    }
  };
  const slots = slotsOf(narrowed.params).map((slot) => narrowed.params.indexOf(slot));
  const alongEach = (from: IRFunction, base: string): readonly Part[] =>
    slots.flatMap((slot) => {
      const suffix = slots.length === 1 ? base : `${base}_wrt_${slot}`;
      const single = deriveNamed(from, suffix, { mode: "forward", wrt: [slot], width: null });
      if (single === null) return [];
      // The direction stands behind its argument.
      const asked = { params: new Set([slot + 1]), results: new Set(single.results.keys()) };
      const isArray = isFlatArray(narrowed.params[slot]?.value.type ?? numberType);
      return { single, wide: isArray ? widenPart(single, asked, columnsAtOnce) : null };
    });
  const fromSeeds = (single: IRFunction): Part => {
    const own = new Set(primal.params.map(({ value }) => value));
    const params = single.params.flatMap(({ value }, k) => (own.has(value) ? [] : [k]));
    const count = result === undefined ? null : countOf(result);
    const asked = { params: new Set(params), results: new Set(single.results.keys()) };
    const isFew = count !== null && count > 1 && count <= mostRowsAtOnce;
    return { single, wide: isFew ? widenPart(single, asked, count) : null };
  };
  /** Forward mode once more, over sets of columns in the place of tangents. */
  const patternOf = ({ single }: Part, slot: number): IRFunction => {
    const batches = new Batches(withColumns(compilation), compilation, (callee) =>
      derivatives.nameFor(callee, "pattern"),
    );
    const asked = { params: new Set([slot + 1]), results: new Set(single.results.keys()) };
    try {
      const pattern = sideBySide(single, asked, batches, derivatives.nameFor(primal.name, "pattern"));
      const callees = finishCallees(batches, compilation);
      const fn = finish(pattern, compilation);
      compilation.functions.set(fn.name, fn);
      helpers.push(...callees, fn);
      return fn;
    } catch (fault) {
      if (!(fault instanceof Refusal) || (fault.code !== "EZ2040" && fault.code !== "EZ2081")) throw fault;
      throw new Refusal("EZ2081", { name: primal.name, what: fault.details["what"] ?? "" });
    }
  };
  const tabulateSparse = (from: IRFunction, base: string): DerivedFunction => {
    const parts = alongEach(from, base).map((part, k): SparsePart => {
      const slot = slots[k] ?? 0;
      const isArray = isFlatArray(narrowed.params[slot]?.value.type ?? numberType);
      return { ...part, pattern: isArray ? patternOf(part, slot) : null };
    });
    return sparseJacobian(from, parts, request.name);
  };
  const tabulate = (): DerivedFunction | null => {
    if (mode === "hessian") {
      const gradient = deriveOnce(primal, { ...request, mode: "gradient" }, true, compilation, setting);
      if (gradient === null) return null;
      helpers.push(...gradient.helpers);
      const from = nested(gradient, narrowed, compilation);
      if (request.sparse === true) return tabulateSparse(from, "hvp");
      return hessianByRows(narrowed, alongEach(from, "hvp"), request.name);
    }
    if (request.sparse === true) return tabulateSparse(narrowed, "forward");
    if (directionOf(narrowed) === "columns")
      return jacobianByColumns(narrowed, alongEach(narrowed, "forward"), request.name);
    const reverse = deriveNamed(primal, "reverse", { mode: "reverse", wrt: request.wrt, width: null });
    return reverse === null ? null : jacobianByRows(narrowed, fromSeeds(reverse), request.name);
  };
  const table = tabulate();
  if (table === null) return null;
  const fn = finish(table.fn, compilation);
  return { ...table, fn, helpers: reachable([fn], helpers) };
}

/** Engines do not optimise functions of any length: what is nearly as long as that is not made longer. */
function isTooLong({ body }: IRFunction): boolean {
  let count = 0;
  walk(body, () => count++);
  return count > 1200;
}
