import type { Step } from "../derivative-request.js";
import type { IRFunction } from "../ir/ir.js";

/** The options of a macro: what is not asked for is const. */
export function narrow(primal: IRFunction, { wrt }: Step): IRFunction {
  if (wrt === null) return primal;
  const params = primal.params.map((param, position) =>
    wrt.includes(position) ? param : { ...param, activity: "const" as const },
  );
  return { ...primal, params };
}
