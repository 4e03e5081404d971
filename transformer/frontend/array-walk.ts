/** How an array is walked: by what it holds, by its positions, or both. */
import ts from "typescript";
import { isWrapper, unwrapped } from "./assigned-symbols.js";
import type { Cursor } from "./environment.js";
import { isLibrarySymbol } from "./module-constants.js";

export interface ArrayWalk {
  readonly array: ts.Expression;
  readonly of: "keys" | "values" | "entries";
}

/** `xs`, `xs.keys()`, `xs.entries()`; `[...xs.keys()]` is walked as `xs.keys()`. */
export function arrayWalk(cursor: Cursor, node: ts.Expression): ArrayWalk {
  const at = unwrapped(node);
  const [only, ...others] = ts.isArrayLiteralExpression(at) ? at.elements : [];
  if (only !== undefined && ts.isSpreadElement(only) && others.length === 0) {
    const walk = arrayWalk(cursor, only.expression);
    if (walk.of === "keys") return walk;
  }
  if (!ts.isCallExpression(at) || !ts.isPropertyAccessExpression(at.expression) || at.arguments.length > 0)
    return { array: node, of: "values" };
  const { expression: array, name } = at.expression;
  const { text } = name;
  return isOfArray(cursor, name) && (text === "keys" || text === "values" || text === "entries")
    ? { array, of: text }
    : { array: node, of: "values" };
}

/** Does an expression make a list anew of what it walks? */
export const isWalkOf = (cursor: Cursor, node: ts.Expression): boolean => arrayWalk(cursor, node).array !== node;

/** Is a method that of the arrays of the language? What others call so may be anything. */
function isOfArray({ session }: Cursor, name: ts.Node): boolean {
  const symbol = session.checker.getSymbolAtLocation(name);
  const of = symbol?.declarations?.map((one) => (ts.isInterfaceDeclaration(one.parent) ? one.parent.name.text : ""));
  return symbol !== undefined && isLibrarySymbol(session, symbol) && of?.some((one) => one.endsWith("Array")) === true;
}

/**
 * Is what an expression gives walked at once, and by nobody later on? `[...xs.keys()]`, `Array.from(m.values())`,
 * `const [first] = xs.values()`. An iterator that is kept sees what is written meanwhile, and is used up by whoever walks it.
 */
export function isTakenAtOnce(node: ts.Expression): boolean {
  let at: ts.Node = node;
  while (ts.isExpression(at.parent) && isWrapper(at.parent)) at = at.parent;
  const { parent } = at;
  if (ts.isSpreadElement(parent)) return true;
  if (ts.isForOfStatement(parent)) return parent.expression === at;
  if (ts.isNewExpression(parent)) return parent.arguments?.[0] === at && isBuiltin(parent.expression);
  if (ts.isCallExpression(parent)) {
    const { expression } = parent;
    const isFrom = ts.isPropertyAccessExpression(expression) && /^from/.test(expression.name.text);
    return parent.arguments[0] === at && isFrom && isBuiltin(expression.expression);
  }
  return ts.isVariableDeclaration(parent) && ts.isArrayBindingPattern(parent.name);
}

/** A class of the language that takes all that it is given: `new Map(m.entries())`, `Float64Array.from(xs.keys())`. */
const isBuiltin = (node: ts.Expression): boolean =>
  ts.isIdentifier(node) && /^(?:Object|Map|Set|Array|(?:Float|Int|Uint)\d+(?:Clamped)?Array)$/.test(node.text);
