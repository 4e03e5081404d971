import type { Compilation } from "../compilation.js";
import { Batches, several } from "../differentiate/batch.js";
import type { DerivedFunction } from "../differentiate/derivative.js";
import { Derivatives } from "../differentiate/derivatives.js";
import { alongDirections } from "../differentiate/directions.js";
import type { IRFunction, Parameter } from "../ir/ir.js";
import { finishCallees } from "./derive-callees.js";
import type { Setting } from "./setting.js";

/** The same for several directions at once, with the callees that it takes for that. */
export function widen(
  single: DerivedFunction,
  isDirection: (param: Parameter) => boolean,
  width: number,
  compilation: Compilation,
  setting: Setting,
): { readonly derived: DerivedFunction; readonly helpers: readonly IRFunction[] } {
  const names = new Derivatives(setting.names, compilation.functions);
  const batches = new Batches(several(width), compilation, (callee) => names.nameFor(callee, `width_${width}`));
  const derived = alongDirections(single, isDirection, width, batches, compilation);
  return { derived, helpers: finishCallees(batches, compilation) };
}
