/**
 * Functions kept in a constant object or array, chosen by a key.
 *
 *   const ops = { add: (a, b) => a + b, mul: (a, b) => a * b };
 *   ops[name](x, y)   =>   name === "add" ? x + y : x * y
 */
import ts from "typescript";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { originOf, type Callable, type Choice, type Cursor } from "./environment.js";
import { callableOf } from "./function-value.js";
import { isElementThere } from "./known-bounds.js";
import { typeOfKey } from "./key-type.js";
import { loadedConstant } from "./loaded-constant.js";
import { listOfMark } from "./loaded-mark.js";
import { lowerExpression } from "./lower-expression.js";
import { lowerEquality } from "./lower-operator.js";
import { ofExpression, resolveCallable } from "./resolve-callable.js";
import { isUnchanged } from "./settled-constant.js";

interface Entry {
  readonly key: string | number;
  readonly function: ts.Expression;
}

/** The functions of a table, by key; null: something else is in it. */
export function tableEntries(node: ts.Expression): readonly Entry[] | null {
  const at = unwrapped(node);
  const entries: Entry[] = [];
  if (ts.isArrayLiteralExpression(at)) at.elements.forEach((one, key) => entries.push({ key, function: one }));
  else if (ts.isObjectLiteralExpression(at)) {
    for (const one of at.properties) {
      if (!ts.isPropertyAssignment(one) || ts.isComputedPropertyName(one.name)) return null;
      entries.push({ key: one.name.text, function: one.initializer });
    }
  } else return null;
  return entries.length > 0 && entries.every((one) => isPlainFunction(one.function)) ? entries : null;
}

/** A function that does not look at the table itself, nor is computed. */
function isPlainFunction(node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (ts.isArrowFunction(at)) return true;
  return ts.isPropertyAccessExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === "Math";
}

interface Table {
  readonly entries: readonly Entry[];
  /** Does it stand in a function, whose variables its functions may capture? */
  readonly isLocal: boolean;
}

/** The table that an expression names, if nothing ever changes it. */
function tableOf(cursor: Cursor, node: ts.Expression): Table | null {
  const at = unwrapped(node);
  if (!ts.isIdentifier(at)) return null;
  const { session } = cursor;
  const symbol = symbolAt(session, at);
  const declaration = symbol === null ? undefined : resolveAlias(session, symbol).valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return null;
  if ((declaration.parent.flags & ts.NodeFlags.Const) === 0 || declaration.initializer === undefined) return null;
  const entries = tableEntries(declaration.initializer);
  if (entries === null || !isUnchanged(session, declaration)) return null;
  return { entries, isLocal: ts.findAncestor(declaration, ts.isFunctionLike) !== undefined };
}

const functionOf = (cursor: Cursor, { isLocal }: Table, entry: Entry): Callable | null =>
  isLocal ? resolveCallable(cursor, entry.function) : ofExpression(cursor, entry.function, 0);

/** `ops.add`, `ops["add"]` */
export function entryOf(cursor: Cursor, owner: ts.Expression, key: string): Callable | null {
  const table = tableOf(cursor, owner);
  const entry = table?.entries.find((one) => String(one.key) === key);
  return table === null || entry === undefined ? null : functionOf(cursor, table, entry);
}

/** `ops[name]`: the key decides when the program runs. */
export function chosenFrom(cursor: Cursor, node: ts.ElementAccessExpression): Callable | null {
  const table = tableOf(cursor, node.expression);
  if (table === null) return null;
  const keyNode = node.argumentExpression;
  const keys = literalKeys(cursor, keyNode);
  const known = keys === null ? table.entries : table.entries.filter(({ key }) => keys.has(String(key)));
  const functions = known.map((entry) => ({ entry, callable: functionOf(cursor, table, entry) }));
  const key = lowerExpression(cursor, keyNode);
  const ways: { test: Choice["ways"][number]["test"]; callable: Callable }[] = [];
  for (const { entry, callable } of functions) {
    if (callable === null) return null;
    const literal = cursor.block.constant(entry.key, originOf(keyNode));
    ways.push({ test: lowerEquality(cursor, key, literal, false, keyNode), callable });
  }
  // The type says that there is no other key than these.
  const isComplete = keys !== null && keys.size === known.length;
  const last = isComplete ? ways.pop() : undefined;
  if (last !== undefined && ways.length === 0) return last.callable;
  return { kind: "choice", ways, otherwise: last?.callable ?? null };
}

/** `steps[i]` of a list of functions that is a value: the position decides when the program runs. */
export function chosenByPosition(cursor: Cursor, node: ts.ElementAccessExpression): Callable | null {
  const { session, block } = cursor;
  const at = unwrapped(node.expression);
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  const binding = symbol === null ? null : cursor.scope.get(symbol);
  const held = binding?.kind === "variable" ? cursor.env.get(binding.slot) : undefined;
  const ofModule = binding === null ? loadedConstant(cursor, at) : null;
  const list = held ?? (ofModule === null ? undefined : (listOfMark(cursor, ofModule, at) ?? undefined));
  const parts = list !== undefined && session.functionLists.has(list) ? session.givenLists.get(list) : undefined;
  const functions = (parts ?? []).map((one) => callableOf(session, one));
  if (parts === undefined || functions.includes(null)) return null;
  const key = lowerExpression(cursor, node.argumentExpression);
  const known = block.literalOf(key);
  if (typeof known === "number") return functions[known] ?? null;
  const ways = functions.flatMap((callable, position) => {
    const literal = block.constant(position, originOf(node));
    const test = lowerEquality(cursor, key, literal, false, node);
    return callable === null ? [] : [{ test, callable }];
  });
  // The loop around asks for no other position.
  const last = isElementThere(session, node) ? ways.pop() : undefined;
  if (last !== undefined && ways.length === 0) return last.callable;
  return { kind: "choice", ways, otherwise: last?.callable ?? null };
}

/** The literals that a key can be, by its type. */
function literalKeys(cursor: Cursor, node: ts.Expression): ReadonlySet<string> | null {
  const type = typeOfKey(cursor.session, node);
  const keys = new Set<string>();
  for (const one of type.isUnion() ? type.types : [type]) {
    if (!one.isStringLiteral() && !one.isNumberLiteral()) return null;
    keys.add(String(one.value));
  }
  return keys;
}
