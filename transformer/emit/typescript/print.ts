/** Statements as TypeScript text. Formatting proper is prettier's; the text is sane without it. */
import { assertNever, isMap, isOneOfSomeTexts, isReference, isTyped, type Type } from "../../ir/ir.js";
import { isRecursive } from "../../ir/recursive.js";
import { heldIn, literalsOf } from "../literal-types.js";
import {
  apply,
  isLiteral,
  partsOf,
  samePlace,
  type Block,
  type Expression,
  type Local,
  type Place,
  type Statement,
} from "../tree.js";
import { precedence, spellings } from "./primitives.js";
import { isAsserted } from "./print-allocation.js";
import { printEvaluated, printExpression, printPlace, printUpdatedPlace } from "./print-expression.js";
import { lacksGetters } from "./print-object.js";
import type { PrintContext } from "./printed.js";
import { negated } from "./simpler-expression.js";
import { isNominal, printType } from "./types.js";

/** How the values that a function returns are put together. */
export type ResultShape =
  | { readonly kind: "bare" }
  /** All values, or all that are left, as an array; as shapes of their own where they are given. */
  | { readonly kind: "tuple"; readonly entries?: readonly ResultShape[] }
  /** What a function makes of one value; where it takes none, the function itself. */
  | { readonly kind: "function"; readonly callee: string; readonly takesTape: boolean }
  | { readonly kind: "object"; readonly entries: readonly { readonly name: string; readonly shape: ResultShape }[] };

export interface StatementContext extends PrintContext {
  readonly resultShape: ResultShape;
  /** Does TypeScript follow what is assigned to single elements of this array? Round a loop it gives up. */
  readonly isFollowed: (local: Local) => boolean;
  /** Could TypeScript tell its type only if it knew it? See `findSelfTyped`. */
  readonly isSelfTyped: (local: Local) => boolean;
  /** What a variable is declared as, where it is. */
  readonly typeOf: (local: Local) => Type;
}

/** `gap`: the position of the statement before which a blank line stands. */
export function printBlock(block: Block, context: StatementContext, indent: string, gap: number | null = null): string {
  return block.map((statement, k) => (k === gap ? "\n" : "") + printStatement(statement, context, indent)).join("");
}

function printStatement(statement: Statement, context: StatementContext, indent: string): string {
  const print = (expression: Expression): string => printExpression(expression, context);
  const line = (text: string): string => `${indent}${text}\n`;
  const braces = (head: string, body: Block, tail = ""): string =>
    `${indent}${head} {\n${printBlock(body, context, `${indent}  `)}${indent}}${tail}\n`;
  switch (statement.kind) {
    case "declare":
      return line(`${printDeclaration(statement, context)};`);
    case "assign":
      return line(`${printAssignment(statement.local, statement.value, context)};`);
    case "unpack": {
      const names = statement.locals.map((local) => (local === null ? "" : context.names(local)));
      while (names.at(-1) === "") names.pop();
      const target = `[${names.join(", ")}] = ${print(statement.value)};`;
      return line(statement.declares === null ? target : `${statement.declares} ${target}`);
    }
    case "moves":
      throw new Error("simultaneous assignments are not settled");
    case "store":
      return line(`${printStore(statement, context)};`);
    case "accumulate": {
      const { place, value } = statement;
      const taken = subtracted(value);
      if (place.kind === "element" && isMap(place.of)) {
        const sum = apply(taken === null ? "add" : "sub", { kind: "load", place }, taken ?? value);
        return line(`${printStore({ kind: "store", place, value: sum }, context)};`);
      }
      const operator = taken === null ? "+=" : "-=";
      return line(`${printUpdatedPlace(place, context)} ${operator} ${print(taken ?? value)};`);
    }
    case "evaluate":
      return line(`${printEvaluated(statement.value, context)};`);
    case "if": {
      const head = `if (${print(statement.test)})`;
      if (statement.otherwise.length === 0) {
        const [only, second] = statement.then;
        if (second === undefined && (only?.kind === "break" || only?.kind === "continue")) {
          return line(`${head} ${only.kind};`);
        }
        if (second === undefined && only?.kind === "throw") return line(`${head} throw ${print(only.value)};`);
        if (second === undefined && only?.kind === "return") {
          const text = `${indent}${head} ${printReturn(only, context)}`;
          if (text.length <= maximalLine) return `${text}\n`;
        }
        return braces(head, statement.then);
      }
      const [only, second] = statement.otherwise;
      const otherwise =
        only?.kind === "if" && second === undefined
          ? printStatement(only, context, indent).trimStart()
          : `{\n${printBlock(statement.otherwise, context, `${indent}  `)}${indent}}\n`;
      return `${indent}${head} {\n${printBlock(statement.then, context, `${indent}  `)}${indent}} else ${otherwise}`;
    }
    case "for":
      return braces(printForHeader(statement, context), statement.body);
    case "while":
      return braces(`while (${statement.test === null ? "true" : print(statement.test)})`, statement.body);
    case "doWhile":
      return braces("do", statement.body, ` while (${print(statement.test)});`);
    case "break":
    case "continue":
      return line(`${statement.kind};`);
    case "return":
      return line(printReturn(statement, context));
    case "throw":
      return line(`throw ${print(statement.value)};`);
    default:
      return assertNever(statement);
  }
}

