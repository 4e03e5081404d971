/** Applications of primitives as TypeScript text: operators, calls of `Math`, and what takes an expression of its own. */
import { assertNever } from "../../ir/ir.js";
import { literalsOf } from "../literal-types.js";
import { apply, literal, sameExpression, type Expression } from "../tree.js";
import { precedence, spellings } from "./primitives.js";
import { printed, printedAt, printExpression, printPlace } from "./print-expression.js";
import { postfix, unary, type PrintContext, type Printed } from "./printed.js";
import { simpler, type Application } from "./simpler-expression.js";

/** The application in its simplest form. */
export function printApplication(application: Application, context: PrintContext): Printed {
  const better = simpler(application);
  if (better !== application) return printed(better, context);
  const { primitive, args } = application;
  if (primitive === "not" && args[0]?.kind === "isAbsent") return printPresence(args[0].value, "!", context);
  const spelling = spellings[primitive];
  const [a, b, c] = args;
  switch (spelling.kind) {
    case "function":
      return postfix(`${spelling.name}(${args.map((arg) => printExpression(arg, context)).join(", ")})`);
    case "prefix": {
      if (a === undefined) throw new Error(`${primitive} without an operand`);
      const operand = printedAt(a, precedence.unary, context);
      // No `--x`.
      const apart = operand.startsWith(spelling.operator) && spelling.operator === "-";
      return unary(apart ? `-(${operand})` : spelling.operator + operand);
    }
    case "infix": {
      if (a === undefined || b === undefined) throw new Error(`${primitive} without operands`);
      const { operator, precedence: level } = spelling;
      if ((primitive === "eq" || primitive === "ne") && context.language === "typescript" && areApart(a, b, context))
        return printAsNumbers(a, operator, b, level, context);
      const isPower = level === precedence.power;
      const left = printedAt(a, isPower ? precedence.postfix : level, context);
      // `a && (b && c)` is `a && b && c`; a sum in a sum keeps its parentheses: addition rounds.
      const associates = primitive === "and" || primitive === "or";
      const right = printedAt(b, isPower || associates ? level : level + 1, context);
      const text = `${left} ${operator} ${right.startsWith("-") && operator === "-" ? `(${right})` : right}`;
      return { text, level };
    }
    case "special":
      return printSpecial(primitive, a, b, c, context);
    default:
      return assertNever(spelling);
  }
}

/** Would TypeScript object to comparing these, as `o.degree === 0` where it is declared `1 | 2`? */
function areApart(a: Expression, b: Expression, { isMutable }: PrintContext): boolean {
  const [left, right] = [a, b].map((one) =>
    one.kind === "literal" && typeof one.value === "number" ? [one.value] : literalsOf(one, isMutable),
  );
  if (left === null || left === undefined || right === null || right === undefined) return false;
  return left.every((one) => !right.includes(one));
}

/** `+o.degree === 0` */
function printAsNumbers(a: Expression, operator: string, b: Expression, level: number, context: PrintContext): Printed {
  const [left, right] = [a, b].map((one, k) =>
    one.kind === "literal" ? printedAt(one, level + k, context) : `+${printedAt(one, precedence.unary, context)}`,
  );
  return { text: `${left} ${operator} ${right}`, level };
}

function printSpecial(
  primitive: string,
  a: Expression | undefined,
  b: Expression | undefined,
  c: Expression | undefined,
  context: PrintContext,
): Printed {
  const zero = literal(0);
  if (primitive === "toNumber" && a !== undefined) return printConditional(a, literal(1), zero, context);
  if (primitive === "select" && a !== undefined && b !== undefined && c !== undefined) {
    return printConditional(a, b, c, context);
  }
  if (primitive === "guard" && a !== undefined && b !== undefined) {
    return printConditional(apply("eq", a, zero), zero, b, context);
  }
  if (primitive === "orZero" && a !== undefined) {
    // TypeScript objects to `a * b ?? 0`, which is never undefined.
    if (a.kind !== "load" && a.kind !== "local") return printed(a, context);
    const read = a.kind === "load" ? printPlace(a.place, context) : printExpression(a, context);
    return { text: `${read} ?? 0`, level: precedence.conditional };
  }
  throw new Error(`no spelling for ${primitive}`);
}

/** `x === undefined`, `x != null` */
export function printPresence(value: Expression, sign: "=" | "!", context: PrintContext): Printed {
  const operator = context.absentIsNull(value) ? `${sign}= null` : `${sign}== undefined`;
  return { text: `${printedAt(value, precedence.equality, context)} ${operator}`, level: precedence.equality };
}

/** `test ? then : otherwise`, or what is shorter. */
export function printConditional(
  test: Expression,
  then: Expression,
  otherwise: Expression,
  context: PrintContext,
): Printed {
  // `x === undefined ? a : x` is `x ?? a`.
  const present = otherwise.kind === "unwrap" && otherwise.as === null ? otherwise.value : otherwise;
  if (test.kind === "isAbsent" && sameExpression(test.value, present)) {
    const text = `${printedAt(present, precedence.bitOr, context)} ?? ${printedAt(then, precedence.bitOr, context)}`;
    return { text, level: precedence.conditional };
  }
  const question = printedAt(test, precedence.or, context);
  // An alternative may be a conditional itself.
  const yes = printedAt(then, precedence.conditional, context);
  const no = printedAt(otherwise, precedence.conditional, context);
  return { text: `${question} ? ${yes} : ${no}`, level: precedence.conditional };
}
