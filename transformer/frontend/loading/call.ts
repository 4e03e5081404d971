/** Calls, while modules are loaded. */
import ts from "typescript";
import { builtin } from "./builtins.js";
import { initializeFields } from "./classes.js";
import { evaluate } from "./evaluate.js";
import { execute, hoist } from "./execute.js";
import { saysThis } from "../says-this.js";
import { leak } from "./leaks.js";
import { anyOf, declare, either, makeArray, makeObject, makeScope, mayCall, perhaps, type Machine } from "./machine.js";
import { isLookedAt } from "./looked-at.js";
import { get, ownMember, put } from "./members.js";
import { callNative, constructNative } from "./natives.js";
import { bindPattern } from "./patterns.js";
import {
  isFunction,
  isObject,
  isOneOf,
  isVague,
  objectsOf,
  Thrown,
  unknown,
  type LoadedActivation,
  type LoadedCode,
  type LoadedObject,
  type LoadedScope,
  type LoadedValue,
  type OneOf,
} from "./values.js";
import { loadModule } from "./modules.js";

/** A function is not followed deeper than this, nor into itself more often than that. */
const deepest = 60;
/** Arguments of which nothing is known, not even how many there are. */
export const anyArguments: readonly LoadedValue[] = [];
const mostOften = 1;
/** So long one function is followed into others, once all is loaded. */
const mostSteps = 20_000;

export function call(
  machine: Machine,
  callee: LoadedValue,
  thisValue: LoadedValue,
  args: readonly LoadedValue[] | null,
  node: ts.Node | null,
): LoadedValue {
  if (isOneOf(callee) && args !== null) {
    const results: LoadedValue[] = [...callee.objects]
      .filter(isFunction)
      .map((one) => callPerhaps(machine, one, thisValue, args, node));
    if (callee.orUnknown) results.push(callUnknown(machine, unknown, thisValue, args));
    return anyOf(machine, [...results, unknown]);
  }
  if (!isObject(callee) || callee.run === null || args === null) return callUnknown(machine, callee, thisValue, args);
  switch (callee.run.kind) {
    case "native":
      return callNative(machine, callee.run.path, thisValue, args, node);
    case "bound":
      return call(machine, callee.run.target, callee.run.thisValue, [...callee.run.given, ...args], node);
    case "require":
      return requireModule(machine, node);
    case "code":
      if (ts.isClassLike(callee.run.node)) return callUnknown(machine, callee, thisValue, args);
      return isWorthwhile(machine, callee, thisValue, args)
        ? follow(machine, callee, callee.run, thisValue, args, null)
        : later(machine, callee, thisValue, args);
  }
}

/**
 * Calls a member of one of some objects. Which function it is goes with the object: what is not known runs on what is
 * not known, and has nothing to do with the others.
 */
export function callMember(
  machine: Machine,
  owner: OneOf,
  key: string,
  args: readonly LoadedValue[] | null,
  node: ts.Node | null,
): LoadedValue {
  const results = [...owner.objects].map((one) => callPerhaps(machine, get(machine, one, key), one, args, node));
  if (owner.orUnknown) results.push(callUnknown(machine, unknown, unknown, args));
  return anyOf(machine, [...results, unknown]);
}

function callPerhaps(
  machine: Machine,
  callee: LoadedValue,
  thisValue: LoadedValue,
  args: readonly LoadedValue[] | null,
  node: ts.Node | null,
): LoadedValue {
  try {
    return perhaps(machine, () => call(machine, callee, thisValue, args, node));
  } catch (error) {
    if (error instanceof Thrown) return unknown;
    throw error;
  }
}

/** Somebody else's function does what nobody knows with what it is given. */
export function callUnknown(
  machine: Machine,
  callee: LoadedValue,
  thisValue: LoadedValue,
  args: readonly LoadedValue[] | null,
): LoadedValue {
  leak(machine, callee);
  leak(machine, thisValue);
  for (const one of args ?? []) leak(machine, one);
  return unknown;
}

function requireModule(machine: Machine, node: ts.Node | null): LoadedValue {
  const [argument] = node !== null && ts.isCallExpression(node) ? node.arguments : [];
  const file = argument !== undefined && ts.isStringLiteralLike(argument) ? machine.fileAt(argument) : null;
  return file === null ? unknown : loadModule(machine, file).exports();
}