/** Beyond this a return does not stand on the line of its test. */
const maximalLine = 80;

function printReturn(statement: Extract<Statement, { kind: "return" }>, context: StatementContext): string {
  const texts = statement.values.map((value) => printExpression(value, context));
  const text = statement.isWhole === true ? texts.join(", ") : printResult(context.resultShape, texts);
  return text === "" ? "return;" : `return ${text};`;
}

function printDeclaration(statement: Extract<Statement, { kind: "declare" }>, context: StatementContext): string {
  const { local, mutable, value } = statement;
  const needsType =
    context.language === "typescript" &&
    (value === null ||
      context.isSelfTyped(local) ||
      (!isReference(local.type) && readsFollowed(value, context)) ||
      (mutable
        ? widens(local.type) || literalsOf(value, context.isMutable) !== null
        : isAmbiguous(local.type, value, context)));
  const type = needsType ? `: ${printType(context.typeOf(local), context.types)}` : "";
  if (needsType && mutable && value !== null && isUnset(local.type, value))
    return `let ${context.names(local)}!${type}`;
  const beginning = value === null ? "" : ` = ${printExpression(value, context)}`;
  return `${mutable || value === null ? "let" : "const"} ${context.names(local)}${type}${beginning}`;
}

/** An error that a loop may leave behind: before it there is none, and nobody looks. */
const isUnset = (type: Type, value: Expression): boolean =>
  type.kind === "opaque" && /Error$/.test(type.text) && value.kind === "literal" && value.value === undefined;

/** Would a `let` without a type take too narrow a one from its first value? */
const widens = (type: Type): boolean => type.kind !== "number" && type.kind !== "integer" && type.kind !== "boolean";

/** Would a `const` without a type take another one from its value? */
function isAmbiguous(type: Type, value: Expression, context: StatementContext): boolean {
  if (type.kind === "optional") return true;
  if (value.kind === "allocate" && value.fresh.kind === "zerosLike" && isAsserted(value.fresh.ofType)) return false;
  if (type.kind === "record" && type.members !== undefined && value.kind === "conditional") return true;
  // What goes round a loop would be known only by itself.
  if (type.kind === "record" && value.kind === "unwrap") return value.as === null && isRecursive(type);
  if (value.kind !== "allocate") return value.kind === "literal" && value.value === null;
  if (type.kind === "array") {
    const { fresh } = value;
    if (holdsEmpty(value) || holdsText(type.element)) return true;
    if (isOneOfSomeTexts(type.element) && fresh.kind === "parts") return true;
    // to TypeScript they would have buffers of their own, unlike what is put there later
    if (isTypedArray(type.element) && fresh.kind === "parts") return true;
    if (fresh.kind === "copy" && holdsEmpty(fresh.source)) return true;
    if (fresh.kind === "parts" && fresh.maker !== undefined) return true;
    if (fresh.kind === "parts" && fresh.parts.some((part) => isAmbiguous(type.element, part, context))) return true;
    return type.storage === "ArrayLike" || (fresh.kind === "zerosLike" && !isFlat(type));
  }
  if (value.fresh.kind === "parts" && value.fresh.maker !== undefined && context.types.isVisible(value.fresh.maker))
    return false;
  if (type.kind === "record" && value.fresh.kind === "parts" && lacksGetters(type, context.types)) return false;
  if (type.kind === "record") return value.fresh.kind !== "parts" || !isNominal(type, context.types.isVisible);
  return type.kind === "tuple";
}

