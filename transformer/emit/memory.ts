/**
 * Which expressions may move past which writes. References that may be the same are unified
 * (Steensgaard 1996): one class for each, with one class for what it contains.
 */
import {
  assertNever,
  heldFields,
  isReference,
  isTape,
  type IRFunction,
  type Location,
  type Op,
  type Region,
  type Type,
  type Value,
} from "../ir/ir.js";
import { typeAt } from "../ir/build.js";
import { exitOperands, regionsOf, walk } from "../ir/traverse.js";
import type { Uses } from "./uses.js";

/** What an operation reads or writes. `everything` stands for a call of something unknown. */
export type Access =
  | { readonly kind: "cell"; readonly at: Location }
  /** All of an array or object, and its length. */
  | { readonly kind: "whole"; readonly base: Value }
  | { readonly kind: "length"; readonly base: Value }
  /** Which rows, objects and optional fields there are inside, and how long they are. */
  | { readonly kind: "structure"; readonly base: Value }
  | { readonly kind: "everything" };

export interface Memory {
  readsOf(op: Op): readonly Access[];
  /** Everything that an operation writes, regions included. */
  writesOf(op: Op): readonly Access[];
  mayOverlap(write: Access, read: Access): boolean;
  /** Is the length of this array fixed from its allocation on? */
  keepsLength(array: Value): boolean;
}

interface Node {
  parent: Node | null;
  content: Node | null;
}

const everything: readonly Access[] = [{ kind: "everything" }];

function find(node: Node): Node {
  let root = node;
  while (root.parent !== null) root = root.parent;
  return root;
}

function contentOf(node: Node): Node {
  const root = find(node);
  root.content ??= { parent: null, content: null };
  return find(root.content);
}

function unify(a: Node, b: Node): void {
  const [left, right] = [find(a), find(b)];
  if (left === right) return;
  right.parent = left;
  if (right.content === null) return;
  if (left.content === null) left.content = right.content;
  else unify(left.content, right.content);
}

/** Answers what operations read and write, as coarse as the order of statements needs it. */
export function analyzeMemory(fn: IRFunction, uses: Uses): Memory {
  const nodes = new Map<Value, Node>();
  const nodeOf = (value: Value): Node => {
    let node = nodes.get(value);
    if (node === undefined) nodes.set(value, (node = { parent: null, content: null }));
    return find(node);
  };
  const same = (a: Value | undefined, b: Value | undefined): void => {
    if (a !== undefined && b !== undefined && isReference(a.type) && isReference(b.type)) unify(nodeOf(a), nodeOf(b));
  };
  const contains = (container: Value, part: Value): void => {
    if (isReference(part.type)) unify(contentOf(nodeOf(container)), nodeOf(part));
  };
  const resized = new Set<Value>();
  let everythingResized = false;
  const connect = (op: Op): void => {
    const [result] = op.results;
    switch (op.kind) {
      case "allocate":
        if (result === undefined) return;
        if (op.initial.kind === "parts") for (const part of op.initial.parts) contains(result, part);
        if (op.initial.kind === "filled") contains(result, op.initial.value);
        if (op.initial.kind === "copy") unify(contentOf(nodeOf(result)), contentOf(nodeOf(op.initial.source)));
        return;
      case "load":
        if (result !== undefined) contains(op.at.base, result);
        return;
      case "store":
        contains(op.at.base, op.value);
        return;
      case "push":
        contains(op.array, op.value);
        resized.add(op.array);
        return;
      case "pop":
        if (result !== undefined) contains(op.array, result);
        resized.add(op.array);
        return;
      case "grow":
        same(result, op.array);
        return;
      case "unwrap":
        same(result, op.value);
        return;
      case "if":
        op.results.forEach((value, k) => {
          for (const { exit } of [op.then, op.else]) if (exit.kind === "yield") same(value, exit.values[k]);
        });
        return;
      case "loop":
        op.body.params.slice(1).forEach((param, k) => {
          same(param, op.initial[k]);
          same(param, exitOperands(op.body.exit)[k + 1]);
          same(param, op.results[k + 2]);
        });
        return;
      case "call":
      case "opaque": {
        if (op.kind === "opaque" && op.writesInto !== undefined) return;
        const operands = (op.kind === "call" ? op.args : op.operands).filter(({ type }) => isReference(type));
        if (op.kind === "call" || op.effects.writes) everythingResized ||= operands.length > 0;
        for (const value of op.results) {
          for (const operand of operands) {
            same(value, operand);
            unify(contentOf(nodeOf(value)), contentOf(nodeOf(operand)));
          }
        }
        for (const operand of operands)
          if (operands[0] !== undefined) unify(contentOf(nodeOf(operands[0])), contentOf(nodeOf(operand)));
        return;
      }
      default:
        return;
    }
  };
  walk(fn.body, connect);
  const resizedNodes = new Set([...resized].map(nodeOf));

  const overlap = (write: Access, other: Access): boolean => {
    if (write.kind === "everything" || other.kind === "everything") return true;
    if (other.kind === "structure")
      return changesStructure(write) && reaches(nodeOf(other.base), nodeOf(baseOf(write)));
    if (nodeOf(baseOf(write)) !== nodeOf(baseOf(other))) return false;
    if (write.kind === "length" || other.kind === "length") return write.kind === "whole" || other.kind === "whole";
    if (write.kind === "cell" && other.kind === "cell") return !areDistinct(write.at, other.at, uses);
    return true;
  };
  const written = new Map<Op, readonly Access[]>();
  const writesOf = (op: Op): readonly Access[] => {
    const known = written.get(op);
    if (known !== undefined) return known;
    const own = ownWrites(op);
    const all = [...own, ...regionsOf(op).flatMap((region: Region) => region.ops.flatMap(writesOf))];
    written.set(op, all);
    return all;
  };
  return {
    readsOf: ownReads,
    writesOf,
    mayOverlap: overlap,
    keepsLength: (array) => !everythingResized && !resizedNodes.has(nodeOf(array)),
  };
}

