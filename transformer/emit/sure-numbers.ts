/**
 * Which variables of type number or boolean can be kept in an array of numbers, and be the same when they are read again.
 *
 * What is read beyond the end of an array is `undefined`, whatever its type says, and as an element of a Float64Array it
 * would be NaN. The two differ where somebody asks (`x ?? 0`), but not in arithmetic: so a variable is kept there if it
 * is surely a number, or if nothing but arithmetic reads it.
 */
import { isScalar } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import {
  assignedBy,
  eachStatement,
  expressionsOf,
  isLiteral,
  partsOf,
  placeParts,
  type Expression,
  type Local,
  type Statement,
  type Tree,
} from "./tree.js";

/** Answers of variables whether an array of numbers keeps them as they are. */
export function findSureNumbers({ params, body }: Tree): (local: Local) => boolean {
  /** What each variable is given; null for what is not known. */
  const given = new Map<Local, (Expression | null)[]>(params.map((local) => [local, [null]]));
  const exposed = new Set<Local>();
  eachStatement(body, (statement) => {
    const value = statement.kind === "assign" || statement.kind === "declare" ? statement.value : null;
    const isBare = statement.kind === "declare" && statement.value === null;
    for (const local of isBare || statement.kind === "for" ? [] : assignedBy(statement))
      given.set(local, [...(given.get(local) ?? []), value]);
    exposeIn(statement, exposed);
  });

  const unsure = new Set<Local>();
  const isSure = (expression: Expression): boolean => isSurelyNumber(expression, (local) => !unsure.has(local));
  for (let before = -1; before !== unsure.size;) {
    before = unsure.size;
    for (const [local, values] of given)
      if (!values.every((value) => value !== null && isSure(value))) unsure.add(local);
  }
  const isOfNumbers = ({ type, kind }: Local): boolean => kind !== "counter" && isScalar(type);
  return (local) => isOfNumbers(local) && !(unsure.has(local) && exposed.has(local));
}

/** They give an operand as it is, or tell `undefined` from NaN. */
const passing: ReadonlySet<Primitive> = new Set([
  "select",
  "guard",
  "orZero",
  "and",
  "or",
  "eq",
  "ne",
  "isNaN",
  "becomesNaN",
  "toNumber",
]);

function isSurelyNumber(expression: Expression, isSureLocal: (local: Local) => boolean): boolean {
  const isSure = (one: Expression): boolean => isSurelyNumber(one, isSureLocal);
  switch (expression.kind) {
    case "literal":
      return typeof expression.value === "number" || typeof expression.value === "boolean";
    case "local":
      return isSureLocal(expression.local);
    case "apply":
      return ["select", "guard", "and", "or"].includes(expression.primitive) ? expression.args.every(isSure) : true;
    case "conditional":
      return isSure(expression.then) && isSure(expression.otherwise);
    case "length":
    case "random":
    case "isAbsent":
      return true;
    default:
      return false;
  }
}

/** Notes the variables that are read where it is seen whether they are numbers. */
function exposeIn(statement: Statement, exposed: Set<Local>): void {
  const expose = (expression: Expression): void => {
    if (expression.kind === "local") exposed.add(expression.local);
    else read(expression);
  };
  const read = (expression: Expression): void => {
    switch (expression.kind) {
      case "apply": {
        const { primitive, args } = expression;
        const isCompared = (primitive === "eq" || primitive === "ne") && args.some(isPlainNumber);
        args.forEach(passing.has(primitive) && !isCompared ? expose : calculate);
        return;
      }
      case "load":
        placeParts(expression.place).forEach(calculate);
        return;
      case "conditional":
        calculate(expression.test);
        [expression.then, expression.otherwise].forEach(expose);
        return;
      default:
        partsOf(expression).forEach(expose);
    }
  };
  /** In arithmetic, in an index, as a test: `undefined` does as NaN does. */
  const calculate = (expression: Expression): void => {
    if (expression.kind !== "local") read(expression);
  };
  switch (statement.kind) {
    case "if":
    case "while":
    case "doWhile":
    case "for":
      expressionsOf(statement).forEach(calculate);
      return;
    case "accumulate":
      [...placeParts(statement.place), statement.value].forEach(calculate);
      return;
    case "store": {
      const { place, value } = statement;
      const isTyped = place.kind === "element" && place.of.kind === "array" && /^Float/.test(place.of.storage);
      placeParts(place).forEach(calculate);
      (isTyped ? calculate : expose)(value);
      return;
    }
    default:
      expressionsOf(statement).forEach(expose);
  }
}

const isPlainNumber = (expression: Expression): boolean =>
  expression.kind === "literal" && typeof expression.value === "number" && !isLiteral(expression, NaN);
