/**
 * Classes as values: handed over, kept in a variable or a field, asked of an instance.
 *
 *   new this.constructor(this.x)      function make(C) { return new C(1); }      a.constructor === b.constructor
 *
 * Like a function as a value it is a mark, of which it is known which class it stands for.
 */
import ts from "typescript";
import { isText, type Value } from "../ir/ir.js";
import { arrayConstructor } from "./array-constructor.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import { classesOf, classNameIn } from "./call-by-class.js";
import { makerAt, makerOf, type Maker } from "./class-members.js";
import { originOf, refused, type Callable, type Choice, type Cursor } from "./environment.js";
import { callableOf, functionValue } from "./function-value.js";
import { inlineCall } from "./inline-call.js";
import { classTest } from "./lower-condition.js";
import { callFirst } from "./lower-call.js";
import { choose, lowerMaybe } from "./lower-expression.js";
import { exactClassOf } from "./lower-instance.js";
import { callableFrom, written } from "./loaded-constant.js";
import { loadedFunction, loadedProgram } from "./loading/loading.js";
import { get } from "./loading/members.js";
import { isFunction, isVague, type LoadedValue } from "./loading/values.js";
import { fieldConstant, isGlobal, nameInScope } from "./module-constants.js";
import { selfOf } from "./open-object.js";
import { saysThis } from "./says-this.js";

/** A function of JavaScript that `new` runs is the same value where it is called. */
const callableOfMaker = (maker: Maker): Callable =>
  ts.isClassLike(maker) ? { kind: "class", of: maker } : { kind: "closure", node: maker, scope: null, thisValue: null };

/** What `new` of a function or class runs; text: one of the language. null: nothing that is known. */
export function makerOfCallable(callable: Callable | null): Maker | string | null {
  if (callable?.kind === "class") return callable.of;
  return callable?.kind === "closure" ? makerAt(callable.node) : null;
}

/** The class that an expression means by its name; null: none. */
export function namedClass({ session }: Pick<Cursor, "session">, node: ts.Expression): Callable | null {
  const { checker } = session;
  if (checker.getTypeAtLocation(node).getConstructSignatures().length === 0) return null;
  const maker = makerOf(session, node);
  return maker !== null && ts.isClassLike(maker) ? callableOfMaker(maker) : null;
}

/** The class of the language that an expression means: `Float64Array`; null: none. */
export function languageClass(cursor: Cursor, node: ts.Expression): Callable | null {
  const storage = arrayConstructor(cursor, node);
  if (storage !== null) return { kind: "class", of: storage };
  const at = unwrapped(node);
  const isClass = ts.isIdentifier(at) && /^(?:Object|Number|String|Boolean)$/.test(at.text);
  return isClass && isGlobal(cursor.session, at, at.text) ? { kind: "class", of: at.text } : null;
}

/** What `new` of an expression runs; null: it is no class, or it is not known which. */
export function constructorCalled(cursor: Cursor, node: ts.Expression): Callable | null {
  const at = unwrapped(node);
  const { session } = cursor;
  if (at.kind === ts.SyntaxKind.ThisKeyword) return constructible(callableOf(session, selfOf(cursor) ?? undefined));
  const named = makerOf(session, at);
  if (named !== null) return callableOfMaker(named);
  const isLookedUp =
    ts.isIdentifier(at) ||
    ts.isPropertyAccessExpression(at) ||
    ts.isElementAccessExpression(at) ||
    ts.isConditionalExpression(at);
  return isLookedUp ? constructible(callableOf(session, lowerMaybe(cursor, at))) : null;
}

function constructible(callable: Callable | null): Callable | null {
  const isClass =
    callable?.kind === "choice"
      ? callable.ways.every((one) => constructible(one.callable) !== null)
      : makerOfCallable(callable) !== null;
  return isClass ? callable : null;
}

/** `value.constructor`; null: it is not known. */
export function constructorOf(cursor: Cursor, base: Value, node: ts.PropertyAccessExpression): Value | null {
  const { session } = cursor;
  const exact = exactClassOf(cursor, base);
  if (exact !== null) return functionValue(cursor, callableOfMaker(exact), node);
  const language = classOfLanguage(cursor, base);
  if (language !== null) return functionValue(cursor, { kind: "class", of: language }, node);
  if (base.type.kind !== "record") return null;
  const ways: Choice["ways"][number][] = [];
  for (const one of classesOf(session, session.checker.getTypeAtLocation(node.expression)) ?? []) {
    const name = classNameIn(cursor, one);
    if (name === null) return null;
    ways.push({ test: classTest(cursor, base, one, name, node), callable: callableOfMaker(one) });
  }
  return ways.length === 0 ? null : functionValue(cursor, { kind: "choice", ways, otherwise: null }, node);
}

