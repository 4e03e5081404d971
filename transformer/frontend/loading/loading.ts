/** What is there once the modules of a program are loaded, and stays as it is. */
import ts from "typescript";
import { symbolAt, unwrapped } from "../assigned-symbols.js";
import { fileAt } from "../required-module.js";
import type { LoweringSession } from "../session.js";
import { isBuiltinName, builtin } from "./builtins.js";
import { createMachine, type Machine } from "./machine.js";
import { get, keyText, memberOf, ownMember } from "./members.js";
import { callNative } from "./natives.js";
import { handOverAll, loadModule } from "./modules.js";
import { settle } from "./settle.js";
import {
  GivenUp,
  isObject,
  isVague,
  unknown,
  type LoadedCell,
  type LoadedObject,
  type LoadedScope,
  type LoadedValue,
} from "./values.js";

/** The modules of the program, loaded; null: there is no telling. */
export function loadedProgram(session: LoweringSession): Machine | null {
  const { loaded } = session;
  if (loaded.machine !== undefined) return loaded.machine;
  // Whoever asks meanwhile gets no answer.
  loaded.machine = null;
  const machine = createMachine(session.program, (specifier) => fileAt(session, specifier));
  try {
    const files = session.program
      .getSourceFiles()
      .filter((file) => !file.isDeclarationFile && !file.fileName.endsWith(".json"));
    // What others do to the objects of these comes afterwards, if at all.
    for (const file of files) if (machine.sure.has(file)) loadModule(machine, file);
    for (const file of files) loadModule(machine, file);
    handOverAll(machine);
    settle(machine);
    loaded.machine = machine;
  } catch (error) {
    if (!(error instanceof GivenUp || error instanceof RangeError)) throw error;
  }
  return loaded.machine;
}

/** What an expression stands for whenever it is evaluated; `unknown` where that is not settled. */
export function loadedValue(
  session: LoweringSession,
  node: ts.Expression,
  isLocal: (symbol: ts.Symbol) => boolean = () => false,
  scope: LoadedScope | null = null,
): LoadedValue {
  const machine = loadedProgram(session);
  if (machine === null) return unknown;
  const value = valueOf(session, machine, node, isLocal, scope);
  return isObject(value) && value.isOpen && value.run === null && value.elements !== null ? unknown : value;
}

function valueOf(
  session: LoweringSession,
  machine: Machine,
  node: ts.Expression,
  isLocal: (symbol: ts.Symbol) => boolean,
  scope: LoadedScope | null,
): LoadedValue {
  const at = unwrapped(node);
  if (ts.isIdentifier(at)) {
    const symbol = symbolAt(session, at);
    if (symbol !== null && isLocal(symbol)) return unknown;
    const cell = cellAt(machine, at, symbol, scope);
    if (cell !== null) return cell.value;
    return symbol === null && isBuiltinName(at.text) ? builtin(machine, at.text) : unknown;
  }
  if (ts.isStringLiteralLike(at)) return at.text;
  if (ts.isNumericLiteral(at)) return Number(at.text);
  if (ts.isPropertyAccessExpression(at)) {
    return get(machine, valueOf(session, machine, at.expression, isLocal, scope), at.name.text);
  }
  if (ts.isElementAccessExpression(at)) {
    const key = keyText(valueOf(session, machine, at.argumentExpression, isLocal, scope));
    return key === null ? unknown : get(machine, valueOf(session, machine, at.expression, isLocal, scope), key);
  }
  if (ts.isCallExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === "require") {
    const [argument] = at.arguments;
    const file = argument !== undefined && ts.isStringLiteralLike(argument) ? machine.fileAt(argument) : null;
    return file === null ? unknown : (machine.modules.get(file)?.exports() ?? unknown);
  }
  if (ts.isCallExpression(at)) return computed(session, machine, at, isLocal, scope);
  const isComma = ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.CommaToken;
  return isComma && ts.isNumericLiteral(at.left) ? valueOf(session, machine, at.right, isLocal, scope) : unknown;
}

/** Is all that is in an object known, whatever runs? */
export function isKnownWhole(value: LoadedValue, depth: number): boolean {
  if (isVague(value) || depth > 8) return false;
  if (!isObject(value)) return true;
  if (value.isOpen || value.entries !== null) return false;
  const isKnown = (one: LoadedValue): boolean => isKnownWhole(one, depth + 1);
  return (
    (value.elements ?? []).every(isKnown) &&
    [...value.members.values()].every((one) => one.kind === "data" && isKnown(one.value))
  );
}

/** Functions of the language that look at what is known, and give something new. */
const plain = /^Object\.(keys|values|entries)$|^(Array|String)\.prototype\.(join|slice|concat|indexOf|includes)$/;

