/**
 * Functions whose derivative is not found in their source: the user gives a rule, or says that there is none. They are
 * called by name, and passes see a body that says only what the call does to memory:
 *
 *   solve(A, b) -> x     is to them     x = opaque "solve($0, $1)" A b ; reads observable detached
 *   scale(k, out)        is to them     opaque "scale($0, $1)" k out; for i < length out: out[i] = opaque k out
 */
import { Block, element, field, makeValue } from "../ir/build.js";
import { readsOnly } from "../ir/effects.js";
import {
  integerType,
  isReference,
  numberType,
  type Effects,
  type External,
  type IRFunction,
  type Parameter,
  type Type,
  type Value,
} from "../ir/ir.js";

export interface ExternalFunction {
  readonly name: string;
  readonly external: External;
  readonly params: readonly Parameter[];
  readonly results: readonly Type[];
  readonly effects: Effects;
}

/** Writes every number in an array or object. */
function fill(into: Value, from: readonly Value[], block: Block): void {
  const written = makeValue(numberType);
  block.append({ kind: "opaque", results: [written], template: "", operands: from, effects: readsOnly });
  const { type } = into;
  if (type.kind === "record") for (const { name } of type.fields) block.store(field(into, name), written);
  else if (type.kind === "tuple") type.elements.forEach((_, index) => block.store(field(into, index), written));
  else {
    const inner = block.inner();
    const index = makeValue(integerType);
    inner.store(element(into, index), written);
    const range = { from: block.constant(0), to: block.length(into), step: 1, inclusive: false } as const;
    const counts = [makeValue(integerType), makeValue(integerType)];
    block.loop(range, [], inner.yield([index], []), counts);
  }
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
  for (const position of external.written) {
    const into = operands[position];
    if (into !== undefined) fill(into, operands, block);
  }
  const body = block.region([], { kind: "return", values });
  return { name, params, results, body, derivation: null, span: null, external };
}