/** Would TypeScript look for the type of what it is given in what is assigned later on? */
const readsFollowed = (value: Expression, context: StatementContext): boolean =>
  (value.kind === "local" && context.isFollowed(value.local)) ||
  partsOf(value).some((part) => readsFollowed(part, context));

/** `[]`, alone or inside, says nothing of what will be in it. */
const holdsEmpty = (value: Expression): boolean =>
  value.kind === "allocate" &&
  value.type.kind === "array" &&
  !isMap(value.type) &&
  value.fresh.kind === "parts" &&
  (value.fresh.parts.length === 0 || value.fresh.parts.some(holdsEmpty));
/** A literal of text is a type of its own: `{ kind: "circle" }`. */
const holdsText = (type: Type): boolean =>
  type.kind === "record" && (type.members !== undefined || type.fields.some((field) => field.type.kind === "opaque"));
const isTypedArray = (type: Type): boolean => type.kind === "array" && isTyped(type.storage);
const isFlat = (type: Type): boolean =>
  type.kind === "array" && (type.element.kind === "number" || type.element.kind === "integer");

/** What is taken away where adding this is taking something away: `-a`, `-a * b`, `-a - b`. */
function subtracted(value: Expression): Expression | null {
  const direct = negated(value);
  if (direct !== null) return direct;
  if (value.kind !== "apply") return null;
  const [a, b] = value.args;
  if (a === undefined || b === undefined) return null;
  const left = subtracted(a);
  if (left === null) return null;
  if (value.primitive === "sub") return { ...value, primitive: "add", args: [left, b] };
  const right = value.primitive === "add" ? subtracted(b) : null;
  return right === null ? null : { ...value, args: [left, right] };
}

function printAssignment(local: Local, value: Expression, context: StatementContext): string {
  const name = context.names(local);
  const isTarget = (expression: Expression): boolean => expression.kind === "local" && expression.local === local;
  const update = updateOf(value, isTarget);
  if (update === null) return `${name} = ${printExpression(value, context)}`;
  return printUpdate(name, update, context);
}

function printStore(statement: Extract<Statement, { kind: "store" }>, context: StatementContext): string {
  const { place, value } = statement;
  if (place.kind === "element" && isMap(place.of)) {
    const [base, key] = [printExpression(place.base, context), printExpression(place.index, context)];
    if (statement.removes === true) return `${base}.delete(${key})`;
    return `${base}.set(${key}, ${printExpression(value, context)})`;
  }
  const update = updateOf(value, (expression) => expression.kind === "load" && samePlace(expression.place, place));
  if (update === null) return `${printPlace(place, context)} = ${printExpression(fitting(value, place), context)}`;
  return printUpdate(printUpdatedPlace(place, context), update, context);
}

/**
 * To the strictest checks a field that may be left out takes no undefined. What other memory holds goes there all the same
 * where that is what the field held before: no test tells TypeScript so, as one does of a variable.
 */
function fitting(value: Expression, { of, ...place }: Place): Expression {
  if (of.kind !== "record" || place.kind !== "field" || value.kind !== "load") return value;
  const field = of.fields.find(({ name }) => name === place.field);
  // the gradient of a type that holds itself is that of the package, whose fields are as the user's
  const isExact = field?.mayBeLeftOut === true && (field.isExact === true || isRecursive(of));
  const held = heldIn(value.place);
  if (!isExact || held?.kind !== "optional" || held.absence === "null") return value;
  return { kind: "unwrap", value, as: null, isUnrelated: false, isOfClass: false };
}

interface Update {
  readonly operator: string;
  readonly operand: Expression;
}

