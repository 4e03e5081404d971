/**
 * Copies of the memory that belongs to a loop's state: what a snapshot holds of arrays and objects, how it is brought
 * back, and how much it takes.
 */
import { type Block, element, field, makeValue } from "../ir/build.js";
import { integerType, inventedOrigin, type Origin, type RecordType, type Type, type Value } from "../ir/ir.js";

/** What is copied of an array or object, and what is not. */
export type Shape =
  | { readonly kind: "numbers"; readonly type: Type; readonly changesLength: boolean }
  | { readonly kind: "rows"; readonly type: Type; readonly of: Shape }
  | { readonly kind: "parts"; readonly type: RecordType; readonly parts: readonly Part[] };
export interface Part {
  readonly key: string | number;
  readonly name: string;
  /** null: a number, or something else that is copied as it is. */
  readonly shape: Shape | null;
}

/** The type of a copy of such memory. */
export const copyType = (shape: Shape): Type =>
  shape.kind === "rows" ? { kind: "array", element: copyType(shape.of), storage: "Array" } : shape.type;

/** Appends a copy of memory as it is now. */
export function copyMemory(block: Block, source: Value, shape: Shape, origin: Origin = inventedOrigin): Value {
  switch (shape.kind) {
    case "numbers":
      return block.allocate(
        shape.type,
        { kind: "copy", source, from: block.constant(0), to: block.length(source), snapshot: true },
        origin,
      );
    case "rows": {
      const length = block.length(source);
      const rows = block.allocate(copyType(shape), { kind: "zeros", length }, origin);
      overIndices(block, block.constant(0), length, (inner, index) => {
        inner.store(element(rows, index), copyMemory(inner, inner.load(element(source, index)), shape.of));
      });
      return rows;
    }
    case "parts": {
      const parts = shape.parts.map(({ key, shape: of }) => {
        const part = block.load(field(source, key));
        return of === null ? part : copyMemory(block, part, of);
      });
      return block.allocate(shape.type, { kind: "parts", parts }, origin);
    }
  }
}

/** Is some array of a state longer in one step than in another? */
export function changesLength(shape: Shape): boolean {
  switch (shape.kind) {
    case "numbers":
      return shape.changesLength;
    case "rows":
      return changesLength(shape.of);
    case "parts":
      return shape.parts.some(({ shape: part }) => part !== null && changesLength(part));
  }
}

/** Writes a copy back into the memory that it is a copy of. */
export function restoreMemory(block: Block, target: Value, copy: Value, shape: Shape): void {
  switch (shape.kind) {
    case "numbers":
      if (shape.changesLength) shorten(block, target, block.length(copy));
      return overIndices(block, block.constant(0), block.length(copy), (inner, index) =>
        inner.store(element(target, index), inner.load(element(copy, index))),
      );
    case "rows":
      return overIndices(block, block.constant(0), block.length(copy), (inner, index) =>
        restoreMemory(inner, inner.load(element(target, index)), inner.load(element(copy, index)), shape.of),
      );
    case "parts":
      for (const { key, name, shape: of } of shape.parts) {
        const part = block.load(field(copy, name));
        if (of === null) block.store(field(target, key), part);
        else restoreMemory(block, block.load(field(target, key)), part, of);
      }
  }
}

/** Takes from a plain array what was put behind its end. */
function shorten(block: Block, array: Value, length: Value): void {
  const { type } = array;
  if (type.kind === "array")
    overIndices(block, length, block.length(array), (inner) => void inner.pop(array, type.element));
}

function overIndices(block: Block, from: Value, to: Value, body: (inner: Block, index: Value) => void): void {
  const index = makeValue(integerType, { span: null, variable: { name: "j" }, role: "primal" });
  const inner = block.inner();
  body(inner, index);
  const stop = inner.constant(false);
  const range = { from, to, step: 1, inclusive: false };
  block.loop(range, [], inner.yield([index], [stop]), [makeValue(integerType), makeValue(integerType)]);
}

// ---- how much they take -----------------------------------------------------------------

/** So many bytes, and so many more as only a run can tell. */
export interface Bytes {
  readonly fixed: number;
  readonly varying: Value | null;
}

/** About what an engine needs besides the elements of an array, and for the entry of a list that grows. */
const arrayHeader = 200;
export const listEntry = 16;

/** About what an engine needs for an object: a number that may have a fraction is kept in a box. */
export const bytesOfObject = (fields: readonly Type[]): number =>
  fields.reduce((bytes, { kind }) => bytes + (kind === "number" ? 24 : 8), 40);

/** Appends how many bytes a copy of memory would take as it is now. */
export function bytesOfCopy(block: Block, source: Value, shape: Shape): Bytes {
  switch (shape.kind) {
    case "numbers": {
      const elements = block.apply("mul", [block.constant(bytesOfElement(shape.type)), block.length(source)]);
      return { fixed: arrayHeader, varying: elements };
    }
    case "rows": {
      const inner = block.inner();
      const [index, sum, total] = [
        makeValue(integerType),
        makeValue(integerType, named("bytes")),
        makeValue(integerType),
      ];
      const row = bytesOfCopy(inner, inner.load(element(source, index)), shape.of);
      const next = inner.apply("add", [sum, sumOf(inner, { ...row, fixed: row.fixed + listEntry })], sum.origin);
      const range = { from: block.constant(0), to: block.length(source), step: 1, inclusive: false };
      const body = inner.yield([index, sum], [inner.constant(false), next]);
      block.loop(range, [block.constant(0)], body, [makeValue(integerType), makeValue(integerType), total]);
      return { fixed: arrayHeader, varying: total };
    }
    case "parts": {
      const own = { fixed: bytesOfObject(shape.type.fields.map(({ type }) => type)), varying: null };
      const parts = shape.parts.flatMap(({ key, shape: of }) =>
        of === null ? [] : [bytesOfCopy(block, block.load(field(source, key)), of)],
      );
      return addBytes(block, [own, ...parts]);
    }
  }
}

/** The sum of what several copies take. */
export function addBytes(block: Block, all: readonly Bytes[]): Bytes {
  const fixed = all.reduce((sum, one) => sum + one.fixed, 0);
  const [first = null, ...others] = all.flatMap(({ varying }) => varying ?? []);
  const varying = first === null ? null : others.reduce((sum, one) => block.apply("add", [sum, one]), first);
  return { fixed, varying };
}

/** Appends the sum of both. */
export function sumOf(block: Block, { fixed, varying }: Bytes): Value {
  const known = block.constant(fixed);
  return varying === null ? known : block.apply("add", [varying, known]);
}

/** The name of a typed array says how many bits an element has; a plain array keeps numbers of 64. */
function bytesOfElement(type: Type): number {
  const bits = type.kind === "array" ? /\d+/.exec(type.storage) : null;
  return bits === null ? 8 : Number(bits[0]) / 8;
}

const named = (name: string): Origin => ({ span: null, variable: { name }, role: "primal" });
