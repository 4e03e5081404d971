/** Expressions as TypeScript text, with as few parentheses as precedence allows. */
import {
  assertNever,
  fieldCarries,
  isDictionary,
  isMap,
  isTyped as isTypedStorage,
  packageHelpers,
  type ArrayType,
  type DictionaryType,
  type Literal,
  type RecordType,
  type Type,
} from "../../ir/ir.js";
import { hiddenMembers } from "../../ir/hidden-members.js";
import { isRecursive, recordsIn } from "../../ir/recursive.js";
import { heldIn, literalsOf } from "../literal-types.js";
import type { Names } from "../names.js";
import { omittedFields } from "../omitted-fields.js";
import { isLiteral, sameExpression, type Expression, type Fresh, type Local, type Place } from "../tree.js";
import { precedence, spellings } from "./primitives.js";
import { holdsBase, isIdentifier, isNominal, namedType, printKey, printType, type TypeNames } from "./types.js";

export interface PrintContext {
  readonly names: Names;
  readonly language: "typescript" | "javascript";
  readonly uncheckedIndexedAccess: boolean;
  readonly types: TypeNames;
  /** Is there a class of this name in the file? */
  readonly isClass: (name: string) => boolean;
  /** Asks for an import; gives the name to use. */
  readonly imported: (module: string, name: string) => string;
  /** May `null` stand where this value is absent? */
  readonly absentIsNull: (value: Expression) => boolean;
  /** Is it declared with `let`? */
  readonly isMutable: (local: Local) => boolean;
}

interface Printed {
  readonly text: string;
  readonly level: number;
}

const primary = (text: string): Printed => ({ text, level: precedence.primary });
const postfix = (text: string): Printed => ({ text, level: precedence.postfix });
const unary = (text: string): Printed => ({ text, level: precedence.unary });

export function printExpression(expression: Expression, context: PrintContext): string {
  return printed(expression, context).text;
}

/** What is evaluated for its effects alone: what an array gives up needs no assertion then. */
export function printEvaluated(expression: Expression, context: PrintContext): string {
  if (expression.kind !== "pop") return printExpression(expression, context);
  return `${printedAt(expression.array, precedence.postfix, context)}.pop()`;
}

/** In parentheses where it binds less tightly than `level`. */
function printedAt(expression: Expression, level: number, context: PrintContext): string {
  const { text, level: own } = printed(expression, context);
  return own < level ? `(${text})` : text;
}

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