/** `x op e` as an update of x. */
function updateOf(value: Expression, isTarget: (expression: Expression) => boolean): Update | null {
  if (value.kind !== "apply") return null;
  const spelling = spellings[value.primitive];
  const [a, b] = value.args;
  if (spelling.kind !== "infix" || a === undefined || b === undefined) return null;
  if (
    spelling.precedence <= precedence.and ||
    ["equality", "relation"].some((one) => isLevel(one, spelling.precedence))
  )
    return null;
  if (isTarget(a)) return { operator: spelling.operator, operand: b };
  return spelling.commutes && isTarget(b) ? { operator: spelling.operator, operand: a } : null;
}
const isLevel = (name: string, level: number): boolean =>
  (name === "equality" && level === precedence.equality) || (name === "relation" && level === precedence.relation);

function printUpdate(target: string, { operator, operand }: Update, context: StatementContext): string {
  if (operator === "+" || operator === "-") {
    const taken = operator === "+" ? subtracted(operand) : negated(operand);
    const sign = taken === null ? operator : operator === "+" ? "-" : "+";
    const amount = taken ?? operand;
    if (isLiteral(amount, 1)) return `${target}${sign}${sign}`;
    return `${target} ${sign}= ${printExpression(amount, context)}`;
  }
  return `${target} ${operator}= ${printExpression(operand, context)}`;
}

function printForHeader(statement: Extract<Statement, { kind: "for" }>, context: StatementContext): string {
  const { counter, from, step } = statement;
  const name = context.names(counter);
  const print = (expression: Expression): string => printExpression(expression, context);
  const { to, inclusive } = simplerBound(statement);
  const comparison = (step > 0 ? "<" : ">") + (inclusive ? "=" : "");
  const size = Math.abs(step);
  const advance = size === 1 ? (step > 0 ? "++" : "--") : ` ${step > 0 ? "+" : "-"}= ${size}`;
  const bound = to.kind === "conditional" ? `(${print(to)})` : print(to);
  return `for (let ${name} = ${print(from)}; ${name} ${comparison} ${bound}; ${name}${advance})`;
}

/** `i < n + 1` is `i <= n`, `i > -1` is `i >= 0`, of integers. */
function simplerBound(statement: Extract<Statement, { kind: "for" }>): {
  readonly to: Expression;
  readonly inclusive: boolean;
} {
  const { to, step, inclusive, counter, from } = statement;
  const isWhole = counter.type.kind === "integer" || (from.kind === "literal" && Number.isInteger(from.value));
  const kept = { to, inclusive };
  if (!isWhole || !Number.isInteger(step)) return kept;
  const one = { kind: "literal", value: 1, text: null } as const;
  if (to.kind === "apply" && to.args[1] !== undefined && to.args[0] !== undefined && isLiteral(to.args[1], 1)) {
    const [base] = to.args;
    if (step > 0 && to.primitive === "add" && !inclusive) return { to: base, inclusive: true };
    if (step > 0 && to.primitive === "sub" && inclusive) return { to: base, inclusive: false };
    if (step < 0 && to.primitive === "sub" && !inclusive) return { to: base, inclusive: true };
    if (step < 0 && to.primitive === "add" && inclusive) return { to: base, inclusive: false };
  }
  if (step < 0 && !inclusive && isLiteral(to, -1)) return { to: { ...one, value: 0 }, inclusive: true };
  return kept;
}

/** Puts printed results into the shape, in order. */
export function printResult(shape: ResultShape, texts: readonly string[]): string {
  const left = [...texts];
  const fill = (one: ResultShape): string => {
    switch (one.kind) {
      case "bare":
        return left.shift() ?? "";
      case "tuple": {
        if (one.entries !== undefined) return `[${one.entries.map((entry) => fill(entry)).join(", ")}]`;
        return `[${left.splice(0).join(", ")}]`;
      }
      case "function":
        return one.takesTape ? `${one.callee}(${left.shift() ?? ""})` : one.callee;
      case "object": {
        const fields = one.entries.map(({ name, shape: inner }) => {
          const text = fill(inner);
          return text === name ? name : `${name}: ${text}`;
        });
        return `{ ${fields.join(", ")} }`;
      }
      default:
        return assertNever(one);
    }
  };
  return fill(shape);
}