function classOfLanguage({ session }: Cursor, value: Value): string | null {
  const { type } = value;
  switch (type.kind) {
    case "array":
      if (type.identity !== undefined || ["ArrayLike", "Dictionary", "Map"].includes(type.storage)) return null;
      return session.argumentObjects.has(value) ? "Object" : type.storage;
    case "tuple":
      return "Array";
    case "number":
    case "integer":
      return "Number";
    case "boolean":
      return "Boolean";
    case "opaque":
      return isText(type) ? "String" : null;
    case "record":
      return session.complete.has(value) && type.instance === undefined ? "Object" : null;
    case "optional":
      return null;
  }
}

/** Are two functions or classes the same one? null: one of the values is none, or there is no telling. */
export function sameFunction(cursor: Cursor, left: Value, right: Value, node: ts.Node): Value | null {
  const [a, b] = [callableOf(cursor.session, left), callableOf(cursor.session, right)];
  return a === null || b === null ? null : same(cursor, a, b, node);
}

function same(cursor: Cursor, a: Callable, b: Callable, node: ts.Node): Value | null {
  const constant = (value: boolean): Value => cursor.block.constant(value, originOf(node));
  if (a.kind !== "choice" && b.kind === "choice") return same(cursor, b, a, node);
  if (a.kind !== "choice") {
    const answer = isSame(a, b);
    return answer === null ? null : constant(answer);
  }
  const answers = a.ways.map(({ test, callable }) => ({ test, value: same(cursor, callable, b, node) }));
  const last = a.otherwise === null ? constant(false) : same(cursor, a.otherwise, b, node);
  return answers.reduceRight<Value | null>((otherwise, { test, value }) => {
    if (value === null || otherwise === null) return null;
    return choose(
      cursor,
      test,
      () => value,
      () => otherwise,
      node,
      null,
    );
  }, last);
}

function isSame(a: Callable, b: Callable): boolean | null {
  if (a.kind === "class" || b.kind === "class") return makerOfCallable(a) === makerOfCallable(b);
  if (a.kind === "math" || b.kind === "math") return a.kind === "math" && b.kind === "math" && a.name === b.name;
  if (a.kind !== "closure" || b.kind !== "closure") return null;
  if (a.node !== b.node) return false;
  return a.scope === null && b.scope === null ? true : null;
}

/** `new.target`: the class or function that `new` runs, also in the constructors above it; nothing where it is only called. */
export function newTarget(cursor: Cursor, node: ts.MetaProperty): Value {
  const { frame, session } = cursor;
  const { declaration } = frame;
  const open = frame.thisValue === null ? undefined : session.open.get(frame.thisValue);
  const isMaking = ts.isConstructorDeclaration(declaration) || open?.maker === declaration;
  if (open?.maker != null && isMaking) return functionValue(cursor, callableOfMaker(open.maker), node);
  const isCalled = ts.isFunctionDeclaration(declaration) || ts.isFunctionExpression(declaration);
  if (isCalled && frame.thisValue === null) return cursor.block.constant(undefined, originOf(node));
  return refused(cursor, node, "EZ2001", {
    what: `\`${node.getText()}\` here`,
    advice: "pass what is needed as a parameter",
  });
}

// ---- Static members -------------------------------------------------------------------------------------

/** `C.SIZE`, `this.constructor.name`; null: the value is no class, or has no such member. */
export function staticMember(cursor: Cursor, base: Value, node: ts.PropertyAccessExpression): Value | null {
  const callable = callableOf(cursor.session, base);
  if (callable?.kind === "choice") return oneOfMembers(cursor, callable, node);
  const maker = makerOfCallable(callable);
  if (maker === null) return null;
  const { text: name } = node.name;
  const method = staticMethod(cursor, base, name);
  if (method !== null) return functionValue(cursor, method, node);
  if (typeof maker === "string") return name === "name" ? cursor.block.constant(maker, originOf(node)) : null;
  const property = declaredStatic(cursor, maker, name);
  const getter = property?.declarations?.find(ts.isGetAccessor);
  if (getter?.body !== undefined) {
    return inlineCall(cursor, { kind: "closure", node: getter, scope: null, thisValue: base }, [], node);
  }
  const declaration = property?.valueDeclaration;
  if (property !== undefined && declaration !== undefined && ts.isPropertyDeclaration(declaration)) {
    return fieldConstant(cursor, node, property, declaration, ownerName(cursor, declaration.parent));
  }
  const loaded = loadedStatic(cursor, maker, name);
  if (loaded !== undefined && !isVague(loaded)) return written(cursor, loaded, node);
  return name === "name" && maker.name !== undefined ? cursor.block.constant(maker.name.text, originOf(node)) : null;
}

/** How the output file calls a class, without an import of its own. */
function ownerName({ session, frame }: Cursor, { name }: ts.ClassLikeDeclaration): string | null {
  const symbol = name === undefined ? undefined : session.checker.getSymbolAtLocation(name);
  return symbol === undefined ? null : nameInScope(session, frame.outputFile, symbol);
}

