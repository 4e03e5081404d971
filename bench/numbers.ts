import type { AnyWorkload } from "./workload.js";

/** A deep copy of arguments: numbers, typed arrays, objects and nested arrays. */
export function copyOf<T>(value: T): T {
  return structuredClone(value);
}

/** Arrays and plain objects. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function mapped(value: Readonly<Record<string, unknown>>, change: (v: unknown) => unknown): unknown {
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, change(v)]));
}

/** All numbers in a gradient (a number, an array, an object, nested ones, a tuple of those), in order. */
export function flatten(value: unknown, into: number[] = []): number[] {
  if (typeof value === "number") into.push(value);
  else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    for (const v of value as Float64Array) into.push(v);
  } else if (isObject(value)) for (const v of Object.values(value)) flatten(v, into);
  else throw new Error(`no gradient: ${String(value)}`);
  return into;
}

/** A zero of the shape of `value`. */
export function zerosLike(value: unknown): unknown {
  if (typeof value === "number") return 0;
  if (value instanceof Float64Array) return new Float64Array(value.length);
  if (Array.isArray(value)) return value.map(zerosLike);
  if (isObject(value)) return mapped(value, zerosLike);
  throw new Error(`no shadow for ${String(value)}`);
}

/** Largest difference, relative to the largest entry of either. */
export function difference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity;
  let scale = 1e-300;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    scale = Math.max(scale, Math.abs(a[i]), Math.abs(b[i]));
    const d = Math.abs(a[i] - b[i]);
    if (!(d <= largest)) largest = d; // NaN counts as a difference
  }
  return largest / scale;
}

/** Calls a derivative as its mode wants it, and gives back all of its numbers. */
export function evaluate(
  workload: AnyWorkload,
  derivative: (...args: unknown[]) => unknown,
  args: unknown[],
): number[] {
  const copies = copyOf(args);
  if (workload.mode === "gradient") return flatten(derivative(...copies));
  const { call, shadows } = bindReverse(workload, derivative, copies);
  call();
  return flatten(shadows);
}

/** A parameterless call of a derivative on its own copy of the arguments. */
export function bind(
  workload: AnyWorkload,
  derivative: (...args: unknown[]) => unknown,
  args: unknown[],
): () => unknown {
  const own = copyOf(args);
  return workload.mode === "reverse" ? bindReverse(workload, derivative, own).call : () => derivative(...own);
}

/** A parameterless call in mode "reverse": refills the seeds, calls, and leaves the sums in the shadows. */
export function bindReverse(
  workload: AnyWorkload,
  derivative: (...args: unknown[]) => unknown,
  args: unknown[],
): { call: () => unknown; shadows: unknown[] } {
  const interleaved: unknown[] = [];
  const shadows: unknown[] = [];
  const seeds: Float64Array[] = [];
  args.forEach((arg, position) => {
    interleaved.push(arg);
    if (!workload.differentiable.includes(position)) return;
    const shadow = zerosLike(arg);
    interleaved.push(shadow);
    shadows.push(shadow);
    if (workload.results?.includes(position) && shadow instanceof Float64Array) seeds.push(shadow);
  });
  const call = (): unknown => {
    for (const seed of seeds) for (let i = 0; i < seed.length; i++) seed[i] = seedAt(i);
    derivative(...interleaved);
    return shadows;
  };
  return { call, shadows };
}

/** The seed of element `i` of a result. */
export function seedAt(i: number): number {
  return 1 / (1 + (i % 7));
}

/** Central differences of the primal (of its seeded results in mode "reverse"), in the order of `evaluate`. */
export function differences(workload: AnyWorkload, args: unknown[]): number[] {
  const value = (changed: unknown[]): number => {
    const result = workload.primal(...changed);
    if (typeof result === "number") return result;
    let sum = 0;
    for (const position of workload.results ?? []) flatten(changed[position]).forEach((v, i) => (sum += v * seedAt(i)));
    return sum;
  };
  const step = workload.step ?? 1e-5;
  const gradient: number[] = [];
  for (const position of workload.differentiable) {
    const count = flatten(args[position]).length;
    for (let i = 0; i < count; i++) {
      const at = (delta: number): number =>
        value(args.map((a, p) => (p === position ? moved(a, i, delta) : copyOf(a))));
      // Fourth order, so that the step may be large enough for rounding errors not to matter.
      gradient.push((8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step));
    }
  }
  return gradient;
}

/** A copy of `value` whose number with the flat index `index` is changed by `delta`. */
function moved(value: unknown, index: number, delta: number): unknown {
  let at = 0;
  const copy = (v: unknown): unknown => {
    if (typeof v === "number") return at++ === index ? v + delta : v;
    if (v instanceof Float64Array) return v.map((x) => (at++ === index ? x + delta : x));
    if (Array.isArray(v)) return v.map(copy);
    if (isObject(v)) return mapped(v, copy);
    throw new Error(`cannot move ${String(v)}`);
  };
  return copy(value);
}