function printed(expression: Expression, context: PrintContext): Printed {
  const print = (one: Expression): string => printExpression(one, context);
  const list = (all: readonly Expression[]): string => all.map(print).join(", ");
  switch (expression.kind) {
    case "literal":
      return printLiteral(expression.value, expression.text);
    case "local":
      return primary(context.names(expression.local));
    case "apply":
      return printApplication(expression.primitive, expression.args, context);
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
      return postfix(`${printedAt(expression.value, precedence.postfix, context)}!`);
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

/** `x === undefined`, `x != null` */
function printPresence(value: Expression, sign: "=" | "!", context: PrintContext): Printed {
  const operator = context.absentIsNull(value) ? `${sign}= null` : `${sign}== undefined`;
  return { text: `${printedAt(value, precedence.equality, context)} ${operator}`, level: precedence.equality };
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
  const isHidden = place.of.kind === "record" && place.of.instance?.hidden.has(place.field) === true;
  const isPlain = isIdentifier(place.field) && !(isHidden && context.language === "typescript");
  return isPlain ? `${base}.${place.field}` : `${base}[${JSON.stringify(place.field)}]`;
}

/** As the target of `+=`. */
export const printUpdatedPlace = (place: Place, context: PrintContext): string =>
  printPlace(place, context) + assertion(place, context);

function printConditional(test: Expression, then: Expression, otherwise: Expression, context: PrintContext): Printed {
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

// ---- Operators -----------------------------------------------------------------------

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

/** What is the same, and reads better. Exact in IEEE arithmetic: `a + -b` is `a - b`, `-(a * b)` is `-a * b`. */
function simpler(expression: Extract<Expression, { kind: "apply" }>): Expression {
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

function printApplication(
  primitive: Extract<Expression, { kind: "apply" }>["primitive"],
  args: readonly Expression[],
  context: PrintContext,
): Printed {
  const original = { kind: "apply", primitive, args } as const;
  const better = simpler(original);
  if (better !== original) return printed(better, context);
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
  const zero: Expression = { kind: "literal", value: 0, text: null };
  const one: Expression = { kind: "literal", value: 1, text: null };
  if (primitive === "toNumber" && a !== undefined) return printConditional(a, one, zero, context);
  if (primitive === "select" && a !== undefined && b !== undefined && c !== undefined) {
    return printConditional(a, b, c, context);
  }
  if (primitive === "guard" && a !== undefined && b !== undefined) {
    return printConditional({ kind: "apply", primitive: "eq", args: [a, zero] }, zero, b, context);
  }
  if (primitive === "orZero" && a !== undefined) {
    // TypeScript objects to `a * b ?? 0`, which is never undefined.
    if (a.kind !== "load" && a.kind !== "local") return printed(a, context);
    const read = a.kind === "load" ? printPlace(a.place, context) : printExpression(a, context);
    return { text: `${read} ?? 0`, level: precedence.conditional };
  }
  throw new Error(`no spelling for ${primitive}`);
}

// ---- Templates and allocations ---------------------------------------------------------

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

const isTyped = (type: Type): type is ArrayType => type.kind === "array" && isTypedStorage(type.storage);

function printAllocation(type: Type, fresh: Fresh, context: PrintContext): Printed {
  const print = (one: Expression): string => printExpression(one, context);
  const emptyDictionary = (one: DictionaryType): Printed => {
    if (!isMap(one)) return primary("{}");
    return postfix(context.language === "typescript" ? `new ${printType(one, context.types)}()` : "new Map()");
  };
  const parameter = (element: Type): string =>
    context.language === "typescript" ? `<${printType(element, context.types)}>` : "";
  const zeros = (length: string): Printed => {
    if (type.kind !== "array") throw new Error(`zeros of type ${type.kind}`);
    if (isDictionary(type)) return emptyDictionary(type);
    if (type.storage !== "Array") return postfix(`new ${isTyped(type) ? type.storage : "Float64Array"}(${length})`);
    const array = `new Array${parameter(type.element)}(${length})`;
    const { kind } = type.element;
    if (fresh.kind === "zeros" && fresh.holes) return postfix(array);
    if (kind === "number" || kind === "integer") return postfix(`${array}.fill(0)`);
    return postfix(kind === "boolean" ? `${array}.fill(false)` : array);
  };
  switch (fresh.kind) {
    case "zeros":
      return zeros(print(fresh.length));
    case "parts": {
      const parts = fresh.parts.map(print);
      if (type.kind === "record") return printRecord(type, parts, fresh, context);
      if (isDictionary(type)) return emptyDictionary(type);
      const array = `[${parts.join(", ")}]`;
      if (fresh.maker !== undefined) return postfix(`Object.setPrototypeOf(${array}, ${fresh.maker}.prototype)`);
      return isTyped(type) ? postfix(`${type.storage}.of(${parts.join(", ")})`) : primary(array);
    }
    case "filled": {
      if (type.kind !== "array") throw new Error(`filled of type ${type.kind}`);
      const [length, value] = [print(fresh.length), print(fresh.value)];
      if (isLiteral(fresh.value, 0)) return zeros(length);
      const array =
        type.storage === "Array"
          ? `new Array${parameter(type.element)}(${length})`
          : `new ${isTyped(type) ? type.storage : "Float64Array"}(${length})`;
      return postfix(`${array}.fill(${value})`);
    }
    case "copy":
      return printCopy(type, fresh, context);
    case "zerosLike":
      return printZerosLike(type, fresh, zeros, context);
    default:
      return assertNever(fresh);
  }
}

/** `{ x: a, y: b }`, or the instance of a class that has these fields. */
function printRecord(
  type: RecordType,
  parts: readonly string[],
  { parts: given, maker, hides }: Extract<Fresh, { kind: "parts" }>,
  context: PrintContext,
): Printed {
  const fields = type.fields.flatMap(({ name, mayBeLeftOut }, k) => {
    const [part = "undefined", value] = [parts[k], given[k]];
    return mayBeLeftOut === true && value !== undefined
      ? printFieldIfThere(name, value, context)
      : [printField(name, part)];
  });
  const object = fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  const { name, instance } = type;
  // The constructor has run already.
  const madeBy = (text: string): Printed => {
    const made = `Object.assign(Object.create(${text}.prototype), ${object})`;
    const isNamed = context.language === "typescript" && context.types.isVisible(text);
    if (!isNamed) return postfix(made);
    const fieldsOf = hides === undefined ? null : printType({ ...type, name: null }, context.types);
    const typeText = fieldsOf === null ? text : hides === "private" ? fieldsOf : `${text} & ${fieldsOf}`;
    return { text: `${made} as ${typeText}`, level: precedence.relation };
  };
  if (maker === undefined && context.language === "typescript" && lacksGetters(type, context.types))
    return { text: `${object} as ${printType(type, context.types)}`, level: precedence.relation };
  if (name === null || instance === undefined || !isNominal(type, context.types.isVisible))
    return maker === undefined ? primary(object) : madeBy(maker);
  const isTyped = context.language === "typescript";
  if (!context.isClass(name)) return isTyped ? postfix(`(${object} as unknown as ${name})`) : primary(object);
  if (instance.takesFields) return postfix(`new ${name}(${parts.join(", ")})`);
  return madeBy(name);
}

/** `...(rate !== undefined && { rate })`: a member that is there only if its value is. */
function printFieldIfThere(name: string, value: Expression, context: PrintContext): readonly string[] {
  if (isLiteral(value, undefined)) return [];
  if (value.kind === "conditional") {
    const [then, otherwise] = [value.then, value.otherwise].map((one) => printFieldIfThere(name, one, context));
    const test = printedAt(value.test, precedence.or, context);
    const object = (members: readonly string[] = []): string =>
      members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
    if (mayBeUndefined(value)) return [`...(${test} ? ${object(then)} : ${object(otherwise)})`];
  }
  const text = printExpression(value, context);
  const field = printField(name, text);
  return [mayBeUndefined(value) ? `...(${text} !== undefined && { ${field} })` : field];
}

/** Does only a test tell whether it is there? */
function mayBeUndefined(value: Expression): boolean {
  if (value.kind === "literal") return value.value === undefined;
  if (value.kind === "conditional") return mayBeUndefined(value.then) || mayBeUndefined(value.otherwise);
  const type = value.kind === "local" ? value.local.type : value.kind === "load" ? heldIn(value.place) : undefined;
  if (type?.kind === "opaque") return true;
  return type?.kind === "optional" && type.absence !== "null";
}

/** Is a shadow printed as the gradient of a class, which has getters that the shadow has not? */
export const lacksGetters = (type: RecordType, names: TypeNames): boolean =>
  type.computes === true && type.mirrors !== undefined && namedType(type, names) !== null;

const printField = (name: string, text: string): string => (text === name ? name : `${printKey(name)}: ${text}`);

function printCopy(type: Type, fresh: Extract<Fresh, { kind: "copy" }>, context: PrintContext): Printed {
  const { source, sourceType, from, to } = fresh;
  if (fresh.spread) return primary(`[...${printedAt(source, precedence.postfix, context)}]`);
  const base = printedAt(source, precedence.postfix, context);
  const all = isLiteral(from, 0) && to.kind === "length" && sameExpression(to.array, source);
  const isToEnd = to.kind === "length" && sameExpression(to.array, source);
  const range = all
    ? ""
    : isToEnd
      ? printExpression(from, context)
      : `${printExpression(from, context)}, ${printExpression(to, context)}`;
  const into = type.kind === "array" && type.storage !== "ArrayLike" ? type.storage : null;
  const sourceStorage = sourceType.kind === "array" ? sourceType.storage : "Array";
  if (sourceStorage !== "ArrayLike" && (into === null || into === sourceStorage || sourceType.kind !== "array")) {
    return postfix(`${base}.slice(${range})`);
  }
  const container = into ?? "Float64Array";
  if (all) return postfix(`${container}.from(${printExpression(source, context)})`);
  if (sourceStorage === "ArrayLike") {
    return postfix(`${container}.from(${printExpression(source, context)}).slice(${range})`);
  }
  return postfix(`${container}.from(${base}.slice(${range}))`);
}

/** What the shadow of a private member is no type tells from outside, nor what classes have that extend an abstract one. */
export const isAsserted = (type: Type): boolean =>
  hiddenMembers(type).length > 0 ||
  [...recordsIn(type)].some(hasMoreBelow) ||
  (type.kind === "record" && isRecursive(type) && holdsBase(type));

function hasMoreBelow(type: RecordType): boolean {
  const { name, members, isBase } = type;
  if (isBase !== true || members === undefined || isRecursive(type)) return false;
  return members.every((one) => one.name !== name && one.fields.some((field) => fieldCarries(field)));
}

function printZerosLike(
  type: Type,
  { of, ofType }: Extract<Fresh, { kind: "zerosLike" }>,
  zeros: (length: string) => Printed,
  context: PrintContext,
): Printed {
  const isNumber = (one: Type): boolean => one.kind === "number" || one.kind === "integer";
  if (isMap(type) && isNumber(type.element)) {
    return postfix(`new Map(Array.from(${printedAt(of, precedence.postfix, context)}.keys(), (key) => [key, 0]))`);
  }
  if (isDictionary(type) && isNumber(type.element)) {
    return postfix(`Object.fromEntries(Object.keys(${printExpression(of, context)}).map((key) => [key, 0]))`);
  }
  if (type.kind === "array" && type.storage !== "ArrayLike" && isNumber(type.element)) {
    return zeros(`${printedAt(of, precedence.postfix, context)}.length`);
  }
  const flat = printZero(type);
  if (flat !== null) return primary(flat);
  const zerosLike = context.imported("enzyme-ts/shadow", "zerosLike");
  const args = [printExpression(of, context), ...omittedFields(ofType).map((name) => JSON.stringify(name))];
  const call = `${zerosLike}(${args.join(", ")})`;
  if (context.language === "javascript" || !isAsserted(ofType)) return postfix(call);
  return { text: `${call} as ${printType(type, context.types)}`, level: precedence.relation };
}

/** A zero of a type whose shape says all: numbers, and records and tuples of them. */
function printZero(type: Type): string | null {
  if (type.kind === "number" || type.kind === "integer") return "0";
  if (type.kind === "tuple") {
    const parts = type.elements.map(printZero);
    return parts.includes(null) ? null : `[${parts.join(", ")}]`;
  }
  if (type.kind !== "record" || type.members !== undefined) return null;
  const fields = type.fields.map(({ name, type: of }) => ({ name, zero: printZero(of) }));
  if (fields.some(({ zero }) => zero === null)) return null;
  return fields.length === 0
    ? "{}"
    : `{ ${fields.map(({ name, zero }) => `${printKey(name)}: ${zero ?? ""}`).join(", ")} }`;
}
