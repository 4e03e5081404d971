/**
 * Functions whose derivative is not found in their source: the user gives a rule, or says that there is none. They are
 * called by name, and passes see a body that says only what the call does to memory:
 *
 *   solve(A, b) -> x     is to them     x = opaque "solve($0, $1)" A b ; reads observable detached
 */
import { Block, makeValue } from "../ir/build.js";
import { isReference, type Effects, type External, type IRFunction, type Parameter, type Type } from "../ir/ir.js";

export interface ExternalFunction {
  readonly name: string;
  readonly external: External;
  readonly params: readonly Parameter[];
  readonly results: readonly Type[];
  readonly effects: Effects;
}

/** What it gives is new, or at least written by nobody (analyze/detached.ts sees to that). */
export function externalFunction({ name, external, params, results, effects }: ExternalFunction): IRFunction {
  const block = new Block(false);
  const operands = params.map(({ value }) => value);
  const template = `${external.text}(${operands.map((_, k) => `$${k}`).join(", ")})`;
  const values = results.map((type) => makeValue(type));
  const givesReference = results.some(isReference);
  block.append({
    kind: "opaque",
    results: values,
    template,
    operands,
    effects,
    ...(givesReference ? { detached: true } : {}),
  });
  const body = block.region([], { kind: "return", values });
  return { name, params, results, body, derivation: null, span: null, external };
}
