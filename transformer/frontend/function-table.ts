/**
 * Functions kept in a constant object or array, chosen by a key.
 *
 *   const ops = { add: (a, b) => a + b, mul: (a, b) => a * b };
 *   ops[name](x, y)   =>   name === "add" ? x + y : x * y
 */
import ts from "typescript";
import { isText, type Value } from "../ir/ir.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { originOf, type Callable, type Choice, type Cursor } from "./environment.js";
import { callableOf } from "./function-value.js";
import { partsOfFunctions } from "./grown-list.js";
import { isElementThere } from "./known-bounds.js";
import { typeOfKey } from "./key-type.js";
import { loadedConstant } from "./loaded-constant.js";
import { listOfMark } from "./loaded-mark.js";
import { lowerExpression } from "./lower-expression.js";
import { lowerEquality } from "./lower-operator.js";
import { ofExpression, resolveCallable } from "./resolve-callable.js";
import { isGlobal } from "./module-constants.js";
import { saysThis } from "./says-this.js";
import type { LoweringSession } from "./session.js";
import { isUnchanged } from "./settled-constant.js";

interface Entry {
  readonly key: string | number;
  readonly function: ts.Expression | ts.MethodDeclaration;
}

/** The functions of a table, by key; null: something else is in it. */
export function tableEntries(session: LoweringSession, node: ts.Expression): readonly Entry[] | null {
  const at = unwrapped(node);
  const frozen = frozenObject(session, at);
  if (frozen !== null) return tableEntries(session, frozen);
  const entries: Entry[] = [];
  if (ts.isArrayLiteralExpression(at)) at.elements.forEach((one, key) => entries.push({ key, function: one }));
  else if (ts.isObjectLiteralExpression(at)) {
    for (const one of at.properties) {
      const key = one.name === undefined ? null : keyOf(session, one.name);
      const held = functionIn(one);
      if (key === null || held === null) return null;
      entries.push({ key, function: held });
    }
  } else return null;
  const isOfFunctions = entries.every((one) => isPlainFunction(session, one.function));
  const isDistinct = new Set(entries.map(({ key }) => String(key))).size === entries.length;
  return entries.length > 0 && isOfFunctions && isDistinct ? entries : null;
}

/** The object that `Object.freeze({ ... })` gives back. */
function frozenObject(session: LoweringSession, node: ts.Expression): ts.Expression | null {
  if (!ts.isCallExpression(node) || node.arguments.length !== 1) return null;
  const callee = unwrapped(node.expression);
  const isFreeze =
    ts.isPropertyAccessExpression(callee) &&
    callee.name.text === "freeze" &&
    isGlobal(session, callee.expression, "Object");
  return isFreeze ? (node.arguments[0] ?? null) : null;
}

/** `add`, `"add"`, `2`, `[Mode.Add]` */
function keyOf(session: LoweringSession, name: ts.PropertyName): string | number | null {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) return name.text;
  if (ts.isNumericLiteral(name)) return Number(name.text);
  const type = ts.isComputedPropertyName(name) ? typeOfKey(session, name.expression) : null;
  return type !== null && (type.isStringLiteral() || type.isNumberLiteral()) ? type.value : null;
}

function functionIn(property: ts.ObjectLiteralElementLike): Entry["function"] | null {
  if (ts.isPropertyAssignment(property)) return property.initializer;
  if (ts.isShorthandPropertyAssignment(property)) return property.name;
  return ts.isMethodDeclaration(property) ? property : null;
}

/** A function that does not look at the table itself, nor is computed. */
function isPlainFunction(session: LoweringSession, node: Entry["function"]): boolean {
  if (ts.isMethodDeclaration(node)) return !saysThis(node) && node.asteriskToken === undefined;
  const at = unwrapped(node);
  if (ts.isArrowFunction(at)) return true;
  if (ts.isFunctionExpression(at)) return !saysThis(at) && at.asteriskToken === undefined;
  if (ts.isIdentifier(at)) return namesFunction(session, at);
  return ts.isPropertyAccessExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === "Math";
}

/** A name that always means the same function. */
function namesFunction(session: LoweringSession, node: ts.Identifier): boolean {
  const symbol = symbolAt(session, node);
  const declaration = symbol === null ? undefined : resolveAlias(session, symbol).valueDeclaration;
  if (declaration === undefined) return false;
  if (ts.isFunctionDeclaration(declaration)) return declaration.body !== undefined && !saysThis(declaration);
  const isConst = ts.isVariableDeclaration(declaration) && (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  const value = isConst && declaration.initializer !== undefined ? unwrapped(declaration.initializer) : null;
  return value !== null && (ts.isArrowFunction(value) || (ts.isFunctionExpression(value) && !saysThis(value)));
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
  const entries = tableEntries(session, declaration.initializer);
  if (entries === null || !isUnchanged(session, declaration)) return null;
  return { entries, isLocal: ts.findAncestor(declaration, ts.isFunctionLike) !== undefined };
}

function functionOf(cursor: Cursor, { isLocal }: Table, { function: held }: Entry): Callable | null {
  if (ts.isMethodDeclaration(held))
    return { kind: "closure", node: held, scope: isLocal ? cursor.scope : null, thisValue: null };
  return isLocal ? resolveCallable(cursor, held) : ofExpression(cursor, held, 0);
}

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
    const literal = cursor.block.constant(asKeyOf(key, entry.key), originOf(keyNode));
    ways.push({ test: lowerEquality(cursor, key, literal, false, keyNode), callable });
  }
  // The type says that there is no other key than these.
  const isComplete = keys !== null && keys.size === known.length;
  const last = isComplete ? ways.pop() : undefined;
  if (last !== undefined && ways.length === 0) return last.callable;
  return { kind: "choice", ways, otherwise: last?.callable ?? null };
}

/** `name in ops`, `Object.hasOwn(ops, name)`: is the key one of those of a table? null: that is no table. */
export function isKeyOfTable(cursor: Cursor, owner: ts.Expression, keyNode: ts.Expression): Value | null {
  const table = tableOf(cursor, owner);
  if (table === null) return null;
  const { block } = cursor;
  const key = lowerExpression(cursor, keyNode);
  return table.entries
    .map((entry) =>
      lowerEquality(cursor, key, block.constant(asKeyOf(key, entry.key), originOf(keyNode)), false, keyNode),
    )
    .reduce((all, one) => block.apply("or", [all, one], originOf(keyNode)));
}

/** A key as it is compared with: members may be asked for by the text of a number, too. */
const asKeyOf = ({ type }: Value, key: string | number): string | number =>
  isText(type) ? String(key) : /^(?:0|[1-9]\d*)$/.test(String(key)) ? Number(key) : key;

/** `steps[i]` of a list of functions that is a value: the position decides when the program runs. */
export function chosenByPosition(cursor: Cursor, node: ts.ElementAccessExpression): Callable | null {
  const { session, block } = cursor;
  const at = unwrapped(node.expression);
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  const binding = symbol === null ? null : cursor.scope.get(symbol);
  const held = binding?.kind === "variable" ? cursor.env.get(binding.slot) : undefined;
  const ofModule = binding === null ? loadedConstant(cursor, at) : null;
  const list = held ?? (ofModule === null ? undefined : (listOfMark(cursor, ofModule, at) ?? undefined));
  const parts = list === undefined ? null : partsOfFunctions(cursor, list);
  const functions = (parts ?? []).map((one) => callableOf(session, one));
  if (parts === null || functions.includes(null)) return null;
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