/** Once all is loaded, calls that hand over nothing which was loaded do what any other call does. */
function isWorthwhile(
  machine: Machine,
  callee: LoadedObject,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
): boolean {
  if (machine.isLoading) return true;
  if (machine.steps - machine.stepsBefore > mostSteps) return false;
  // A function that was made just now is known by what is around it.
  if (callee.id >= machine.loadedBelow) return true;
  const isSame = machine.callable.get(callee) === thisValue;
  const given: readonly LoadedValue[] = isSame ? args : [thisValue, ...args];
  return given.some((one) => holdsLoaded(machine, one, 0));
}

function holdsLoaded(machine: Machine, value: LoadedValue, depth: number): boolean {
  for (const one of objectsOf(value)) {
    if (one.isOpen || one.isLeaked || one.run !== null) continue;
    if (one.id < machine.loadedBelow || depth > 3) return true;
    const inside = [...one.members.values()].map((member): LoadedValue =>
      member.kind === "data" ? member.value : undefined,
    );
    if (one.entries !== null) inside.push(one.entries.store, ...one.entries.keys.values());
    if ([...inside, ...(one.elements ?? [])].some((part) => holdsLoaded(machine, part, depth + 1))) return true;
  }
  return false;
}

function later(
  machine: Machine,
  callee: LoadedObject,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
): LoadedValue {
  const node = callee.run?.kind === "code" ? callee.run.node : null;
  const asksForThis = node === null || saysThis(node);
  mayCall(machine, callee, isObject(thisValue) && thisValue.id < machine.loadedBelow ? thisValue : unknown);
  if (asksForThis && machine.callable.get(callee) !== thisValue) leak(machine, thisValue);
  args.forEach((one, k) => {
    if (node === null || !isLookedAt(machine, node, k)) leak(machine, one);
  });
  return machine.followed.get(callee) ?? unknown;
}

/** Runs the body of a function. `made`: the object that `new` makes, which counts as `this`. */
export function follow(
  machine: Machine,
  callee: LoadedObject,
  code: LoadedCode,
  thisValue: LoadedValue,
  args: readonly LoadedValue[],
  made: LoadedObject | null,
): LoadedValue {
  const { node } = code;
  if (ts.isClassLike(node) || !("body" in node) || node.body === undefined) return unknown;
  const isSpecial =
    node.asteriskToken !== undefined ||
    (ts.canHaveModifiers(node) && node.modifiers?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) === true);
  const often = machine.active.filter((one) => one.node === node);
  // Where a function may call itself, or not, it is not known how often.
  const isCertain = machine.isLoading && often.at(-1)?.weakBelow === machine.weakBelow;
  const tooDeep = machine.active.length > deepest || often.length > (isCertain ? deepest : mostOften);
  if (tooDeep || (isSpecial && machine.isLoading)) {
    mayCall(machine, callee, thisValue);
    return callUnknown(machine, callee, thisValue, args);
  }
  const isArrow = ts.isArrowFunction(node);
  const activation: LoadedActivation | null = isArrow
    ? null
    : { thisValue: made ?? thisValue, home: code.home, given: args === anyArguments ? null : args, code: callee };
  const scope = makeScope(machine, node, code.scope, activation);
  const before = machine.weakBelow;
  machine.active.push({ node, weakBelow: machine.weakBelow });
  machine.returns.push([]);
  try {
    if (!isArrow) declare(machine, scope, "arguments", unknown);
    bindParameters(machine, scope, node, args);
    hoist(machine, scope, node.body);
    const { body } = node;
    let result: LoadedValue = undefined;
    if (ts.isBlock(body)) {
      const end = execute(machine, scope, body);
      const others = machine.returns.at(-1) ?? [];
      result = end.kind === "return" ? end.value : undefined;
      for (const one of others) result = either(machine, result, one);
    } else result = evaluate(machine, scope, body);
    if (isSpecial) leak(machine, result);
    return isSpecial ? unknown : result;
  } finally {
    machine.returns.pop();
    machine.active.pop();
    machine.weakBelow = before;
  }
}

