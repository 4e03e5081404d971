/** What the language brings along, by its path: `Math`, `Array.prototype.map`. */
import { makeObject, type Machine } from "./machine.js";
import type { LoadedObject } from "./values.js";

/** Looked at, but never run: which members there are, and the numbers and texts among them. */
const roots: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["Math", Math],
  ["Object", Object],
  ["Array", Array],
  ["Number", Number],
  ["String", String],
  ["Boolean", Boolean],
  ["Function", Function],
  ["Symbol", Symbol],
  ["Date", Date],
  ["RegExp", RegExp],
  ["JSON", JSON],
  ["Reflect", Reflect],
  ["Map", Map],
  ["Set", Set],
  ["WeakMap", WeakMap],
  ["WeakSet", WeakSet],
  ["Promise", Promise],
  ["Proxy", Proxy],
  ["ArrayBuffer", ArrayBuffer],
  ["DataView", DataView],
  ["Error", Error],
  ["TypeError", TypeError],
  ["RangeError", RangeError],
  ["SyntaxError", SyntaxError],
  ["ReferenceError", ReferenceError],
  ["Float64Array", Float64Array],
  ["Float32Array", Float32Array],
  ["Int8Array", Int8Array],
  ["Uint8Array", Uint8Array],
  ["Uint8ClampedArray", Uint8ClampedArray],
  ["Int16Array", Int16Array],
  ["Uint16Array", Uint16Array],
  ["Int32Array", Int32Array],
  ["Uint32Array", Uint32Array],
  ["isNaN", isNaN],
  ["isFinite", isFinite],
  ["parseFloat", parseFloat],
  ["parseInt", parseInt],
]);

export const isBuiltinName = (name: string): boolean => roots.has(name);

/** What the engine has at a path; undefined: nothing, or nothing that can be told apart from it. */
export function intrinsicAt(path: string): unknown {
  const [first = "", ...rest] = path.split(".");
  let at: unknown = roots.get(first);
  for (const key of rest) {
    if ((typeof at !== "object" && typeof at !== "function") || at === null) return undefined;
    // Typed arrays share what they have.
    const shared: unknown = isTypedArrayName(first) ? Object.getPrototypeOf(at) : null;
    const own = Object.getOwnPropertyDescriptor(at, key);
    const descriptor = own ?? (typeof shared === "function" ? Object.getOwnPropertyDescriptor(shared, key) : undefined);
    if (descriptor === undefined || !("value" in descriptor)) return undefined;
    at = descriptor.value;
  }
  return at;
}

/** The object of the language at a path. */
export function builtin(machine: Machine, path: string): LoadedObject {
  const known = machine.builtins.get(path);
  if (known !== undefined) return known;
  const isRoot = path === "Object.prototype";
  const isFunction = typeof intrinsicAt(path) === "function" && path !== "Function.prototype";
  const above = isRoot ? null : isFunction ? "Function.prototype" : "Object.prototype";
  const made = makeObject(machine, null, {
    run: { kind: "native", path },
    prototype: above === null ? null : builtin(machine, above),
  });
  machine.builtins.set(path, made);
  return made;
}

/** What an environment keeps its globals in: nobody knows what else is in it. */
export function globals(machine: Machine): LoadedObject {
  const known = machine.builtins.get("globalThis");
  if (known !== undefined) return known;
  const made = makeObject(machine, null, { prototype: makeObject(machine, null, { isOpen: true }) });
  machine.builtins.set("globalThis", made);
  return made;
}

export const isGlobalName = (name: string): boolean => ["window", "self", "global", "globalThis"].includes(name);

export const isTypedArrayName = (name: string): boolean => /^(Float|Int|Uint)\d+(Clamped)?Array$/.test(name);
