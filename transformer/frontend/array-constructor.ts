/** Constructors of arrays, by their names or as values: `Float32Array`, `const ARRAY_TYPE = Float32Array`. */
import ts from "typescript";
import type { Storage } from "../ir/ir.js";
import { unwrapped } from "./assigned-symbols.js";
import type { Cursor } from "./environment.js";
import { isGlobal } from "./module-constants.js";
import { nativePath } from "./native-path.js";

const storages: ReadonlyMap<string, Storage> = new Map<string, Storage>(
  (
    [
      "Array",
      "Float64Array",
      "Float32Array",
      "Int8Array",
      "Uint8Array",
      "Uint8ClampedArray",
      "Int16Array",
      "Uint16Array",
      "Int32Array",
      "Uint32Array",
    ] as const
  ).map((name) => [name, name]),
);

export const storageNamed = (name: string): Storage | null => storages.get(name) ?? null;

/** The arrays that `new` of an expression makes; null: none, or it is not known which. */
export function arrayConstructor(cursor: Cursor, node: ts.Expression): Storage | null {
  const at = unwrapped(node);
  if (ts.isIdentifier(at) && isGlobal(cursor.session, at, at.text)) return storages.get(at.text) ?? null;
  const path = nativePath(cursor, at);
  return path === null ? null : (storages.get(path) ?? null);
}
