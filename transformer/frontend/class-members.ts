/** Which method a call of an instance means. */
import ts from "typescript";
import { subclassesOf } from "../syntax/class-hierarchy.js";
import { isJavaScript } from "../syntax/javascript.js";
import { resolveAlias, unwrapped } from "./assigned-symbols.js";
import { entityOf, memberOf, prototypeOf } from "./entity.js";
import { loadedFunction, loadedProgram, loadedValue } from "./loading/loading.js";
import { prototypeMaker } from "./loading/loading.js";
import { get, ownMember as ownMemberOf } from "./loading/members.js";
import { isObject } from "./loading/values.js";
import type { LoweringSession } from "./session.js";

/** What `new` runs: a class, or in JavaScript a function whose prototype is given the methods. */
export type Maker = ts.ClassLikeDeclaration | ts.FunctionDeclaration | ts.FunctionExpression;

export type Member =
  | ts.MethodDeclaration
  | ts.GetAccessorDeclaration
  | ts.SetAccessorDeclaration
  | ts.FunctionExpression
  | ts.FunctionDeclaration
  | ts.ArrowFunction;

/** What a class extends, as written. */
export function baseExpression(node: ts.ClassLikeDeclaration): ts.Expression | null {
  const clause = node.heritageClauses?.find((one) => one.token === ts.SyntaxKind.ExtendsKeyword);
  return clause?.types[0]?.expression ?? null;
}

export function classOf(session: LoweringSession, node: ts.Expression): ts.ClassDeclaration | null {
  const symbol = session.checker.getSymbolAtLocation(node);
  if (symbol === undefined) return null;
  const found = resolveAlias(session, symbol).declarations?.find(ts.isClassDeclaration) ?? null;
  return found === null || found.getSourceFile().isDeclarationFile ? null : found;
}

/** What `new` of an expression runs; null: that is not known. */
export function makerOf(session: LoweringSession, node: ts.Expression): Maker | null {
  return classOf(session, node) ?? makerAt(entityOf(session, node)?.node) ?? loadedMaker(session, node);
}

function loadedMaker(session: LoweringSession, node: ts.Expression): Maker | null {
  const value = loadedValue(session, node);
  return isObject(value) && value.run?.kind === "code" ? makerAt(value.run.node) : null;
}

export function makerAt(node: ts.Node | undefined): Maker | null {
  if (node === undefined) return null;
  if (ts.isClassLike(node)) return node;
  const isFunction = ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node);
  return isFunction && isJavaScript(node.getSourceFile().fileName) ? node : null;
}

/** The class or function above one, whose members its instances have as well. */
export function baseOf(session: LoweringSession, maker: Maker): Maker | null {
  if (ts.isClassLike(maker)) {
    const base = baseExpression(maker);
    return base === null ? null : makerOf(session, base);
  }
  const prototype = prototypeOf(session, maker);
  if (prototype?.kind !== "value") return loadedBase(session, maker);
  const { node } = prototype;
  if (ts.isNewExpression(node)) return makerOf(session, node.expression);
  // Object.create(Base.prototype)
  if (!ts.isCallExpression(node) || node.expression.getText() !== "Object.create") return null;
  const [above] = node.arguments;
  const of = above === undefined ? undefined : unwrapped(above);
  return of !== undefined && ts.isPropertyAccessExpression(of) && of.name.text === "prototype"
    ? makerOf(session, of.expression)
    : null;
}

/** The function above another one, by the prototypes that they have once the modules are loaded. */
function loadedBase(session: LoweringSession, maker: Maker): Maker | null {
  const machine = loadedProgram(session);
  const fn = loadedFunction(session, maker);
  if (machine === null || fn === null) return null;
  const prototype = get(machine, fn, "prototype");
  const above = isObject(prototype) ? prototype.prototype : null;
  const made = above === null || above.run?.kind === "native" ? null : prototypeMaker(machine, above);
  return made?.run?.kind === "code" ? makerAt(made.run.node) : null;
}

/** The member of this name that an instance of exactly this class, or of this function, has. */
export function memberOfMaker(
  session: LoweringSession,
  maker: Maker,
  name: string,
  kind: "method" | "get" | "set",
): Member | null {
  let at: Maker | null = maker;
  for (let depth = 0; at !== null && depth < 20; depth++) {
    const own = ownMember(session, at, name, kind);
    if (own !== null) return own;
    at = baseOf(session, at);
  }
  return null;
}

function ownMember(
  session: LoweringSession,
  maker: Maker,
  name: string,
  kind: "method" | "get" | "set",
): Member | null {
  if (ts.isClassLike(maker)) {
    const member = maker.members.find(
      (one): one is ClassMember => isOfKind(one, kind) && !isStatic(one) && one.name.getText() === name,
    );
    if (member?.body !== undefined) return member;
  }
  if (!isJavaScript(maker.getSourceFile().fileName)) return null;
  const prototype = kind === "method" ? prototypeOf(session, maker) : null;
  const given = prototype === null ? null : memberOf(session, prototype, name);
  if (given?.kind !== "value") return loadedMember(session, maker, name, kind);
  const { node } = given;
  const isFunction = ts.isFunctionExpression(node) || ts.isArrowFunction(node) || ts.isFunctionDeclaration(node);
  return isFunction || ts.isMethodDeclaration(node) ? node : null;
}