function bindParameters(
  machine: Machine,
  scope: LoadedScope,
  node: ts.FunctionLikeDeclaration,
  args: readonly LoadedValue[],
): void {
  const parameters = node.parameters.filter((one) => one.name.getText() !== "this");
  parameters.forEach((parameter, k) => {
    const rest = parameter.dotDotDotToken !== undefined;
    const given = rest ? makeArray(machine, parameter, args.slice(k)) : args[k];
    const value = args === anyArguments ? unknown : given;
    bindPattern(machine, scope, parameter.name, value, parameter.initializer ?? null);
    if (ts.isParameterPropertyDeclaration(parameter, node) && ts.isIdentifier(parameter.name)) {
      const { text } = parameter.name;
      put(machine, activationOf(scope)?.thisValue ?? unknown, text, scope.cells.get(text)?.value);
    }
  });
}

/** What `arguments` holds, where it is asked for. */
export function argumentsOf(machine: Machine, scope: LoadedScope, node: ts.Node): LoadedValue {
  const given = activationOf(scope)?.given;
  return given == null ? unknown : makeArray(machine, node, given, "arguments");
}

export function activationOf(scope: LoadedScope): LoadedActivation | null {
  for (let at: LoadedScope | null = scope; at !== null; at = at.outer) if (at.activation !== null) return at.activation;
  return null;
}

export function construct(
  machine: Machine,
  callee: LoadedValue,
  args: readonly LoadedValue[] | null,
  node: ts.Node | null,
  target: LoadedValue = callee,
): LoadedValue {
  if (!isObject(callee) || callee.run === null || args === null) return callUnknown(machine, callee, undefined, args);
  const { run } = callee;
  if (run.kind === "native") return constructNative(machine, run.path, args, node);
  if (run.kind === "bound") return construct(machine, run.target, [...run.given, ...args], node);
  if (run.kind === "require" || !isObject(target)) return callUnknown(machine, callee, undefined, args);
  const prototype = get(machine, target, "prototype");
  const made = makeObject(machine, node, {
    prototype: isObject(prototype) ? prototype : builtin(machine, "Object.prototype"),
    maker: target,
    isOpen: !isObject(prototype),
  });
  if (!isWorthwhile(machine, callee, undefined, args)) {
    mayCall(machine, callee, unknown);
    for (const one of args) leak(machine, one);
    made.isOpen = true;
    return made;
  }
  return constructOn(machine, callee, run, made, args);
}

/** Runs a constructor on an object that is there; gives what the constructor gives. */
export function constructOn(
  machine: Machine,
  callee: LoadedObject,
  code: LoadedCode,
  made: LoadedObject,
  args: readonly LoadedValue[],
): LoadedValue {
  const { node } = code;
  if (!ts.isClassLike(node)) {
    const result = follow(machine, callee, code, made, args, made);
    return isObject(result) || isVague(result) ? result : made;
  }
  const own = node.members.find(
    (one): one is ts.ConstructorDeclaration => ts.isConstructorDeclaration(one) && one.body !== undefined,
  );
  const base = baseOf(callee);
  if (base === undefined) initializeFields(machine, node, code.scope, made);
  if (own === undefined) {
    if (base !== undefined) constructBase(machine, base, made, args);
    if (base !== undefined) initializeFields(machine, node, code.scope, made);
    return made;
  }
  const home = get(machine, callee, "prototype");
  const inside = { ...code, node: own, home: isObject(home) ? home : null };
  const result = follow(machine, callee, inside, made, args, made);
  return isObject(result) || isVague(result) ? result : made;
}

/** The class above a class: undefined where it extends nothing. */
export const baseOf = (callee: LoadedObject): LoadedValue => {
  const node = callee.run?.kind === "code" ? callee.run.node : null;
  if (node === null || !ts.isClassLike(node)) return undefined;
  const extended = node.heritageClauses?.some((one) => one.token === ts.SyntaxKind.ExtendsKeyword) === true;
  return extended ? (callee.prototype ?? unknown) : undefined;
};

/** `super(...)` */
export function constructBase(
  machine: Machine,
  base: LoadedValue,
  made: LoadedObject,
  args: readonly LoadedValue[] | null,
): void {
  if (!isObject(base) || base.run?.kind !== "code" || args === null) {
    callUnknown(machine, base, made, args);
    made.isOpen = true;
    return;
  }
  constructOn(machine, base, base.run, made, args);
}

/** Which function object a `new` of an instance ran: by its prototype. */
export const constructorOf = (machine: Machine, prototype: LoadedObject): LoadedValue => {
  const member = ownMember(machine, prototype, "constructor");
  return member?.kind === "data" ? member.value : undefined;
};
