/** Expressions as TypeScript text, with as few parentheses as precedence allows. */
import { hides } from "../../ir/hidden-members.js";
import { assertNever, isMap, packageHelpers, type Literal, type RecordType, type Type } from "../../ir/ir.js";
import type { Expression, Place } from "../tree.js";
import { precedence } from "./primitives.js";
import { printAllocation } from "./print-allocation.js";
import { printApplication, printConditional, printPresence } from "./print-operator.js";
import { postfix, primary, unary, type PrintContext, type Printed } from "./printed.js";
import { isIdentifier, printType } from "./types.js";

/** The text of an expression. */
export function printExpression(expression: Expression, context: PrintContext): string {
  return printed(expression, context).text;
}

/** What is evaluated for its effects alone: what an array gives up needs no assertion then. */
export function printEvaluated(expression: Expression, context: PrintContext): string {
  if (expression.kind !== "pop") return printExpression(expression, context);
  return `${printedAt(expression.array, precedence.postfix, context)}.pop()`;
}

/** In parentheses where it binds less tightly than `level`. */
export function printedAt(expression: Expression, level: number, context: PrintContext): string {
  const { text, level: own } = printed(expression, context);
  return own < level ? `(${text})` : text;
}

/** `-0` keeps its sign. */
export function printNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function printLiteral(value: Literal, text: string | null): Printed {
  if (text !== null) return isIdentifier(text) || /^[\w$.]+$/.test(text) ? primary(text) : postfix(`(${text})`);
  if (typeof value === "number") {
    const printedNumber = printNumber(value);
    return printedNumber.startsWith("-") ? unary(printedNumber) : primary(printedNumber);
  }
  return primary(typeof value === "string" ? JSON.stringify(value) : String(value));
}

/** The same, with how tightly it binds. */
export function printed(expression: Expression, context: PrintContext): Printed {
  const print = (one: Expression): string => printExpression(one, context);
  const list = (all: readonly Expression[]): string => all.map(print).join(", ");
  switch (expression.kind) {
    case "literal":
      return printLiteral(expression.value, expression.text);
    case "local":
      return primary(context.names(expression.local));
    case "apply":
      return printApplication(expression, context);
    case "conditional":
      return printConditional(expression.test, expression.then, expression.otherwise, context);
    case "load":
      return postfix(printPlace(expression.place, context) + assertion(expression.place, context));
    case "length":
      return postfix(`${printedAt(expression.array, precedence.postfix, context)}.length`);
    case "allocate":
      return printAllocation(expression.type, expression.fresh, context);
    case "push":
      return postfix(`${printedAt(expression.array, precedence.postfix, context)}.push(${print(expression.value)})`);
    case "pop":
      return postfix(`${printEvaluated(expression, context)}${context.language === "typescript" ? "!" : ""}`);
    case "grow":
      return postfix(`${context.imported("enzyme-ts/tape", "grow")}(${list([expression.array, expression.length])})`);
    case "call":
      return postfix(`${expression.callee}(${list(expression.args)})`);
    case "opaque":
      return printTemplate(expression.template, expression.operands, context);
    case "random":
      return postfix("Math.random()");
    case "isAbsent":
      return printPresence(expression.value, "=", context);
    case "unwrap": {
      if (context.language === "javascript") return printed(expression.value, context);
      if (expression.as !== null) {
        const value = printedAt(expression.value, precedence.shift, context);
        const through = expression.isUnrelated ? "unknown as " : "";
        const className = expression.isOfClass ? visibleClass(expression.as, context) : null;
        const text = `${value} as ${through}${className ?? printType(expression.as, context.types)}`;
        return { text, level: precedence.relation };
      }
      const value = printedAt(expression.value, precedence.postfix, context);
      // an element has its `!` already
      return postfix(value.endsWith("!") ? value : `${value}!`);
    }
    default:
      return assertNever(expression);
  }
}

/** How an instance of a class is called where its name can be seen. */
function visibleClass(type: Type, { isClass }: PrintContext): string | null {
  const isNamed = type.kind === "record" && type.instance !== undefined && type.name !== null && isClass(type.name);
  return isNamed ? type.name : null;
}

/** `!` after an element of an array, where TypeScript would have it possibly undefined. */
function assertion(place: Place, context: PrintContext): string {
  if (isMap(place.of)) return context.language === "typescript" ? "!" : "";
  const isChecked = place.kind === "element" && (place.of.kind === "array" || place.index.kind !== "literal");
  return isChecked && context.uncheckedIndexedAccess && context.language === "typescript" ? "!" : "";
}

/** A field that not all members of a union have is looked up in one that may have it. */
function printBase(place: Place, context: PrintContext): string {
  const base = printedAt(place.base, precedence.postfix, context);
  if (place.kind === "element" || place.of.kind !== "record" || place.of.members === undefined) return base;
  const has = ({ fields }: RecordType): boolean => fields.some(({ name }) => name === place.field);
  if (place.of.members.every(has) || context.language === "javascript") return base;
  const field = place.of.fields.filter(({ name }) => name === place.field);
  return `(${base} as ${printType({ kind: "record", name: null, fields: field }, context.types)})`;
}

/** A place to read from or to write to, without an assertion of its own. */
export function printPlace(place: Place, context: PrintContext): string {
  const base = printBase(place, context);
  if (place.kind === "element" && isMap(place.of)) return `${base}.get(${printExpression(place.index, context)})`;
  if (place.kind === "element") return `${base}[${printExpression(place.index, context)}]`;
  if (typeof place.field === "number") return `${base}[${place.field}]`;
  // TypeScript lets others read a private member by its key.
  const isHidden = place.of.kind === "record" && hides(place.of, place.field);
  const isPlain = isIdentifier(place.field) && !(isHidden && context.language === "typescript");
  return isPlain ? `${base}.${place.field}` : `${base}[${JSON.stringify(place.field)}]`;
}

/** As the target of `+=`. */
export const printUpdatedPlace = (place: Place, context: PrintContext): string =>
  printPlace(place, context) + assertion(place, context);

/** `$0 > 1` with its operands in their places. */
function printTemplate(template: string, operands: readonly Expression[], context: PrintContext): Printed {
  const [placed, helper = ""] = /\$([A-Za-z]\w*)/.exec(template) ?? [];
  const module = packageHelpers[helper];
  if (placed !== undefined && module !== undefined)
    return printTemplate(template.replace(placed, context.imported(module, helper)), operands, context);
  const [only] = operands;
  if (template === "$0" && only !== undefined) return printed(only, context);
  const text = template.replace(/\$(\d+)/g, (whole: string, position: string, offset: number) => {
    const operand = operands[Number(position)];
    if (operand === undefined) return whole;
    const { text: inner, level } = printed(operand, context);
    const [before, after] = [template.slice(0, offset).trimEnd(), template.slice(offset + whole.length).trimStart()];
    const isAlone =
      (before === "" || /[([{,]$/.test(before)) && (after === "" || /^[)\]},]/.test(after)) && template !== whole;
    return level >= precedence.postfix || isAlone ? inner : `(${inner})`;
  });
  const isCall = /^[\w$.]+\(.*\)$/s.test(template) || /^\$\d+\.\w+$/.test(template) || isIdentifier(template);
  return { text, level: isCall ? precedence.postfix : precedence.conditional };
}
