import type { Gradient } from "./signatures.js";

/**
 * A zero shadow: the same containers and lengths, every number 0, and what carries no derivative left out. Sharing and
 * cycles inside the value are kept: an object met twice has one shadow. `without` names fields that
 * are left out although they hold numbers, because they are declared `int`.
 */
export function zerosLike<T>(value: T, ...without: readonly string[]): Gradient<T>;
export function zerosLike(value: unknown, ...without: readonly string[]): unknown {
  return shadowOf(value, { known: new Map(), without, open: Object.prototype });
}

/** What one call of {@link zerosLike} has met. */
interface Met {
  readonly known: Map<object, unknown>;
  readonly without: readonly string[];
  /** The last prototype whose objects were found to hold fields of ours. */
  open: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

function shadowOf(value: unknown, met: Met): unknown {
  if (typeof value === "number") return 0;
  if (value === null) return null;
  if (typeof value !== "object") return undefined;
  const { known, without } = met;
  const made = known.get(value);
  if (made !== undefined) return made;
  if (Array.isArray(value)) {
    // a row of numbers is made where only such rows are made: the engine then keeps its numbers unboxed
    if (isRow(value)) return remember(value, zeros(value.length), known);
    const shadow: unknown[] = remember(value, new Array<unknown>(value.length), known);
    for (let i = 0; i < value.length; i++) shadow[i] = shadowOf(value[i], met);
    return shadow;
  }
  const prototype: unknown = Reflect.getPrototypeOf(value);
  if (prototype !== met.open) {
    if (value instanceof Float64Array) return remember(value, new Float64Array(value.length), known);
    if (value instanceof Float32Array) return remember(value, new Float32Array(value.length), known);
    if (isClosed(value)) return undefined;
    met.open = prototype;
  }
  const fields = value as Fields;
  const shadow: Record<string, unknown> = remember(value, {}, known);
  for (const name in fields) {
    if (prototype !== Object.prototype && !Object.hasOwn(fields, name)) continue;
    if (without.length > 0 && without.includes(name)) continue;
    const field = fields[name];
    const part = typeof field === "number" ? 0 : shadowOf(field, met);
    if (part !== undefined) shadow[name] = part;
  }
  return shadow;
}

/** Short rows are filled by hand: `fill` takes longer to begin than to fill them. */
function zeros(length: number): number[] {
  const row = new Array<number>(length);
  if (length > 32) return row.fill(0);
  for (let i = 0; i < length; i++) row[i] = 0;
  return row;
}

function isRow(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== "number") return false;
  return true;
}

/** A copy of a value and of all that it leads to; what it shares, and the classes of instances, are kept. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  return copied(value, new Map());
}

function copied(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (known.has(value)) return known.get(value);
  if (isTyped(value)) return remember(value, value.slice(), known);
  if (value instanceof Map) {
    const copy = remember(value, new Map<unknown, unknown>(), known);
    for (const [key, part] of value) copy.set(key, copied(part, known));
    return copy;
  }
  if (value instanceof Set) return remember(value, new Set<unknown>(value), known);
  if (isClosed(value)) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = remember(value, value.slice(), known);
    copy.forEach((part, i) => {
      if (typeof part === "object") copy[i] = copied(part, known);
    });
    return copy;
  }
  const copy = remember(value, Object.create(Reflect.getPrototypeOf(value)) as object, known);
  for (const [key, part] of Object.entries(value)) Reflect.set(copy, key, copied(part, known));
  return copy;
}

const isTyped = (value: object): value is Float64Array => ArrayBuffer.isView(value) && !(value instanceof DataView);

const isNumber = (value: unknown): boolean => typeof value === "number";

function remember<S>(value: object, shadow: S, known: Map<object, unknown>): S {
  known.set(value, shadow);
  return shadow;
}

/** Objects that hold no numbers of ours. */
function isClosed(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Date ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof RegExp ||
    value instanceof Promise ||
    value instanceof Error
  );
}

/** Do two values lead to one object or array, or to views of one buffer? */
export function sharesMemory(a: unknown, b: unknown): boolean {
  const found = new Set<object>();
  collectMemory(a, found);
  return meetsMemory(b, found, new Set());
}

function collectMemory(value: unknown, found: Set<object>): void {
  const memory = memoryOf(value);
  if (memory === null || found.has(memory)) return;
  found.add(memory);
  for (const part of partsOf(memory)) collectMemory(part, found);
}

function meetsMemory(value: unknown, found: ReadonlySet<object>, seen: Set<object>): boolean {
  const memory = memoryOf(value);
  if (memory === null || seen.has(memory)) return false;
  seen.add(memory);
  return found.has(memory) || partsOf(memory).some((part) => meetsMemory(part, found, seen));
}

/** What two references have in common where they are views of one buffer: the buffer. */
function memoryOf(value: unknown): object | null {
  if (typeof value !== "object" || value === null) return null;
  return ArrayBuffer.isView(value) ? value.buffer : isClosed(value) ? null : value;
}

function partsOf(memory: object): readonly unknown[] {
  if (!Array.isArray(memory)) return Object.values(memory);
  return typeof memory[0] === "number" && memory.every(isNumber) ? [] : memory;
}
