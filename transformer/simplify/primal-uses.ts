/** Who computes with each value, and which values the primal computes with, so that they keep their last bits. */
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import { isDerivative } from "../ir/roles.js";
import { exitOperands, operandsOf, regionsOf } from "../ir/traverse.js";

export interface Users {
  /** The operations that compute with a value, or add it to an element; null where there are other uses. */
  readonly of: ReadonlyMap<Value, readonly Op[] | null>;
  /** Values that the primal computes with. */
  readonly primal: ReadonlySet<Value>;
  readonly hasDerivatives: boolean;
}

/** Who uses the values of a function, and for what. */
export function findUsers(fn: IRFunction): Users {
  const of = new Map<Value, Op[] | null>();
  const primal = new Set<Value>();
  let hasDerivatives = false;
  const use = (value: Value, by: Op | null): void => {
    const known = of.get(value);
    if (by === null) of.set(value, null);
    else if (known === undefined) of.set(value, [by]);
    else if (known !== null && known.at(-1) !== by) known.push(by);
  };
  /** What stands for `to` afterwards: a primal's result, carried value or element. */
  const flow = (value: Value | undefined, to: Value | undefined): void => {
    if (value === undefined) return;
    use(value, null);
    if (to === undefined || !isDerivative(to)) primal.add(value);
  };
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      hasDerivatives ||= op.results.some(isDerivative);
      const [result] = op.results;
      for (const value of operandsOf(op)) use(value, op.kind === "apply" || op.kind === "accumulate" ? op : null);
      switch (op.kind) {
        case "apply":
          if (result !== undefined && !isDerivative(result)) op.args.forEach((value) => primal.add(value));
          break;
        case "store":
        case "accumulate":
          if (!isDerivative(op.at.base)) primal.add(op.value);
          break;
        case "push":
          if (!isDerivative(op.array)) primal.add(op.value);
          break;
        case "if":
          primal.add(op.test);
          for (const { exit } of [op.then, op.else]) {
            if (exit.kind === "yield") exit.values.forEach((value, k) => flow(value, op.results[k]));
          }
          break;
        case "loop": {
          const [, ...carried] = op.body.params;
          op.initial.forEach((value, k) => flow(value, carried[k]));
          const { exit } = op.body;
          if (exit.kind === "yield") exit.values.forEach((value, k) => flow(value, carried[k - 1]));
          break;
        }
        case "load":
        case "allocate":
        case "call":
        case "opaque":
        case "grow":
          operandsOf(op).forEach((value) => flow(value, result));
          break;
        default:
          break;
      }
      regionsOf(op).forEach(visit);
    }
    if (region.exit.kind !== "yield") exitOperands(region.exit).forEach((value) => use(value, null));
  };
  visit(fn.body);
  return { of, primal, hasDerivatives };
}
