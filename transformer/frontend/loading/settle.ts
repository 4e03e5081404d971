/**
 * What stays as it is once all modules are loaded. Whatever the program can call is followed, with arguments of which
 * nothing is known, until nothing changes any more: what is written meanwhile is not known from there on.
 */
import ts from "typescript";
import { anyArguments, follow } from "./call.js";
import { initializeFields } from "./classes.js";
import { leak } from "./leaks.js";
import { anyOf, makeObject, mayCall, type Machine } from "./machine.js";
import { ownMember } from "./members.js";
import {
  GivenUp,
  isFunction,
  isObject,
  objectsOf,
  Thrown,
  unknown,
  type LoadedCode,
  type LoadedObject,
  type LoadedValue,
} from "./values.js";

const mostRounds = 12;

export function settle(machine: Machine): void {
  machine.isLoading = false;
  machine.loadedBelow = machine.nextId;
  const seen = new Set<LoadedObject>();
  for (const module of machine.modules.values()) {
    // What a package exports is called by the program, if at all.
    if (module.file.fileName.includes("/node_modules/")) continue;
    publish(machine, module.exports(), seen);
    // What is marked need not be exported.
    for (const { value } of module.scope.cells.values()) {
      if (!isFunction(value) || value.node?.getSourceFile() !== module.file) continue;
      if (value.node.getFullText().includes("@enzyme")) mayCall(machine, value, unknown);
    }
  }
  followAll(machine);
  publishMethods(machine);
  machine.isSpeculating = true;
  followAll(machine);
}

/** Follows all that may be called, until nothing changes any more. */
function followAll(machine: Machine): void {
  for (let round = 0; ; round++) {
    if (round > mostRounds) throw new GivenUp();
    machine.changed = Infinity;
    // What was made meanwhile is made again.
    for (const fn of [...machine.callable.keys()]) if (fn.id >= machine.loadedBelow) machine.callable.delete(fn);
    machine.closures.clear();
    machine.isTired = false;
    machine.changedMade = false;
    for (const [fn, thisValue] of machine.callable) run(machine, fn, thisValue);
    followAgain(machine);
    if (machine.changed >= machine.loadedBelow) return;
  }
}

/** Functions that were made meanwhile share variables: what one of them writes, the others find. */
function followAgain(machine: Machine): void {
  for (let round = 0; machine.changedMade; round++) {
    if (round > mostRounds) throw new GivenUp();
    // What they make in turn is not told apart for ever.
    if (round === mostRounds / 4) machine.isTired = true;
    machine.changedMade = false;
    for (const [fn, thisValue] of machine.callable) {
      if (fn.id >= machine.loadedBelow) run(machine, fn, thisValue);
    }
  }
}

/** Functions that others can call: those that they can reach. */
function publish(machine: Machine, value: LoadedValue, seen: Set<LoadedObject>): void {
  const pending = [...objectsOf(value)];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (at.run?.kind === "native") continue;
    if (at.run !== null && !machine.callable.has(at)) mayCall(machine, at, unknown);
    for (const member of at.members.values()) {
      const parts: readonly LoadedValue[] =
        member.kind === "data"
          ? [member.value]
          : member.kind === "binding"
            ? [member.cell.value]
            : [member.get, member.set];
      for (const part of parts) {
        const isMethod = member.kind !== "binding" && isFunction(part) && part.run?.kind === "code";
        if (isMethod && !machine.callable.has(part)) mayCall(machine, part, at);
        pending.push(...objectsOf(part));
      }
    }
    if (at.entries !== null) pending.push(at.entries.store);
    for (const part of at.elements ?? []) pending.push(...objectsOf(part));
    if (at.prototype !== null) pending.push(at.prototype);
  }
}

/** An instance of any class may be handed to the program from outside: its methods can be called. */
function publishMethods(machine: Machine): void {
  for (const maker of [...machine.made.values()].flat()) {
    const held = maker.members.get("prototype");
    if (held?.kind !== "data" || !isObject(held.value)) continue;
    for (const [key, member] of held.value.members) {
      if (key === "constructor" || member.kind === "binding") continue;
      const parts: readonly LoadedValue[] = member.kind === "data" ? [member.value] : [member.get, member.set];
      for (const part of parts) if (isFunction(part)) mayCall(machine, part, held.value);
    }
  }
}

function run(machine: Machine, fn: LoadedObject, thisValue: LoadedValue): void {
  if (fn.run?.kind === "bound") {
    mayCall(machine, fn.run.target, fn.run.thisValue);
    for (const one of fn.run.given) leak(machine, one);
    return;
  }
  if (fn.run?.kind !== "code") return;
  machine.runStart = machine.nextId;
  machine.stepsBefore = machine.steps;
  machine.isInClosure = fn.id >= machine.loadedBelow;
  const before = machine.weakBelow;
  machine.weakBelow = machine.nextId;
  const start = machine.nextId;
  try {
    const result = runCode(machine, fn, fn.run, thisOf(machine, thisValue));
    const made = [...objectsOf(result)].filter(({ id }) => id >= start);
    for (const one of made) leak(machine, one);
    const known = made.length === 0 ? result : anyOf(machine, [unknown, ...keptOf(result, start)]);
    const earlier = machine.followed.get(fn);
    const all = machine.followed.has(fn) ? anyOf(machine, [earlier, known]) : known;
    if (fn.id >= machine.loadedBelow) return;
    if (!machine.followed.has(fn) ? all !== unknown : !Object.is(all, earlier)) machine.changed = 0;
    machine.followed.set(fn, all);
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
  } finally {
    machine.weakBelow = before;
  }
}

const keptOf = (value: LoadedValue, start: number): readonly LoadedObject[] =>
  [...objectsOf(value)].filter(({ id }) => id < start);

function runCode(machine: Machine, fn: LoadedObject, code: LoadedCode, thisValue: LoadedValue): LoadedValue {
  const { node } = code;
  if (!ts.isClassLike(node)) return follow(machine, fn, code, thisValue, anyArguments, null);
  const prototype = ownMember(machine, fn, "prototype");
  const self = thisOf(machine, prototype?.kind === "data" ? prototype.value : unknown);
  if (isObject(self)) initializeFields(machine, node, code.scope, self);
  const own = node.members.find(
    (one): one is ts.ConstructorDeclaration => ts.isConstructorDeclaration(one) && one.body !== undefined,
  );
  if (own === undefined) return unknown;
  const home = prototype?.kind === "data" && isObject(prototype.value) ? prototype.value : null;
  return follow(machine, fn, { ...code, node: own, home }, self, anyArguments, isObject(self) ? self : null);
}

/** Methods run on some instance. */
function thisOf(machine: Machine, holder: LoadedValue): LoadedValue {
  if (!isObject(holder) || ownMember(machine, holder, "constructor") === null || holder.run !== null) return holder;
  return makeObject(machine, null, { prototype: holder, isOpen: true });
}
