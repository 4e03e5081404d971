import { apply, type Expression } from "./tree.js";

/** `a ? b : false` is `a && b`; `a ? true : b` is `a || b`. */
export function conditional(test: Expression, then: Expression, otherwise: Expression): Expression {
  const isBoolean = (one: Expression, value: boolean): boolean => one.kind === "literal" && one.value === value;
  if (isBoolean(otherwise, false)) return isBoolean(then, true) ? test : apply("and", test, then);
  if (isBoolean(then, true)) return apply("or", test, otherwise);
  if (isBoolean(then, false)) {
    return isBoolean(otherwise, true) ? apply("not", test) : apply("and", apply("not", test), otherwise);
  }
  if (isBoolean(otherwise, true)) return apply("or", apply("not", test), then);
  return { kind: "conditional", test, then, otherwise };
}
