/** Do the functions of a rule take and give what the modes that they stand for do? */
import { isAssignable } from "../ir/assignable.js";
import { carriesDerivative, isReference, type IRFunction, type Parameter, type Type } from "../ir/ir.js";
import { printType } from "../ir/print.js";
import { shadowType } from "../differentiate/shadow-type.js";
import type { RulePart } from "../syntax/own-rules.js";

interface Signature {
  readonly params: readonly Parameter[];
  readonly result: Type;
}

/** What is wrong with it and what to write, null where it fits. */
export function misfit(
  part: RulePart,
  signature: Signature,
  fn: IRFunction,
): { readonly why: string; readonly advice: string } | null {
  const { takes, gives } = expected(part, signature);
  const list = `(${takes.map((type) => printType(type)).join(", ")})`;
  const advice = `it takes ${list} and gives ${gives === null ? "nothing" : printType(gives)}: see docs/rules.md`;
  // Partials may leave out parameters that they do not depend on; a seed or a tangent that is left out is a derivative lost.
  if (fn.params.length > takes.length || (fn.params.length < takes.length && part !== "partials"))
    return { why: `takes ${fn.params.length} parameter(s), not ${takes.length}`, advice };
  const wrong = takes.findIndex((type, k) => {
    const own = fn.params[k]?.value.type;
    return own !== undefined && !isAssignable(type, own.kind === "optional" ? own.of : own, false);
  });
  const name = fn.params[wrong]?.name;
  if (name !== undefined) return { why: `takes something else in \`${name}\``, advice };
  if (gives === null) return null;
  const [given] = fn.results;
  return given !== undefined && fits(given, gives) ? null : { why: "gives something else", advice };
}

/** A tuple may also be given as an array. */
const fits = (given: Type, wanted: Type): boolean =>
  isAssignable(given, wanted, false) ||
  (wanted.kind === "tuple" && given.kind === "array" && given.storage === "Array" && given.element.kind === "number");

function expected(part: RulePart, { params, result }: Signature): { takes: readonly Type[]; gives: Type | null } {
  const number: Type = { kind: "number" };
  const numbers = (count: number): Type | null =>
    count === 0
      ? null
      : count === 1
        ? number
        : { kind: "tuple", elements: Array.from({ length: count }, () => number) };
  const active = params.filter(({ activity }) => activity === "active").length;
  const plain = params.map(({ value }) => value.type);
  if (part === "partials") return { takes: plain, gives: numbers(active) };
  const takes = params.flatMap(({ value: { type }, activity }) =>
    activity === "const" || (activity === "active" && part === "reverse") ? [type] : [type, shadowType(type)],
  );
  if (part === "forward") return { takes, gives: isReference(result) ? shadowType(result) : number };
  const seed = isReference(result) ? [shadowType(result)] : carriesDerivative(result) ? [number] : [];
  return { takes: [...takes, ...seed], gives: numbers(active) };
}
