/** Constants, tables, instances and functions that are there once the modules are loaded, as values. */
import ts from "typescript";
import { numberType, type Field, type Type, type Value } from "../ir/ir.js";
import { joinTypes } from "../ir/join-types.js";
import { isJavaScript } from "../syntax/javascript.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import type { Maker } from "./class-members.js";
import { originOf, Scope, type Callable, type Cursor } from "./environment.js";
import { functionValue } from "./function-value.js";
import { noteKnownFields } from "./known-fields.js";
import { isMixed } from "./given-list.js";
import { instanceType } from "./made-types.js";
import { loadedMark } from "./loaded-mark.js";
import { fieldName } from "./open-object.js";
import { isChangedLater, loadedProgram, loadedValue, makesSeveral, prototypeMaker } from "./loading/loading.js";
import {
  isFunction,
  isObject,
  isPrimitive,
  isVague,
  unknown,
  type LoadedObject,
  type LoadedValue,
} from "./loading/values.js";
import { patternOf } from "./loading/regular-expressions.js";
import { patternValue } from "./lower-pattern.js";
import { markModuleValue } from "./module-constants.js";
import { saysThis } from "./says-this.js";
import type { LoweringSession } from "./session.js";

/** So many numbers are written where they are needed. */
const mostNumbers = 1024;

/** What an expression stands for, whatever runs. */
export function loadedAt(cursor: Cursor, node: ts.Expression): LoadedValue {
  const { session, scope } = cursor;
  return isOfModule(cursor, node)
    ? loadedValue(session, node, (symbol) => scope.get(symbol) !== null, scope.loaded)
    : unknown;
}

/** Is a member or a variable of a module given another value once all modules are loaded? */
export function isGivenLater(cursor: Cursor, node: ts.Expression): boolean {
  const { session, scope } = cursor;
  return (
    isOfModule(cursor, node) && isChangedLater(session, node, (symbol) => scope.get(symbol) !== null, scope.loaded)
  );
}

/** Does an expression begin with something of a module? What a function computes is nothing that was loaded. */
function isOfModule(cursor: Cursor, node: ts.Expression): boolean {
  const { session, scope } = cursor;
  const root = rootOf(node);
  const symbol = ts.isIdentifier(root) ? symbolAt(session, root) : null;
  if (ts.isCallExpression(root)) return [root.expression, ...root.arguments].some((one) => isOfModule(cursor, one));
  return (
    symbol !== null && scope.get(symbol) === null && ts.isIdentifier(root) && !isOfTypeScript(session, root, symbol)
  );
}

/** What TypeScript declares is known by its declaration, but for a constant that JavaScript has made. */
const isOfTypeScript = (session: LoweringSession, node: ts.Identifier, symbol: ts.Symbol): boolean => {
  const declaration = resolveAlias(session, symbol).declarations?.find((one) => {
    const { fileName, isDeclarationFile } = one.getSourceFile();
    return !isDeclarationFile && !isJavaScript(fileName);
  });
  if (declaration === undefined) return false;
  return !isConstant(declaration) || !(isOfPackage(declaration) || isMadeByJavaScript(loadedValue(session, node)));
};

/** `const geod = lib.Geodesic.WGS84`, `const { Vector } = lib` */
function isConstant(declaration: ts.Declaration): boolean {
  const variable = ts.findAncestor(declaration, ts.isVariableDeclaration);
  if (variable === undefined || !(declaration === variable || ts.isBindingElement(declaration))) return false;
  const { parent: list } = variable;
  return (list.flags & ts.NodeFlags.Const) !== 0 && ts.isSourceFile(list.parent.parent);
}

const isOfPackage = (node: ts.Node): boolean => node.getSourceFile().fileName.includes("/node_modules/");

/** An object or a function that stands in JavaScript, or that a constructor made which stands there. */
function isMadeByJavaScript(value: LoadedValue): boolean {
  if (!isObject(value)) return false;
  const from = value.maker ?? value;
  return from.node !== null && isJavaScript(from.node.getSourceFile().fileName);
}

/** `m` of `m.a.b`, `f` of `(0, f)` */
function rootOf(node: ts.Expression): ts.Expression {
  const at = unwrapped(node);
  if (ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at)) return rootOf(at.expression);
  return ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.CommaToken ? rootOf(at.right) : at;
}

/** The function that an expression stands for; null: none, or it is not known which. */
export function loadedCallable(cursor: Cursor, node: ts.Expression): Callable | null {
  const value = loadedAt(cursor, node);
  if (!isFunction(value)) return null;
  const at = unwrapped(node);
  const isMember = ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at);
  if (!isMember || value.run?.kind !== "code" || !saysThis(value.run.node)) return callableFrom(cursor, value, null);
  const owner = loadedAt(cursor, at.expression);
  // An instance that somebody works in is no constant.
  if (isVague(owner) || !isObject(owner) || (owner.maker !== null && holdsUnknown(owner))) return null;
  return callableFrom(cursor, value, owner.run === null ? written(cursor, owner, at.expression) : null);
}

const holdsUnknown = ({ members, isOpen }: LoadedObject): boolean =>
  isOpen || [...members.values()].some((one) => one.kind === "data" && isVague(one.value));

/** A function that is there once the modules are loaded, on an object. */
export function callableFrom({ session }: Cursor, { run }: LoadedObject, thisValue: Value | null): Callable | null {
  if (run?.kind === "native") {
    const [owner, name, ...rest] = run.path.split(".");
    return owner === "Math" && name !== undefined && rest.length === 0 ? { kind: "math", name } : null;
  }
  if (run?.kind !== "code" || ts.isClassLike(run.node)) return null;
  const { node, scope } = run;
  return {
    kind: "closure",
    node,
    scope: makesSeveral(session, scope) ? new Scope(null, scope) : null,
    thisValue: ts.isArrowFunction(node) || !saysThis(node) ? null : thisValue,
  };
}

