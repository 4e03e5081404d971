/**
 * Where the differentiable numbers of a value are, by its declared type: what a gradient check moves, seeds and compares.
 */
export type Shape =
  | { readonly kind: "const" }
  | { readonly kind: "number" }
  | { readonly kind: "array"; readonly element: Shape }
  | { readonly kind: "tuple"; readonly elements: readonly Shape[] }
  /** May lead back to itself: lists, trees. */
  | { readonly kind: "record"; readonly fields: Readonly<Record<string, Shape>> }
  /** Under each key that the value has. */
  | { readonly kind: "dictionary"; readonly element: Shape }
  /** Whatever numbers the value itself holds: its declared type does not say which. */
  | { readonly kind: "held" };

export const constShape = { kind: "const" } as const;
export const numberShape: Shape = { kind: "number" };
export const arrayShape = (element: Shape = numberShape): Shape => ({ kind: "array", element });

/** The shape itself, or the one that a value has. */
function shapeFor(value: unknown, shape: Shape): Exclude<Shape, { readonly kind: "held" | "dictionary" }> {
  if (shape.kind === "dictionary") return isContainer(value) ? fieldsAlike(value, shape.element) : constShape;
  if (shape.kind !== "held") return shape;
  if (typeof value === "number") return { kind: "number" };
  if (isTyped(value)) return { kind: "array", element: numberShape };
  if (Array.isArray(value)) return { kind: "array", element: shape };
  return isContainer(value) ? fieldsAlike(value, shape) : constShape;
}

const fieldsAlike = (value: Container, shape: Shape): Shape & { readonly kind: "record" } => ({
  kind: "record",
  fields: Object.fromEntries(Object.keys(value).map((key) => [key, shape])),
});

/** A place that holds one differentiable number. */
export interface Leaf {
  readonly container: Record<PropertyKey, unknown>;
  readonly key: PropertyKey;
  /** How a message calls it. */
  readonly path: string;
}

export type Container = Record<PropertyKey, unknown>;
export const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;
export const isTyped = (value: unknown): value is Float64Array | Float32Array | Int32Array =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

export const readLeaf = (leaf: Leaf): number => Number(leaf.container[leaf.key]);
export const readLeaves = (leaves: readonly Leaf[]): readonly number[] => leaves.map(readLeaf);

/** The differentiable numbers inside `container[key]`; a cell that can be reached twice is listed once. */
export function leavesOf(container: Container, key: PropertyKey, shape: Shape, path: string): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const seen = new Set<unknown>();
  const visit = (holder: Container, at: PropertyKey, declared: Shape, name: string): void => {
    const value = holder[at];
    if (value === undefined || value === null) return;
    const inner = shapeFor(value, declared);
    switch (inner.kind) {
      case "const":
        return;
      case "number":
        leaves.push({ container: holder, key: at, path: name });
        return;
      case "array":
      case "tuple": {
        if (!isContainer(value) || seen.has(value)) return;
        seen.add(value);
        const length = Number(value["length"]);
        for (let k = 0; k < length; k++) {
          visit(value, k, inner.kind === "array" ? inner.element : (inner.elements[k] ?? constShape), `${name}[${k}]`);
        }
        return;
      }
      case "record": {
        if (!isContainer(value) || seen.has(value)) return;
        seen.add(value);
        for (const [field, one] of Object.entries(inner.fields)) {
          if (Object.hasOwn(value, field)) visit(value, field, one, `${name}.${field}`);
        }
      }
    }
  };
  visit(container, key, shape, path);
  return leaves;
}

/** A deep copy that keeps what is shared inside it; functions and other closed values are shared with the original. */
export function deepClone<T>(value: T, made?: Map<unknown, unknown>): T;
export function deepClone(value: unknown, made = new Map<unknown, unknown>()): unknown {
  if (!isContainer(value)) return value;
  const known = made.get(value);
  if (known !== undefined) return known;
  if (isTyped(value)) {
    const copy = value.slice();
    made.set(value, copy);
    return copy;
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    // One of a class that extends Array stays one.
    Object.setPrototypeOf(copy, Object.getPrototypeOf(value) as object);
    made.set(value, copy);
    for (const item of value as readonly unknown[]) copy.push(deepClone(item, made));
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (value instanceof Date || value instanceof Map || value instanceof Set) return value;
  const copy = Object.create(isContainer(prototype) ? prototype : null) as Container;
  made.set(value, copy);
  for (const [name, field] of Object.entries(value)) copy[name] = deepClone(field, made);
  return copy;
}

/** A shadow of a value: the same containers, only what is differentiable, filled by `fill`. */
export function shadowOf(
  value: unknown,
  declared: Shape,
  fill: () => number,
  made = new Map<unknown, unknown>(),
): unknown {
  if (value === undefined || value === null) return value;
  const shape = shapeFor(value, declared);
  if (shape.kind === "const") return undefined;
  if (shape.kind === "number") return fill();
  const known = made.get(value);
  if (known !== undefined) return known;
  if (isTyped(value)) {
    const shadow = value instanceof Float32Array ? new Float32Array(value.length) : new Float64Array(value.length);
    made.set(value, shadow);
    for (let k = 0; k < shadow.length; k++) shadow[k] = fill();
    return shadow;
  }
  if (!isContainer(value)) return undefined;
  if (shape.kind === "record") {
    const shadow: Container = {};
    made.set(value, shadow);
    for (const [name, field] of Object.entries(shape.fields)) {
      const isHeld = Object.hasOwn(value, name) && shapeFor(value[name], field).kind !== "const";
      if (isHeld) shadow[name] = shadowOf(value[name], field, fill, made);
    }
    return shadow;
  }
  const shadow: unknown[] = [];
  made.set(value, shadow);
  for (let k = 0; k < Number(value["length"]); k++) {
    const inner = shape.kind === "array" ? shape.element : (shape.elements[k] ?? constShape);
    shadow.push(shadowOf(value[k], inner, fill, made));
  }
  return shadow;
}

/** Equal to the last bit, containers of the same class included; the path of the first difference, or null. */
export function difference(a: unknown, b: unknown, path: string, seen = new Map<unknown, unknown>()): string | null {
  if (Object.is(a, b)) return null;
  if (!isContainer(a) || !isContainer(b)) return `${path}: ${show(a)} and ${show(b)}`;
  if (seen.get(a) === b) return null;
  seen.set(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path}: containers of different classes`;
  if (a instanceof Date || a instanceof Map || a instanceof Set) return `${path}: different objects`;
  if (a instanceof Error && b instanceof Error)
    return a.message === b.message ? null : `${path}: ${a.message} and ${b.message}`;
  const keys = Object.keys(a);
  const others = Object.keys(b);
  if (keys.length !== others.length) return `${path}: ${keys.length} and ${others.length} elements or fields`;
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return `${path}.${key} is missing`;
    const inner = difference(a[key], b[key], `${path}.${key}`, seen);
    if (inner !== null) return inner;
  }
  return null;
}

function show(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
