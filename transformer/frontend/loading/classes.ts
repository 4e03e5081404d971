/** Functions and classes as values, while modules are loaded. */
import ts from "typescript";
import { builtin } from "./builtins.js";
import { noteClosure } from "./closures.js";
import { evaluate, evaluateKey } from "./evaluate.js";
import { execute } from "./execute.js";
import { leak, open } from "./leaks.js";
import { declare, define, makeObject, makeScope, type Machine } from "./machine.js";
import { get, ownMember } from "./members.js";
import { isObject, type LoadedCode, type LoadedMember, type LoadedObject, type LoadedScope } from "./values.js";

export function makeFunction(
  machine: Machine,
  node: ts.FunctionLikeDeclaration,
  scope: LoadedScope,
  home: LoadedObject | null = null,
): LoadedObject {
  const run: LoadedCode = { kind: "code", node, scope, home };
  const made = makeObject(machine, node, {
    run,
    prototype: builtin(machine, "Function.prototype"),
  });
  note(machine, made, node);
  const isMaker = ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node);
  if (isMaker) givePrototype(machine, made, null);
  if (!machine.isLoading) noteClosure(machine, made, run);
  return made;
}

function note(machine: Machine, made: LoadedObject, node: ts.Node): void {
  if (!machine.isLoading) return;
  const known = machine.made.get(node);
  if (known === undefined) machine.made.set(node, [made]);
  else known.push(made);
}

function givePrototype(machine: Machine, maker: LoadedObject, above: LoadedObject | null): LoadedObject {
  const prototype = makeObject(machine, maker.node, { prototype: above ?? builtin(machine, "Object.prototype") });
  prototype.members.set("constructor", { kind: "data", value: maker, isListed: false });
  maker.members.set("prototype", { kind: "data", value: prototype, isListed: false });
  return prototype;
}

export function makeClass(machine: Machine, node: ts.ClassLikeDeclaration, scope: LoadedScope): LoadedObject {
  const clause = node.heritageClauses?.find((one) => one.token === ts.SyntaxKind.ExtendsKeyword);
  const [extended] = clause?.types ?? [];
  const base = extended === undefined ? undefined : evaluate(machine, scope, extended.expression);
  const inside = makeScope(machine, node, scope);
  const baseObject = isObject(base) ? base : null;
  const made = makeObject(machine, node, {
    run: { kind: "code", node, scope: inside, home: null },
    prototype: baseObject ?? builtin(machine, "Function.prototype"),
  });
  note(machine, made, node);
  if (node.name !== undefined) declare(machine, inside, node.name.text, made);
  const above = baseObject === null ? null : get(machine, baseObject, "prototype");
  const prototype = givePrototype(machine, made, isObject(above) ? above : null);
  if (base !== undefined && !(isObject(base) && isObject(above))) {
    leak(machine, base);
    // What it has itself is known all the same.
    prototype.prototype = makeObject(machine, null, { isOpen: true });
    made.prototype = prototype.prototype;
  }
  if (ts.canHaveDecorators(node) && (ts.getDecorators(node)?.length ?? 0) > 0) leak(machine, made);
  for (const member of node.members) addMember(machine, member, inside, made, prototype);
  const staticScope = makeScope(machine, node, inside, { thisValue: made, home: made, given: null, code: made });
  for (const member of node.members) {
    if (ts.isClassStaticBlockDeclaration(member)) execute(machine, staticScope, member.body);
    if (!ts.isPropertyDeclaration(member) || !isStatic(member)) continue;
    const key = evaluateKey(machine, inside, member.name);
    const value = member.initializer === undefined ? undefined : evaluate(machine, staticScope, member.initializer);
    if (key === null) open(machine, made);
    else define(machine, made, key, { kind: "data", value, isListed: true });
  }
  return made;
}

export const isStatic = (member: ts.ClassElement): boolean =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;

function addMember(
  machine: Machine,
  member: ts.ClassElement,
  scope: LoadedScope,
  made: LoadedObject,
  prototype: LoadedObject,
): void {
  if (!ts.isMethodDeclaration(member) && !ts.isAccessor(member)) return;
  if (member.body === undefined) return;
  const holder = isStatic(member) ? made : prototype;
  const key = evaluateKey(machine, scope, member.name);
  const fn = makeFunction(machine, member, scope, holder);
  if (key === null) {
    // A symbol, most of the time.
    leak(machine, fn);
    return;
  }
  if (ts.isMethodDeclaration(member)) {
    holder.members.set(key, { kind: "data", value: fn, isListed: false });
    return;
  }
  holder.members.set(key, accessor(ownMember(machine, holder, key), fn, ts.isGetAccessor(member)));
}

export function accessor(known: LoadedMember | null, fn: LoadedObject, isGetter: boolean): LoadedMember {
  const before = known?.kind === "accessor" ? known : { get: null, set: null };
  return { kind: "accessor", get: isGetter ? fn : before.get, set: isGetter ? before.set : fn };
}

/** The fields that a class gives its instances. */
export function initializeFields(
  machine: Machine,
  node: ts.ClassLikeDeclaration,
  scope: LoadedScope,
  made: LoadedObject,
): void {
  const inside = makeScope(machine, node, scope, { thisValue: made, home: null, given: null, code: null });
  for (const member of node.members) {
    if (!ts.isPropertyDeclaration(member) || isStatic(member)) continue;
    if (member.initializer === undefined && ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Ambient) continue;
    const key = evaluateKey(machine, scope, member.name);
    const value = member.initializer === undefined ? undefined : evaluate(machine, inside, member.initializer);
    if (key === null) open(machine, made);
    else define(machine, made, key, { kind: "data", value, isListed: true });
  }
}
