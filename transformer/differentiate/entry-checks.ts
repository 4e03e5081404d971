/**
 * What a derivative checks before it starts, where a silent wrong answer would follow otherwise: an
 * array or object that the primal writes is no other argument, and a shadow has the length of its array.
 */
import type { Aliases } from "../analyze/aliases.js";
import { isAssignable } from "../ir/assignable.js";
import { type Block } from "../ir/build.js";
import {
  booleanType,
  inventedOrigin,
  isDictionary,
  isReference,
  type Parameter,
  type Type,
  type Value,
} from "../ir/ir.js";
import { memoryParts, type MemoryPart } from "./memory-parts.js";

/**
 * Throws where an array or object that is written is, or is a part of, another argument too, or a view of its memory.
 *
 *   p.a[i] = ...   =>   if (p.a === q || p.a === q.a) throw ...      sharesMemory(p.rows, q.rows) where one path is not enough
 */
export function checkDistinct(block: Block, name: string, params: readonly Parameter[], aliases: Aliases): void {
  const containers = params.filter(({ value }) => isReference(value.type));
  const parts = new Map(containers.map((one) => [one, memoryParts(one.value, aliases)]));
  const checked = new Set<string>();
  for (const written of containers) {
    const own = parts.get(written) ?? [];
    if (!own.some(({ isWritten }) => isWritten)) continue;
    checkFields(block, name, written, own);
    for (const other of containers) {
      const pair = [written.name, other.name].sort().join(" ");
      if (other === written || checked.has(pair)) continue;
      const tests = sharingTests(own, parts.get(other) ?? []);
      if (tests.length === 0) continue;
      checked.add(pair);
      const message = `${name}: ${written.name} and ${other.name} must not share memory`;
      for (const test of tests) throwIf(block, test, [written.value, other.value], message);
    }
  }
}

/** The same of two fields of one argument; views of one buffer often lie beside one another there. */
function checkFields(
  block: Block,
  name: string,
  { name: argument, value }: Parameter,
  parts: readonly MemoryPart[],
): void {
  const direct = parts.filter(({ isBelow }) => !isBelow);
  direct.forEach((one, k) => {
    for (const other of direct.slice(k + 1)) {
      const isSeen = one.isWritten || other.isWritten;
      const isKnown = one.memory === other.memory || (one.isOptional && other.isOptional);
      if (!isSeen || isKnown || !mayShare(one.type, other.type)) continue;
      const message = `${name}: ${argument}${one.path} and ${argument}${other.path} must not share memory`;
      throwIf(block, `$0${one.path} === $0${other.path}`, [value], message);
    }
  });
}

/** What tells whether two arguments share a part that is written: under its path in both, or by looking below. */
function sharingTests(own: readonly MemoryPart[], others: readonly MemoryPart[]): readonly string[] {
  const tests = new Set<string>();
  const below = new Set<string>();
  for (const one of own) {
    for (const other of others) {
      if (!(one.isWritten || other.isWritten) || !mayShare(one.type, other.type)) continue;
      const [left, right] = [`$0${one.path}`, `$1${other.path}`];
      if (one.isBelow || other.isBelow || (one.isOptional && other.isOptional))
        below.add(`$sharesMemory(${left}, ${right})`);
      else if (haveBuffers(one.type, other.type)) tests.add(`${left}${bufferOf(one)} === ${right}${bufferOf(other)}`);
      else tests.add(`${left} === ${right}`);
    }
  }
  return [...(tests.size === 0 ? [] : [[...tests].join(" || ")]), ...below];
}

/** Throws where a shadow that was handed in is shorter or longer than its array. */
export function checkShadow(block: Block, name: string, param: Parameter, shadow: Value): void {
  if (param.value.type.kind !== "array" || isDictionary(param.value.type)) return;
  throwIf(
    block,
    "$0.length !== $1.length",
    [shadow, param.value],
    `${name}: the shadow of ${param.name} must have its length`,
  );
}

/** Throws where arrays or objects that are written, one for each direction, share memory. */
export function checkApart(block: Block, name: string, of: string, lanes: readonly Value[]): void {
  const isBuffer = lanes.every(({ type }) => type.kind === "array" && !isPlainArray(type));
  const memory = lanes.map((_, k) => (isBuffer ? `$${k}.buffer` : `$${k}`));
  const test = `new Set([${memory.join(", ")}]).size < ${lanes.length}`;
  throwIf(block, test, lanes, `${name}: the directions of ${of} must not share memory`);
}

function throwIf(block: Block, test: string, operands: readonly Value[], message: string): void {
  const condition: Value = { type: booleanType, origin: inventedOrigin };
  block.append({
    kind: "opaque",
    results: [condition],
    template: test,
    operands,
    effects: { reads: false, writes: false, observable: false },
  });
  const thrown = block.inner();
  const error: Value = { type: { kind: "opaque", text: "Error" }, origin: inventedOrigin };
  const effects = { reads: false, writes: false, observable: false };
  thrown.append({
    kind: "opaque",
    results: [error],
    template: `new Error(${JSON.stringify(message)})`,
    operands: [],
    effects,
  });
  block.if(condition, thrown.region([], { kind: "throw", value: error }), block.inner().yield([], []), []);
}

const bufferOf = ({ isOptional }: MemoryPart): string => (isOptional ? "?.buffer" : ".buffer");

const haveBuffers = (...types: readonly Type[]): boolean =>
  types.every((type) => type.kind === "array" && !isPlainArray(type));

const isPlainArray = (type: Type): boolean =>
  type.kind === "array" && (type.storage === "Array" || type.storage === "Dictionary");

/** Could two arrays of these types be one, or two views of one buffer, or two objects one? */
function mayShare(a: Type, b: Type): boolean {
  if (a.kind === "record" && b.kind === "record") return isAssignable(a, b, false) || isAssignable(b, a, false);
  if (a.kind === "tuple" && b.kind === "tuple") return isAssignable(a, b, false);
  if (a.kind !== "array" || b.kind !== "array") return false;
  const [first, second] = [a.storage, b.storage];
  if (first === "Dictionary" || second === "Dictionary") return first === second;
  if (first === "ArrayLike" || second === "ArrayLike") return true;
  return (first === "Array") === (second === "Array") && (first !== "Array" || a.element.kind === b.element.kind);
}