const baseOf = (access: Exclude<Access, { kind: "everything" }>): Value =>
  access.kind === "cell" ? access.at.base : access.base;

/** Is the second what the first refers to, or anything inside it? */
function reaches(from: Node, to: Node): boolean {
  const seen = new Set<Node>();
  for (let node: Node | null = find(from); node !== null && !seen.has(node);) {
    if (node === to) return true;
    seen.add(node);
    const content: Node | null = node.content;
    node = content === null ? null : find(content);
  }
  return false;
}

/** Numbers may change without it; rows, objects, what may be absent, and lengths may not. */
function changesStructure(write: Access): boolean {
  if (write.kind !== "cell") return true;
  const { kind } = typeAt(write.at);
  return kind === "array" || kind === "tuple" || kind === "record" || kind === "optional";
}

/** Is there memory inside that a store can exchange, or something that may be absent? */
const holdsMore = (type: Type): boolean =>
  type.kind === "array"
    ? isReference(type.element)
    : type.kind === "tuple"
      ? type.elements.some(isReference)
      : type.kind === "record"
        ? heldFields(type).some((field) => isReference(field.type) || field.type.kind === "optional")
        : type.kind === "optional";

const isArray = ({ type }: Value): boolean => type.kind === "array";

function ownReads(op: Op): readonly Access[] {
  switch (op.kind) {
    case "load":
      // a tape is never written
      if (isTape(op.at.base.type)) return [];
      return [{ kind: "cell", at: op.at }];
    case "length":
      return [{ kind: "length", base: op.array }];
    case "allocate":
      if (op.initial.kind === "copy") return [{ kind: "whole", base: op.initial.source }];
      return op.initial.kind === "zerosLike"
        ? [{ kind: holdsMore(op.initial.of.type) ? "structure" : "whole", base: op.initial.of }]
        : [];
    case "accumulate":
      return [{ kind: "cell", at: op.at }];
    case "pop":
    case "push":
    case "grow":
      return [{ kind: "whole", base: op.array }];
    case "call":
      return everything;
    case "opaque":
      if (op.writesInto !== undefined) return op.operands.filter(isArray).map((base) => ({ kind: "whole", base }));
      return op.effects.reads ? everything : [];
    case "constant":
    case "apply":
    case "store":
    case "if":
    case "loop":
    case "random":
    case "isAbsent":
    case "unwrap":
      return [];
    default:
      return assertNever(op);
  }
}

function ownWrites(op: Op): readonly Access[] {
  switch (op.kind) {
    case "store":
    case "accumulate":
      return [{ kind: "cell", at: op.at }];
    case "push":
    case "pop":
    case "grow":
      return [{ kind: "whole", base: op.array }];
    case "call":
      return everything;
    case "opaque": {
      const into = op.writesInto === undefined ? undefined : op.operands[op.writesInto];
      if (into !== undefined) return [{ kind: "whole", base: into }];
      return op.effects.writes ? everything : [];
    }
    default:
      return [];
  }
}

function areDistinct(a: Location, b: Location, uses: Uses): boolean {
  if (a.kind === "field" && b.kind === "field") return a.field !== b.field;
  if (a.kind !== "element" || b.kind !== "element") return false;
  const [left, right] = [splitIndex(a.index, uses), splitIndex(b.index, uses)];
  return left.root === right.root && left.offset !== right.offset;
}

/** `i + 2` is `i` and 2; a literal is null and itself. */
function splitIndex(index: Value, uses: Uses): { readonly root: Value | null; readonly offset: number } {
  const op = uses.definition(index)?.op;
  const literalOf = (value: Value | undefined): number | null => {
    const definition = value === undefined ? undefined : uses.definition(value)?.op;
    return definition?.kind === "constant" && typeof definition.value === "number" ? definition.value : null;
  };
  const whole = literalOf(index);
  if (whole !== null) return { root: null, offset: whole };
  if (op?.kind === "apply" && (op.primitive === "add" || op.primitive === "sub")) {
    const [x, y] = op.args;
    const [first, second] = [literalOf(x), literalOf(y)];
    if (x !== undefined && second !== null) return { root: x, offset: op.primitive === "add" ? second : -second };
    if (y !== undefined && first !== null && op.primitive === "add") return { root: y, offset: first };
  }
  return { root: index, offset: 0 };
}