/** The member of one of several classes; of none of them it is what the language says of undefined. */
function oneOfMembers(cursor: Cursor, { ways, otherwise }: Choice, node: ts.PropertyAccessExpression): Value | null {
  if (![...ways.map(({ callable }) => callable), otherwise].every((one) => one === null || one.kind === "class"))
    return null;
  const member =
    (callable: Callable) =>
    (at: Cursor): Value =>
      staticMember(at, functionValue(at, callable, node), node) ??
      refused(at, node, "EZ2001", { what: `\`${node.getText()}\``, advice: "declare it in each of the classes" });
  const calls = ways.map(({ test, callable }) => ({ test: () => test, call: member(callable) }));
  return callFirst(cursor, calls, otherwise === null ? "not a class" : member(otherwise), node, null);
}

/** The static method of a class that is a value, ready to be called on it. */
export function staticMethod(cursor: Cursor, base: Value, name: string): Callable | null {
  const callable = callableOf(cursor.session, base);
  return callable === null ? null : methodOfClass(cursor, callable, name);
}

function methodOfClass(cursor: Cursor, callable: Callable, name: string): Callable | null {
  if (callable.kind === "choice") {
    const methods = callable.ways.map((one) => methodOfClass(cursor, one.callable, name));
    const otherwise = callable.otherwise === null ? null : methodOfClass(cursor, callable.otherwise, name);
    if (otherwise === null && callable.otherwise !== null) return null;
    const ways = callable.ways.flatMap(({ test }, k) => {
      const method = methods[k];
      return method == null ? [] : [{ test, callable: method }];
    });
    return ways.length === callable.ways.length ? { kind: "choice", ways, otherwise } : null;
  }
  const maker = makerOfCallable(callable);
  if (maker === null || typeof maker === "string") return null;
  const node = maker.name ?? maker;
  const declared = declaredStatic(cursor, maker, name)?.declarations?.find(ts.isMethodDeclaration);
  if (declared?.body !== undefined) {
    return onClass(declared, saysThis(declared) ? functionValue(cursor, callable, node) : null);
  }
  const loaded = loadedStatic(cursor, maker, name);
  const held = loaded !== undefined && isFunction(loaded) ? loaded : null;
  return held === null ? null : callableFrom(cursor, held, functionValue(cursor, callable, node));
}

const onClass = (node: ts.MethodDeclaration, thisValue: Value | null): Callable => ({
  kind: "closure",
  node,
  scope: null,
  thisValue,
});

/** Does an expression stand for a class, but not by its name? Its methods are those of the class that it is. */
export function isHeldClass({ session, scope }: Cursor, node: ts.Expression): boolean {
  const at = unwrapped(node);
  const type = session.checker.getTypeAtLocation(node);
  if (type.getConstructSignatures().length === 0) return false;
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  if (symbol !== null) return scope.get(symbol) !== null;
  return !ts.isIdentifier(at) && at.kind !== ts.SyntaxKind.ThisKeyword && makerOf(session, at) === null;
}

/** A static method that is called by the name of a class, which is `this` to it; others stay as they are. */
export function onNamedClass(cursor: Cursor, callable: Callable, owner: ts.Expression): Callable {
  if (callable.kind !== "closure" || callable.thisValue !== null || !ts.isMethodDeclaration(callable.node))
    return callable;
  if (!ts.isClassLike(callable.node.parent) || !saysThis(callable.node)) return callable;
  // The class that the method above is called on stays the one that this one was called on.
  if (owner.kind === ts.SyntaxKind.SuperKeyword) return { ...callable, thisValue: selfOf(cursor) };
  const named = namedClass(cursor, owner);
  if (named?.kind !== "class" || (named.of === callable.node.parent && !needsClass(callable.node))) return callable;
  return { ...callable, thisValue: functionValue(cursor, named, owner) };
}

/** Does a static method do more with `this` than call other methods of its class, or call one of the class above? */
function needsClass(node: ts.Node): boolean {
  const isCalled = ({ parent }: ts.Node): boolean =>
    ts.isPropertyAccessExpression(parent) && ts.isCallExpression(parent.parent) && parent.parent.expression === parent;
  const visit = (at: ts.Node): boolean =>
    at.kind === ts.SyntaxKind.SuperKeyword ||
    (at.kind === ts.SyntaxKind.ThisKeyword && !isCalled(at)) ||
    ts.forEachChild(at, (child) => visit(child) || undefined) === true;
  return visit(node);
}

function declaredStatic({ session }: Cursor, maker: Maker, name: string): ts.Symbol | undefined {
  const symbol = maker.name === undefined ? undefined : session.checker.getSymbolAtLocation(maker.name);
  return symbol === undefined || !ts.isClassLike(maker)
    ? undefined
    : session.checker.getPropertyOfType(session.checker.getTypeOfSymbol(symbol), name);
}

function loadedStatic({ session }: Cursor, maker: Maker, name: string): LoadedValue {
  const machine = loadedProgram(session);
  const fn = loadedFunction(session, maker);
  return machine === null || fn === null ? undefined : get(machine, fn, name);
}
