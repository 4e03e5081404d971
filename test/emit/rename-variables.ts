import type { IRFunction, Origin, Region, Role, Value, Variable } from "../../transformer/ir/ir.js";
import { mapExit, rebuild } from "../../transformer/ir/traverse.js";

const variables: readonly Variable[] = ["a", "b", "dx", "speed"].map((name) => ({ name }));
const roles: readonly Role[] = ["primal", "primal", "primal", "adjoint", "tangent", "residual"];

/** The same function, whose values claim to be versions of a few variables: no meaning changes. */
export function renameVariables(fn: IRFunction, choose: () => number): IRFunction {
  const map = new Map<Value, Value>();
  const look = (value: Value): Value => map.get(value) ?? value;
  const define = (value: Value): Value => {
    const variable = variables[choose()] ?? null;
    const origin: Origin = { span: null, variable, role: roles[choose() % roles.length] ?? "primal" };
    const twin: Value = { type: value.type, origin };
    map.set(value, twin);
    return twin;
  };
  const region = (one: Region): Region => {
    const params = one.params.map(define);
    const ops = one.ops.map((op) => rebuild(op, { value: look, region, result: define }));
    return { params, ops, exit: mapExit(one.exit, look) };
  };
  const params = fn.params.map((param) => ({ ...param, value: define(param.value) }));
  return { ...fn, params, body: region(fn.body) };
}
