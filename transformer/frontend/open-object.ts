/**
 * Objects whose members are variables while a function is lowered: an instance that its constructor is still making,
 * and what a module keeps for its functions to work in.
 *
 *   function V(x, y) { this.set(x, y); }   V.prototype.set = function (x, y) { this.x = x; ... return this; };
 *   const tmp = new Float64Array(3);       function f(a) { tmp[0] = a.x; ... return tmp[0] * 2; }
 *
 * `this` is a mark, and `set` runs in place, on the variables of its members. The mark is no memory: where anything but
 * a member of it is asked for, the function is refused. So is a member of `tmp` that was not written before in the same
 * call: it would hold what an earlier call has left.
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import type { Region, Value } from "../ir/ir.js";
import { operandsOf, regionsOf } from "../ir/traverse.js";
import { isJavaScript } from "../syntax/javascript.js";
import { unwrapped } from "./assigned-symbols.js";
import type { Maker } from "./class-members.js";
import { originOf, refused, type Cursor, type Slot } from "./environment.js";
import { reportMixed } from "./lower-mixed.js";
import { isMixedValue } from "./mixed-value.js";
import { functionValue } from "./function-value.js";
import type { LoweringSession } from "./session.js";
import { sharedMember } from "./prototype-constant.js";

export interface OpenObject {
  /** The class, or the function, that it is an instance of; null: an array, or an object of a literal. */
  readonly maker: Maker | null;
  readonly slots: Map<string, Slot>;
  readonly node: ts.Node;
  /** Does it belong to a module, under this name? */
  readonly scratch: string | null;
  /** How many functions deep it was made. */
  readonly depth: number;
  /** Of an instance that is an array: the variable that holds it, once `super(...)` has made it. */
  readonly array: Slot | null;
  /** Does it round what it is given, as a Float32Array does? */
  readonly isSingle: boolean;
}

/** A mark in the place of an object that is not made yet; of its members nothing is known but that they may be there. */
export function openObject(
  cursor: Cursor,
  {
    maker,
    node,
    names,
    scratch = null,
    array = null,
    isSingle = false,
  }: Pick<OpenObject, "maker" | "node"> &
    Partial<Pick<OpenObject, "array" | "isSingle" | "scratch">> & { readonly names: Iterable<string> },
): Value {
  const { session, frame } = cursor;
  const mark = makeValue({ kind: "record", name: null, fields: [] }, originOf(node));
  const open: OpenObject = { maker, slots: new Map(), node, scratch, depth: frame.inlining.length, array, isSingle };
  session.open.set(mark, open);
  session.present.add(mark);
  session.certain.add(mark);
  for (const name of names) {
    const slot = addSlot(open, name);
    cursor.env.set(slot, cursor.block.constant(undefined, originOf(node, slot.variable)));
  }
  return mark;
}

/** What `this` is; null: nothing. */
export function selfOf({ env, frame, session }: Cursor): Value | null {
  const { thisValue } = frame;
  const array = thisValue === null ? null : (session.open.get(thisValue)?.array ?? null);
  return array === null ? thisValue : (env.get(array) ?? thisValue);
}

/** An object of which the members are known, and which nobody else sees: `enzyme(f, "vjp")(x)`. */
export function objectOfParts(cursor: Cursor, node: ts.Node, parts: ReadonlyMap<string, Value>): Value {
  const mark = openObject(cursor, { maker: null, node, names: parts.keys() });
  const slots = cursor.session.open.get(mark)?.slots;
  for (const [name, value] of parts) {
    const slot = slots?.get(name);
    if (slot !== undefined) cursor.env.set(slot, value);
  }
  return mark;
}

/** A part of such an object, by its name; null: it is none. */
export function partOf({ session, env }: Cursor, whole: Value, name: string): Value | null {
  const open = session.open.get(whole);
  if (open === undefined || open.scratch !== null || session.closed.has(whole)) return null;
  const slot = open.slots.get(name);
  const value = slot === undefined ? undefined : env.get(slot);
  // An instance inherits what it was not given.
  const isUnset = value !== undefined && value.type.kind === "opaque" && value.type.text === "undefined";
  return value === undefined || (isUnset && open.maker !== null) ? null : value;
}

function addSlot(open: OpenObject, name: string): Slot {
  const variable = { name: /^\d/.test(name) ? `part${name}` : name };
  const slot: Slot = { variable, key: {}, type: null, late: false, shared: true };
  open.slots.set(name, slot);
  return slot;
}

/** How the field of a member is called: nobody but its class can say `#x`. */
export const fieldName = (name: string): string => name.replace(/^#/, "private_");

/** `a.b`, `a["b"]`, `a[0]`: the name of the member, or null. */
export function memberName(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node)) return fieldName(node.name.text);
  if (!ts.isElementAccessExpression(node)) return null;
  const key = unwrapped(node.argumentExpression);
  return ts.isStringLiteralLike(key) || ts.isNumericLiteral(key) ? key.text : null;
}

/** The variable that a member of such an object is written to; null: the object is none, or a setter has to run. */
export function memberSlot({ session }: Cursor, base: Value, node: ts.Node, name = memberName(node)): Slot | null {
  const open = session.open.get(base);
  if (open === undefined || name === null || session.closed.has(base)) return null;
  const known = open.slots.get(name);
  if (known !== undefined) return known;
  return open.maker === null || isJavaScript(open.maker.getSourceFile().fileName) ? addSlot(open, name) : null;
}

