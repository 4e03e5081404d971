/** Text that is known at build time: what its methods make of it, and how the language calls the kind of a value. */
import type { Literal, Type } from "../ir/ir.js";
import { isText } from "../ir/ir.js";

/** Methods whose answer follows from the text alone, and is the same in every engine. */
const foldable: ReadonlySet<string> = new Set(
  (
    "toLowerCase toUpperCase trim trimStart trimEnd slice substring padStart padEnd repeat concat charAt toString " +
    "startsWith endsWith includes indexOf lastIndexOf charCodeAt"
  ).split(" "),
);

/**
 * What a method of a known text answers; null: that is not known.
 *
 *   "[object Array]".endsWith("Array]")   =>   true
 */
export function foldText(text: string, name: string, args: readonly Literal[]): string | number | boolean | null {
  if (!foldable.has(name)) return null;
  const method: unknown = Reflect.get(String.prototype, name);
  if (typeof method !== "function") return null;
  const answer: unknown = Reflect.apply(method, text, args);
  const isKnown = typeof answer === "string" || typeof answer === "number" || typeof answer === "boolean";
  return isKnown && !(typeof answer === "string" && answer.length > 1000) ? answer : null;
}

/** What `Object.prototype.toString` makes of a value of a type that is there; null: it depends. */
export function tagOf(type: Type): string | null {
  switch (type.kind) {
    case "number":
    case "integer":
      return "[object Number]";
    case "boolean":
      return "[object Boolean]";
    case "array":
      return type.storage === "ArrayLike" ? null : `[object ${type.storage}]`;
    case "tuple":
      return "[object Array]";
    case "record":
      return "[object Object]";
    case "opaque":
      if (isText(type)) return "[object String]";
      if (type.text === "undefined") return "[object Undefined]";
      if (type.text === "null") return "[object Null]";
      return type.text === "function" ? "[object Function]" : null;
    case "optional":
      return tagOf(type.of);
  }
}