/** What an expression stands for, written where it is needed; null: that is not known, or cannot be written. */
export function loadedConstant(cursor: Cursor, node: ts.Expression): Value | null {
  const value = loadedAt(cursor, node);
  if (isVague(value)) return null;
  if (value === undefined) return isLacking(cursor, node) ? cursor.block.constant(undefined, originOf(node)) : null;
  return written(cursor, value, node);
}

/** `Filters.LP12`, which an object of JavaScript was never given. */
function isLacking(cursor: Cursor, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (!ts.isPropertyAccessExpression(at) || !isJavaScript(node.getSourceFile().fileName)) return false;
  const owner = loadedAt(cursor, at.expression);
  return isObject(owner) && !owner.isOpen && owner.maker === null && !isGivenLater(cursor, at);
}

/** The same, where all that is in it is known: nobody works in it. */
export function loadedWhole(cursor: Cursor, node: ts.Expression): Value | null {
  const value = loadedAt(cursor, node);
  return countOf(value, 0) <= mostNumbers ? writtenOut(cursor, value, node) : null;
}

/** How many numbers a value holds; Infinity: it holds something that is not known, or holds itself. */
function countOf(value: LoadedValue, depth: number): number {
  if (isVague(value) || depth > 8) return Infinity;
  if (!isObject(value)) return 1;
  if (value.isOpen || value.run !== null) return Infinity;
  let count = 1;
  for (const part of value.elements ?? []) count += countOf(part, depth + 1);
  for (const member of value.members.values()) {
    count += member.kind === "data" ? countOf(member.value, depth + 1) : Infinity;
  }
  return count;
}

/** A value that is there once the modules are loaded; null: it is not known, or may not be what it was. */
export function written(cursor: Cursor, value: LoadedValue, node: ts.Node): Value | null {
  if (isPrimitive(value)) return cursor.block.constant(value, originOf(node));
  if (!isObject(value)) return null;
  if (value.run !== null) {
    const callable = callableFrom(cursor, value, null);
    return callable === null ? null : functionValue(cursor, callable, node);
  }
  const machine = loadedProgram(cursor.session);
  const pattern = machine === null ? null : patternOf(machine, value);
  // One that remembers where it was is no constant.
  if (pattern !== null && !pattern.global && !pattern.sticky) return patternValue(cursor, pattern, node, null);
  if (value.isOpen || value.entries !== null) return null;
  const made = countOf(value, 0) <= mostNumbers ? writtenOut(cursor, value, node) : null;
  return made ?? loadedMark(cursor, value, node);
}

/** An object with all that is in it; null: something in it cannot be written. */
function writtenOut(cursor: Cursor, value: LoadedValue, node: ts.Node): Value | null {
  const { block, session } = cursor;
  if (isPrimitive(value)) return block.constant(value, originOf(node));
  if (!isObject(value) || value.run !== null || value.entries !== null) return null;
  if (value.elements !== null) return writtenArray(cursor, value, value.elements, node);
  const parts: Value[] = [];
  const fields: Field[] = [];
  for (const [name, member] of value.members) {
    const part = member.kind === "data" ? writtenOut(cursor, member.value, node) : null;
    if (part === null || member.kind !== "data") return null;
    if (member.value === undefined) continue;
    parts.push(part);
    fields.push({ name: fieldName(name), type: part.type.kind === "integer" ? numberType : part.type });
  }
  const maker = makerOfLoaded(session, value);
  if (maker === null && isInstance(value)) return null;
  const type = instanceType(session, maker, fields);
  const made = block.allocate(type, { kind: "parts", parts }, originOf(node));
  session.present.add(made);
  session.certain.add(made);
  session.complete.add(made);
  noteKnownFields(cursor, made, parts);
  return markModuleValue(cursor, made);
}

/** Does an object have methods by its prototype? */
const isInstance = ({ prototype }: LoadedObject): boolean => prototype !== null && prototype.run?.kind !== "native";

/** What has made an instance; one of `Object.create(V.prototype)` counts as an instance of V. */
function makerOfLoaded(session: LoweringSession, { maker, prototype }: LoadedObject): Maker | null {
  const machine = loadedProgram(session);
  const made = maker ?? (prototype === null || machine === null ? null : prototypeMaker(machine, prototype));
  return made === null ? null : makerFrom(made);
}

function makerFrom({ run }: LoadedObject): Maker | null {
  if (run?.kind !== "code") return null;
  const { node } = run;
  return ts.isClassLike(node) || ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) ? node : null;
}

function writtenArray(
  cursor: Cursor,
  { members }: LoadedObject,
  elements: readonly LoadedValue[],
  node: ts.Node,
): Value | null {
  const { block, session } = cursor;
  if (members.size > 0) return null;
  const parts: Value[] = [];
  for (const one of elements) {
    const part = writtenOut(cursor, one, node);
    if (part === null) return null;
    parts.push(part);
  }
  let joined: Type | null = parts[0]?.type ?? numberType;
  for (const { type } of parts) joined = joined === null ? null : joinTypes(joined, type);
  // It is only read: which kind of array it is makes no difference.
  const element = joined?.kind === "integer" ? numberType : joined;
  const type: Type =
    element === null
      ? { kind: "tuple", elements: parts.map((one) => one.type) }
      : { kind: "array", element, storage: "Array" };
  const made = block.allocate(type, { kind: "parts", parts }, originOf(node));
  session.present.add(made);
  session.certain.add(made);
  if (isMixed(session, parts)) session.givenLists.set(made, parts);
  return markModuleValue(cursor, made);
}
