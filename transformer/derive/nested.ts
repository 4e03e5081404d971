/** A derivative as the primal of another one. */
import type { Compilation } from "../compilation.js";
import { asPrimal } from "../differentiate/as-primal.js";
import type { Derived } from "../differentiate/derivative.js";
import type { IRFunction } from "../ir/ir.js";
import { verify } from "../ir/verify.js";
import { simplifyPrimal } from "./stages.js";

/** A derivative that is differentiated again; `declared` is what it is the derivative of. */
export function nested(derived: Derived, declared: IRFunction, compilation: Compilation): IRFunction {
  return nestedParts(derived, declared, compilation).main;
}

/** The same, with the pullback as a function of the tape and the seed. */
export function nestedParts(
  derived: Derived,
  declared: IRFunction,
  compilation: Compilation,
): { readonly main: IRFunction; readonly pullback: IRFunction | null } {
  const { main, helpers, pullback } = asPrimal(derived, derived.helpers, declared.params);
  for (const helper of helpers) compilation.functions.set(helper.name, helper);
  for (const fn of [main, ...helpers, ...(pullback === null ? [] : [pullback])])
    verify(fn, "derivative as a primal", compilation.functions);
  return {
    main: simplifyPrimal(main, compilation),
    pullback: pullback === null ? null : simplifyPrimal(pullback, compilation),
  };
}

/** The function that makes the pullback, where there is one. */
export const pullbackOf = ({ pullback }: Derived): readonly IRFunction[] =>
  pullback === undefined ? [] : [pullback.fn];
