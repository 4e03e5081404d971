import type { Compilation } from "../compilation.js";
import type { DerivativeRequest } from "../derivative-request.js";
import type { Derived } from "../differentiate/derivative.js";
import type { IRFunction } from "../ir/ir.js";
import { reachable } from "./derive-callees.js";
import { deriveOnce } from "./derive.js";
import { nested } from "./nested.js";
import type { Setting } from "./setting.js";

/**
 * Forward over reverse: the gradient, and its tangent along a direction. The directions stand behind the arguments.
 *
 *   f(x, w)   =>   f_gradient(x, w)   =>   f_hvp(x, w, xDot, wDot)
 */
export function deriveHvp(
  primal: IRFunction,
  narrowed: IRFunction,
  request: DerivativeRequest,
  compilation: Compilation,
  setting: Setting,
): Derived | null {
  const gradient = deriveOnce(primal, { ...request, mode: "gradient" }, true, compilation, setting);
  if (gradient === null) return null;
  const again = { ...request, mode: "forward", wrt: null, width: null } as const;
  const derived = deriveOnce(nested(gradient, narrowed, compilation), again, false, compilation, setting);
  if (derived === null) return null;
  const own = new Set(primal.params.map(({ value }) => value));
  const [args, directions] = [true, false].map((is) => derived.fn.params.filter(({ value }) => own.has(value) === is));
  const fn: IRFunction = { ...derived.fn, params: [...(args ?? []), ...(directions ?? [])] };
  return { ...derived, fn, helpers: reachable([fn], [...gradient.helpers, ...derived.helpers]) };
}
