/**
 * Classes of memory, and how two become one: union and find, where what is kept in the one and in the other becomes one
 * as well (Steensgaard 1996).
 */
import { isReference, type Type } from "../ir/ir.js";

/** A field's name, a tuple's position, or "element" for every element of an array. */
export type Key = string | number;

export interface MemoryClass {
  /** Others can see it: reachable from a parameter, a result, a call, an opaque operation. */
  readonly escapes: boolean;
  /** Position of the parameter that it is, or is reachable from, where that is one alone. */
  readonly parameter: number | null;
  /** Is it all that can be reached from it, too? */
  readonly collapsed: boolean;
  /** May an operation of the function, or of a callee, write one of its cells, or change its length? */
  readonly written: boolean;
  /** May its length change, other than by a store behind its end? */
  readonly resized: boolean;
  /** May a store beyond the end of a plain array lengthen it? */
  readonly lengthened: boolean;
  /** May it be an array that the function made? */
  readonly isMadeHere: boolean;
  /** The same as `written`, for one field. */
  isWritten(key: Key): boolean;
}

/** One class of memory in the making: those that turn out to be one are unified. */
export class Node implements MemoryClass {
  parent: Node | null = null;
  rank = 0;
  escapes = false;
  /** Everything reachable is one class: its contents are itself. */
  collapsed = false;
  /** What is kept at a tuple's positions is one: it is reached with an index that is not constant, or as an array. */
  merged = false;
  resized = false;
  /** May a store behind the end of a plain array lengthen it? */
  lengthened = false;
  isMadeHere = false;
  readonly parameters = new Set<number>();
  readonly writtenKeys = new Set<Key>();
  readonly readKeys = new Set<Key>();
  readonly contents = new Map<Key, Node>();

  get parameter(): number | null {
    const [only, other] = this.parameters;
    return only !== undefined && other === undefined ? only : null;
  }
  get written(): boolean {
    return this.resized || this.writtenKeys.size > 0;
  }
  isWritten(key: Key): boolean {
    return this.collapsed ? this.written : this.resized || [...this.writtenKeys].some((one) => mayMeet(one, key));
  }
  /** A tuple that is also an array to some has cells of one key, as an array has. */
  keyOf(key: Key): Key {
    if (typeof key !== "number") return key;
    return this.readKeys.has("element") || this.writtenKeys.has("element") ? "element" : key;
  }
}

/** The same memory can be a tuple to some, which name a position, and an array to others. */
const mayMeet = (a: Key, b: Key): boolean =>
  a === b || (typeof a === "number" && b === "element") || (a === "element" && typeof b === "number");

/** The class that a class has become part of, or it itself. */
export function find(node: Node): Node {
  let root = node;
  while (root.parent !== null) root = root.parent;
  for (let walker = node; walker.parent !== null;) {
    const next: Node = walker.parent;
    walker.parent = root;
    walker = next;
  }
  return root;
}

/** Makes one class of two, and of what is kept in both. */
export function unify(first: Node, second: Node): void {
  const pending: [Node, Node][] = [[first, second]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    let [into, from] = [find(pair[0]), find(pair[1])];
    if (into === from) continue;
    if (into.rank < from.rank) [into, from] = [from, into];
    if (into.rank === from.rank) into.rank++;
    from.parent = into;
    into.escapes ||= from.escapes;
    into.resized ||= from.resized;
    into.lengthened ||= from.lengthened;
    into.isMadeHere ||= from.isMadeHere;
    from.parameters.forEach((position) => into.parameters.add(position));
    from.writtenKeys.forEach((key) => into.writtenKeys.add(key));
    from.readKeys.forEach((key) => into.readKeys.add(key));
    const collapsed = into.collapsed || from.collapsed;
    const merged = into.merged || from.merged;
    for (const [key, content] of from.contents) {
      const twin = into.contents.get(key);
      if (twin === undefined) into.contents.set(key, content);
      else pending.push([twin, content]);
    }
    from.contents.clear();
    into.collapsed = collapsed;
    into.merged = merged;
    if (collapsed) {
      for (const content of into.contents.values()) {
        content.collapsed = true;
        pending.push([into, content]);
      }
      into.contents.clear();
    } else if (merged || (into.contents.has("element") && hasPositions(into))) {
      into.merged = true;
      pending.push(...mergePositions(into));
    }
  }
}

/** Is anything kept at a position of its own, as in a tuple? */
export const hasPositions = ({ contents }: Node): boolean =>
  [...contents.keys()].some((key) => typeof key === "number");

/** Positions of a tuple become one, with the key "element". */
function mergePositions(node: Node): [Node, Node][] {
  const pairs: [Node, Node][] = [];
  let element = node.contents.get("element");
  for (const [key, content] of [...node.contents]) {
    if (typeof key !== "number") continue;
    node.contents.delete(key);
    if (element === undefined) {
      element = content;
      node.contents.set("element", content);
    } else pairs.push([element, content]);
  }
  return pairs;
}

/** Makes one class of a class and all that can be reached from it. */
export function collapse(node: Node): void {
  const root = find(node);
  if (root.collapsed) return;
  root.collapsed = true;
  const contents = [...root.contents.values()];
  root.contents.clear();
  for (const content of contents) {
    collapse(content);
    unify(root, content);
  }
}

/** The class of what is kept under a key. */
export function content(node: Node, key: Key): Node {
  const root = find(node);
  if (root.collapsed) return root;
  const name = (root.merged || root.contents.has("element")) && typeof key === "number" ? "element" : key;
  const known = root.contents.get(name);
  if (known !== undefined) return find(known);
  if (name === "element" && hasPositions(root)) return merge(root);
  const made = new Node();
  made.escapes = root.escapes;
  root.parameters.forEach((position) => made.parameters.add(position));
  root.contents.set(name, made);
  return made;
}

/** Makes one class of what is kept at the positions of a tuple, and gives it. */
export function merge(node: Node): Node {
  const root = find(node);
  if (!root.merged) {
    root.merged = true;
    for (const [a, b] of mergePositions(root)) unify(a, b);
  }
  return content(find(root), "element");
}

/** Where a type leads back to itself, memory does: all links of a list are one class. */
export function closeCycles(node: Node, type: Type, known = new Map<Type, Node>()): void {
  if (type.kind === "optional") return closeCycles(node, type.of, known);
  const before = known.get(type);
  if (before !== undefined) return unify(before, node);
  known.set(type, node);
  if (type.kind === "array" && isReference(type.element)) closeCycles(content(node, "element"), type.element, known);
  if (type.kind === "tuple") {
    type.elements.forEach((one, position) => {
      if (isReference(one)) closeCycles(content(node, position), one, known);
    });
  }
  if (type.kind !== "record") return;
  for (const { fields } of type.members ?? [type]) {
    for (const field of fields) if (isReference(field.type)) closeCycles(content(node, field.name), field.type, known);
  }
}

/** Visits a class and all that is reachable from it. */
export function reach(start: Node, visit: (node: Node) => void): void {
  const seen = new Set<Node>();
  const pending = [find(start)];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    visit(node);
    for (const inner of node.contents.values()) pending.push(find(inner));
  }
}