/** What the prototype holds once the modules are loaded. */
function loadedMember(
  session: LoweringSession,
  maker: Maker,
  name: string,
  kind: "method" | "get" | "set",
): Member | null {
  const machine = loadedProgram(session);
  const fn = loadedFunction(session, maker);
  const prototype = fn === null || machine === null ? undefined : get(machine, fn, "prototype");
  if (machine === null || prototype === undefined || !isObject(prototype) || prototype.isOpen) return null;
  const member = ownMemberOf(machine, prototype, name);
  const held =
    member?.kind === "data"
      ? member.value
      : member?.kind === "accessor"
        ? member[kind === "set" ? "set" : "get"]
        : null;
  if ((member?.kind === "data") !== (kind === "method") || held === null || !isObject(held)) return null;
  if (held.run?.kind !== "code") return null;
  const { node } = held.run;
  const isFunction = ts.isFunctionExpression(node) || ts.isArrowFunction(node) || ts.isFunctionDeclaration(node);
  return isFunction || ts.isMethodDeclaration(node) || ts.isAccessor(node) ? node : null;
}

type ClassMember = ts.MethodDeclaration | ts.GetAccessorDeclaration | ts.SetAccessorDeclaration;

const isOfKind = (node: ts.Node, kind: "method" | "get" | "set"): node is ClassMember =>
  kind === "method" ? ts.isMethodDeclaration(node) : kind === "get" ? ts.isGetAccessor(node) : ts.isSetAccessor(node);

const isStatic = (member: ts.ClassElement): boolean =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;

/** Is an instance of one class or function also one of another? */
export function isInstanceOf(session: LoweringSession, maker: Maker, other: Maker): boolean {
  for (let at: Maker | null = maker, depth = 0; at !== null && depth < 20; depth++) {
    if (at === other) return true;
    at = baseOf(session, at);
  }
  return false;
}

/** A class and all above it; null: they are not all known. */
export function classesAbove(session: LoweringSession, maker: Maker): ReadonlySet<Maker> | null {
  const classes = new Set<Maker>();
  for (let at: Maker | null = maker; at !== null && !classes.has(at); at = baseOf(session, at)) {
    classes.add(at);
    if (!ts.isClassLike(at) || (baseExpression(at) !== null && baseOf(session, at) === null)) return null;
  }
  return classes;
}

/** Members that are called `#x`, of a class and of those above it. */
function privateNames(session: LoweringSession, maker: Maker): readonly string[] {
  const names: string[] = [];
  for (let at: Maker | null = maker, depth = 0; at !== null && depth < 20; depth++) {
    const own = (ts.isClassLike(at) ? at.members : []).flatMap(({ name }) =>
      name !== undefined && ts.isPrivateIdentifier(name) ? [name.text] : [],
    );
    names.push(...new Set(own));
    at = baseOf(session, at);
  }
  return names;
}

export const hasPrivateNames = (session: LoweringSession, maker: Maker): boolean =>
  privateNames(session, maker).length > 0;

/** A name that a class and one above it have each a private member of, which are two; null: there is none. */
export function repeatedPrivateName(session: LoweringSession, maker: Maker): string | null {
  const names = privateNames(session, maker);
  return names.find((name, k) => names.indexOf(name) < k) ?? null;
}

export function hasSubclasses(session: LoweringSession, node: Maker): boolean {
  const symbol = symbolOfClass(session, node);
  return symbol !== null && subclassesOf(symbol, session.types.hierarchy()).length > 0;
}

function symbolOfClass(session: LoweringSession, node: Maker): ts.Symbol | null {
  return node.name === undefined ? null : (session.checker.getSymbolAtLocation(node.name) ?? null);
}

/** Does a class below this one have a member of this name of its own? */
function isOverridden(session: LoweringSession, node: ts.ClassLikeDeclaration, name: string): boolean {
  const symbol = symbolOfClass(session, node);
  if (symbol === null) return false;
  return subclassesOf(symbol, session.types.hierarchy()).some(
    (one) => one.members.some((member) => member.name?.getText() === name) || isOverridden(session, one, name),
  );
}

export type FoundMember = { readonly kind: "found"; readonly member: Member } | { readonly kind: "open" } | null;

/**
 * The member of this name that runs for an instance. `exact`: the class the instance was made of, if known; otherwise a
 * subclass may bring its own, and the question is open.
 */
export function findMember(
  session: LoweringSession,
  declared: ts.Type,
  exact: Maker | null,
  name: string,
  kind: "method" | "get" | "set",
): FoundMember {
  const { checker } = session;
  if (exact !== null && isJavaScript(exact.getSourceFile().fileName)) {
    const own = memberOfMaker(session, exact, name, kind);
    return own === null ? null : { kind: "found", member: own };
  }
  const fits = (node: ts.Node): node is ClassMember => isOfKind(node, kind);
  const type = exact?.name === undefined ? checker.getNonNullableType(declared) : checker.getTypeAtLocation(exact.name);
  const instance = exact?.name === undefined ? type : instanceType(session, exact, type);
  if (instance.isUnion()) return { kind: "open" };
  const member = checker
    .getPropertyOfType(instance, name)
    ?.declarations?.find((one): one is ClassMember => fits(one) && one.body !== undefined);
  if (member === undefined || !ts.isClassLike(member.parent)) return null;
  const from = instance.getSymbol()?.declarations?.find(ts.isClassLike) ?? member.parent;
  if (exact === null && isOverridden(session, from, name)) return { kind: "open" };
  return { kind: "found", member };
}

function instanceType(session: LoweringSession, node: Maker, fallback: ts.Type): ts.Type {
  const symbol = symbolOfClass(session, node);
  return symbol === null ? fallback : session.checker.getDeclaredTypeOfSymbol(symbol);
}