/** What a member holds; null: it is no variable. */
export function readMember(cursor: Cursor, base: Value, node: ts.Expression): Value | null {
  const [open, name] = [cursor.session.open.get(base), memberName(node)];
  if (cursor.session.closed.has(base)) return refused(cursor, node, "EZ2001", handedOut);
  const slot = open === undefined || name === null ? undefined : open.slots.get(name);
  return slot === undefined ? null : readSlot(cursor, slot, base, node);
}

/** What the variable of a member holds, if that is known on the way that leads here. */
export function readSlot(cursor: Cursor, slot: Slot, base: Value, node: ts.Expression): Value {
  const { env, session, block } = cursor;
  const open = session.open.get(base);
  const value = env.get(slot);
  const isUnset = value === undefined || (value.type.kind === "opaque" && value.type.text === "undefined");
  if (open === undefined || open.scratch === null) {
    const name = memberName(node);
    const given = isUnset && name !== null && open?.maker != null ? sharedMember(session, open.maker, name) : undefined;
    if (given?.kind === "constant") return block.constant(given.value, originOf(node));
    if (given?.kind === "method") {
      return functionValue(cursor, { kind: "closure", node: given.member, scope: null, thisValue: base }, node);
    }
    if (given?.kind === "unknown") return refused(cursor, node, "EZ2024", { name: node.getText() });
    return value ?? refused(cursor, node, "EZ2001", unsettled(node));
  }
  const isPerhaps = value?.type.kind === "optional";
  return value === undefined || isUnset || isPerhaps
    ? refused(cursor, node, "EZ2024", { name: node.getText() })
    : value;
}

const unsettled = (node: ts.Node): { readonly what: string; readonly advice: string } => ({
  what: `\`${node.getText()}\`, which is given in one branch only,`,
  advice: "give it a value in the constructor, before any branch",
});

/** What a member that is no variable is: nothing, in JavaScript. */
export function absentMember(cursor: Cursor, base: Value, node: ts.Expression): Value | null {
  const open = cursor.session.open.get(base);
  if (open === undefined) return null;
  if (cursor.session.closed.has(base)) return refused(cursor, node, "EZ2001", handedOut);
  if (open.scratch !== null) return refused(cursor, node, "EZ2024", { name: node.getText() });
  if (open.maker !== null && isJavaScript(open.maker.getSourceFile().fileName)) {
    return cursor.block.constant(undefined, originOf(node));
  }
  return refused(cursor, node, "EZ2001", handedOut);
}

const handedOut = {
  what: "a constructor that hands out `this` before it is done",
  advice: "compute the fields in the constructor itself",
} as const;

/** Does a value stand for an object that no memory holds? */
export const isMark = (session: LoweringSession, value: Value): boolean =>
  session.open.has(value) ||
  session.loadedMarks.has(value) ||
  session.functionLists.has(value) ||
  session.generators.has(value) ||
  session.argumentObjects.has(value);

/** Is a mark used as if it were memory? Then its object gets away before it is made, or from its module. */
export function reportEscapes(cursor: Cursor, region: Region): void {
  const { session } = cursor;
  const held = escaping(region, (value) => session.functions.get(value));
  if (held !== null) reportFunction(cursor, held.node);
  const list = escaping(region, (value) => session.functionLists.get(value));
  if (list !== null) {
    refused(cursor, list, "EZ2001", {
      what: "a list of functions that is changed, or kept as a value,",
      advice: "name all functions in one literal, and walk that",
    });
  }
  const generator = escaping(region, (value) => session.generators.get(value));
  if (generator !== null)
    refused(cursor, generator.node, "EZ2001", {
      what: "a generator that is kept as a value, or walked where it may not have been made,",
      advice: "walk it with `for-of`, or fill an array",
    });
  const given = escaping(region, (value) => session.argumentObjects.get(value));
  if (given !== null) refused(cursor, given.node, "EZ2012", { why: "that is changed, or kept as a value" });
  const loaded = escaping(region, (value) => session.loadedMarks.get(value));
  if (loaded !== null) refused(cursor, loaded.node, "EZ2065", { name: loaded.node.getText() });
  const mixed = escaping(region, (value) => (isMixedValue(value) ? value : undefined));
  if (mixed !== null) reportMixed(cursor, mixed);
  const open = escaping(region, (value) => session.open.get(value));
  if (open === null) return;
  if (open.scratch !== null) refused(cursor, open.node, "EZ2024", { name: open.scratch });
  else if (open.maker === null && !ts.isArrayLiteralExpression(open.node) && !ts.isObjectLiteralExpression(open.node))
    refused(cursor, open.node, "EZ2083", { what: "is kept as a value" });
  else refused(cursor, open.node, "EZ2001", handedOut);
}

function reportFunction(cursor: Cursor, node: ts.Node): void {
  if (ts.isIdentifier(node)) refused(cursor, node, "EZ2013", { name: node.text });
  else {
    refused(cursor, node, "EZ2001", { what: "a function kept as a value", advice: "call it, or pass it on, directly" });
  }
}

/** The first mark that an operation of a region uses. */
function escaping<T>(region: Region, markOf: (value: Value) => T | undefined): T | null {
  const find = (values: readonly Value[]): T | undefined => values.map(markOf).find((one) => one !== undefined);
  const exit = region.exit.kind === "throw" ? [region.exit.value] : region.exit.values;
  const own = find([...region.ops.flatMap(operandsOf), ...exit]);
  if (own !== undefined) return own;
  for (const op of region.ops) {
    for (const inside of regionsOf(op)) {
      const found = escaping(inside, markOf);
      if (found !== null) return found;
    }
  }
  return null;
}
