/** Functions of the language, by name or as what a variable of a module holds: `[].slice`, `const isArray = Array.isArray`. */
import ts from "typescript";
import { unwrapped } from "./assigned-symbols.js";
import type { Cursor } from "./environment.js";
import { loadedAt } from "./loaded-constant.js";
import { isFunction } from "./loading/values.js";
import { isGlobal } from "./module-constants.js";

/** What a variable of a module holds that stands for a function of the language: `Array.isArray`. */
export function nativePath(cursor: Cursor, node: ts.Expression): string | null {
  const value = loadedAt(cursor, node);
  return isFunction(value) && value.run?.kind === "native" ? value.run.path : null;
}

export const isEmptyLiteral = {
  Array: (node: ts.Node): boolean => ts.isArrayLiteralExpression(node) && node.elements.length === 0,
  Object: (node: ts.Node): boolean => ts.isObjectLiteralExpression(node) && node.properties.length === 0,
} as const;

/** `slice` of `[].slice`, of `Array.prototype.slice`, and of a variable that holds it. */
export function prototypeMethod(cursor: Cursor, of: "Array" | "Object", node: ts.Expression): string | null {
  const at = unwrapped(node);
  if (ts.isPropertyAccessExpression(at)) {
    const owner = unwrapped(at.expression);
    const isPrototype =
      ts.isPropertyAccessExpression(owner) &&
      owner.name.text === "prototype" &&
      isGlobal(cursor.session, owner.expression, of);
    if (isPrototype || isEmptyLiteral[of](owner)) return at.name.text;
  }
  const prefix = `${of}.prototype.`;
  const path = nativePath(cursor, at);
  return path?.startsWith(prefix) === true ? path.slice(prefix.length) : null;
}