/** `Object.keys(table).join(", ")` */
function computed(
  session: LoweringSession,
  machine: Machine,
  node: ts.CallExpression,
  isLocal: (symbol: ts.Symbol) => boolean,
  scope: LoadedScope | null,
): LoadedValue {
  const callee = unwrapped(node.expression);
  if (!ts.isPropertyAccessExpression(callee)) return unknown;
  const known = (one: ts.Expression): LoadedValue => {
    const isGlobal = ts.isIdentifier(one) && isBuiltinName(one.text) && cellNamed(session, one) === null;
    return isGlobal ? builtin(machine, one.text) : valueOf(session, machine, one, isLocal, scope);
  };
  const owner = known(callee.expression);
  const fn = isVague(owner) ? unknown : get(machine, owner, callee.name.text);
  const args = node.arguments.map((one) => (ts.isSpreadElement(one) ? unknown : known(one)));
  const given: readonly LoadedValue[] = [owner, ...args];
  const isSettled = given.every(
    (one) => !isVague(one) && !(isObject(one) && (one.isOpen || isGivenMore(machine, one))),
  );
  if (!isSettled || !isObject(fn) || fn.run?.kind !== "native" || !plain.test(fn.run.path)) return unknown;
  return callNative(machine, fn.run.path, owner, args, node);
}

/** Is an object given members, or are they given other values, once the modules are loaded? */
const isGivenMore = ({ changedLater }: Machine, object: LoadedObject): boolean => changedLater.members.has(object);

/** Does a file of the program declare a name? */
const cellNamed = (session: LoweringSession, node: ts.Identifier): ts.Declaration | null =>
  symbolAt(session, node)?.declarations?.find((one) => !one.getSourceFile().isDeclarationFile) ?? null;

/** Is something given another value once all modules are loaded? */
export function isChangedLater(
  session: LoweringSession,
  node: ts.Expression,
  isLocal: (symbol: ts.Symbol) => boolean,
  scope: LoadedScope | null,
): boolean {
  const machine = loadedProgram(session);
  if (machine === null) return false;
  const at = unwrapped(node);
  if (ts.isIdentifier(at)) {
    const symbol = symbolAt(session, at);
    if (symbol !== null && isLocal(symbol)) return false;
    const cell = cellAt(machine, at, symbol, scope);
    return cell !== null && machine.changedLater.cells.has(cell);
  }
  if (!ts.isPropertyAccessExpression(at) && !ts.isElementAccessExpression(at)) return false;
  const key = ts.isPropertyAccessExpression(at)
    ? at.name.text
    : keyText(valueOf(session, machine, at.argumentExpression, isLocal, scope));
  const owner = valueOf(session, machine, at.expression, isLocal, scope);
  if (key === null || !isObject(owner)) return isChangedLater(session, at.expression, isLocal, scope);
  const found = memberOf(machine, owner, key);
  if (found?.member.kind === "binding") return machine.changedLater.cells.has(found.member.cell);
  return machine.changedLater.members.get(found?.holder ?? owner)?.has(key) === true;
}

/** The variable that a name means, of what was made while modules were loaded. */
function cellAt(
  machine: Machine,
  node: ts.Identifier,
  symbol: ts.Symbol | null,
  scope: LoadedScope | null,
): LoadedCell | null {
  const { text } = node;
  const declaration = symbol?.declarations?.find((one) => one.getSourceFile() === node.getSourceFile());
  const own = ts.findAncestor(node.parent, ts.isFunctionLike);
  if (declaration === undefined) {
    const isOfModule = ["module", "exports", "require"].includes(text);
    return isOfModule ? (machine.modules.get(node.getSourceFile())?.scope.cells.get(text) ?? null) : null;
  }
  for (let at: ts.Node = declaration; ; at = at.parent) {
    // The function that asks has variables of its own.
    if (at === own) return null;
    const cell = inScopes(machine, at, text, scope);
    if (cell !== undefined) return cell;
    if (ts.isSourceFile(at)) return null;
  }
}

function inScopes(
  machine: Machine,
  node: ts.Node,
  name: string,
  scope: LoadedScope | null,
): LoadedCell | null | undefined {
  for (let at = scope; at !== null; at = at.outer) {
    if (at.node === node) return at.cells.get(name);
  }
  const found = (machine.scopes.get(node) ?? []).flatMap((one) => one.cells.get(name) ?? []);
  const [only] = found;
  return found.length > 1 ? null : only;
}

/** Were there several runs of the functions around something, each with variables of its own? */
export function makesSeveral(session: LoweringSession, scope: LoadedScope): boolean {
  const machine = loadedProgram(session);
  for (let at: LoadedScope | null = scope; at !== null; at = at.outer) {
    if ((machine?.scopes.get(at.node)?.length ?? 0) > 1) return true;
  }
  return false;
}

/** The function or class that a prototype is that of. */
export function prototypeMaker(machine: Machine, prototype: LoadedObject): LoadedObject | null {
  const own = ownMember(machine, prototype, "constructor");
  if (own?.kind === "data" && isObject(own.value) && own.value.members.get("prototype")?.kind === "data") {
    const { members } = own.value;
    const held = members.get("prototype");
    if (held?.kind === "data" && held.value === prototype) return own.value;
  }
  for (const made of machine.made.values()) {
    for (const one of made) {
      const held = one.members.get("prototype");
      if (held?.kind === "data" && held.value === prototype) return one;
    }
  }
  return null;
}

/** The only function that a node makes while modules are loaded. */
export function loadedFunction(session: LoweringSession, node: ts.Node): LoadedObject | null {
  const made = loadedProgram(session)?.made.get(node) ?? [];
  const [only] = made;
  return only !== undefined && made.length === 1 ? only : null;
}
