/** Applications that read better in another form, exact in IEEE arithmetic: signs are taken into sums and products. */
import { isLiteral, type Expression } from "../tree.js";

export type Application = Extract<Expression, { kind: "apply" }>;

/** What is subtracted, if this is a negation on paper: `-a`, `-a * b`, `-2 * b`, `-3`. */
export function negated(expression: Expression): Expression | null {
  if (expression.kind === "literal") {
    const { value, text } = expression;
    if (text !== null || typeof value !== "number" || Number.isNaN(value)) return null;
    return value < 0 || Object.is(value, -0) ? { ...expression, value: -value } : null;
  }
  if (expression.kind !== "apply") return null;
  const [a, b] = expression.args;
  if (a === undefined) return null;
  if (expression.primitive === "neg") return a;
  if (b === undefined) return null;
  const { primitive } = expression;
  if (primitive !== "mul" && primitive !== "div") return null;
  const left = negated(a);
  if (left !== null) {
    if (primitive === "mul" && isLiteral(left, 1)) return b;
    return { ...expression, args: [left, b] };
  }
  return null;
}

/** What is the same, and reads better: `a + -b => a - b`, `-(a * b) => -a * b`; the expression itself where nothing does. */
export function simpler(expression: Application): Expression {
  const { primitive, args } = expression;
  const [a, b] = args;
  if (primitive === "not" && a?.kind === "apply") {
    const [inner] = a.args;
    if (a.primitive === "not" && inner !== undefined) return inner.kind === "apply" ? inner : expression;
    if (a.primitive === "eq" || a.primitive === "ne") return { ...a, primitive: a.primitive === "eq" ? "ne" : "eq" };
  }
  // A length is not negative.
  if (primitive === "max" && a?.kind === "length" && b !== undefined && args.length === 2 && isLiteral(b, 0)) return a;
  if (a === undefined || b === undefined) {
    if (primitive === "neg" && a?.kind === "apply" && a.primitive === "neg" && a.args[0]?.kind === "apply") {
      return a.args[0];
    }
    if (primitive === "neg" && a?.kind === "apply" && (a.primitive === "mul" || a.primitive === "div")) {
      const [first, ...rest] = a.args;
      if (first === undefined) return expression;
      const positive = negated(first);
      return {
        ...a,
        args: [positive ?? { kind: "apply", primitive: "neg", args: [first] }, ...rest],
      };
    }
    if (primitive === "neg" && a?.kind === "literal" && a.text === null && typeof a.value === "number") {
      return { ...a, value: -a.value };
    }
    return expression;
  }
  if (primitive === "add" && isIndexArithmetic(a, b)) return { ...expression, args: [b, a] };
  if (primitive === "add") {
    const right = negated(b);
    if (right !== null) return { ...expression, primitive: "sub", args: [a, right] };
    const left = negated(a);
    // The order of evaluation is of no account: both are pure.
    if (left !== null && isPure(a) && isPure(b)) return { ...expression, primitive: "sub", args: [b, left] };
  }
  if (primitive === "sub") {
    const right = negated(b);
    if (right !== null) return { ...expression, primitive: "add", args: [a, right] };
  }
  return expression;
}

/** `1 + i`, of a counter, is `i + 1`. */
const isIndexArithmetic = (a: Expression, b: Expression): boolean =>
  a.kind === "literal" && b.kind === "local" && b.local.kind === "counter";

function isPure(expression: Expression): boolean {
  switch (expression.kind) {
    case "literal":
    case "local":
      return true;
    case "apply":
      return expression.args.every(isPure);
    case "load":
      return isPure(expression.place.base) && (expression.place.kind === "field" || isPure(expression.place.index));
    case "length":
      return isPure(expression.array);
    case "conditional":
      return isPure(expression.test) && isPure(expression.then) && isPure(expression.otherwise);
    default:
      return false;
  }
}
