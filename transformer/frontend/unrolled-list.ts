/**
 * Methods of lists of which the elements are known, where each is a thing of its own: the callback is written once for
 * each of them.
 *
 *   ["lat", "latitude"].find((key) => key in point)   =>   "lat" in point ? "lat" : "latitude" in point ? "latitude" : undefined
 */
import type { Value } from "../ir/ir.js";
import { originOf, refused, type Callable, type Cursor } from "./environment.js";
import { listOf } from "./given-list.js";
import { run, type ArrayCall } from "./lower-array-method.js";
import { lowerEquality } from "./lower-operator.js";
import { truthy } from "./lower-condition.js";
import { choose } from "./lower-expression.js";
import type { PartAt } from "./tuple-parts.js";

/** The answer of a method, null where it has none; undefined: it is not written out. */
export function unrolledMethod(call: ArrayCall, name: string, parts: readonly PartAt[]): Value | null | undefined {
  const { cursor, node } = call;
  const [first] = call.args;
  const fn = first?.kind === "function" ? first.callable : null;
  const constant = (value: boolean): Value => cursor.block.constant(value, originOf(node));
  if (name === "includes" && first?.kind === "value" && call.args.length === 1) {
    return anyOf(cursor, parts, node, (at, part) => lowerEquality(at, part, first.value, false, node));
  }
  if (name === "indexOf" && first?.kind === "value" && call.args.length === 1) {
    return positionOf(cursor, parts, node, (at, part) => lowerEquality(at, part, first.value, false, node));
  }
  if (fn === null) return undefined;
  switch (name) {
    case "forEach":
      parts.forEach((part, k) => void runOn(call, cursor, fn, part(cursor), k));
      return null;
    case "map":
      return listOf(
        cursor,
        parts.map(
          (part, k) => runOn(call, cursor, fn, part(cursor), k) ?? cursor.block.constant(undefined, originOf(node)),
        ),
        node,
      );
    case "reduce":
      return reduced(call, fn, parts, (k) => k);
    case "reduceRight":
      return reduced(call, fn, parts.toReversed(), (k) => parts.length - 1 - k);
    case "some":
      return anyOf(cursor, parts, node, (at, part, k) => testOn(call, at, fn, part, k));
    case "every": {
      const from = (at: Cursor, k: number): Value => {
        const part = parts[k];
        if (part === undefined) return constant(true);
        return choose(
          at,
          testOn(call, at, fn, part(at), k),
          (here) => from(here, k + 1),
          () => constant(false),
          node,
          null,
        );
      };
      return from(cursor, 0);
    }
    case "find": {
      const from = (at: Cursor, k: number): Value => {
        const part = parts[k];
        if (part === undefined) return at.block.constant(undefined, originOf(node));
        const value = part(at);
        return choose(
          at,
          testOn(call, at, fn, value, k),
          () => value,
          (here) => from(here, k + 1),
          node,
          null,
        );
      };
      return from(cursor, 0);
    }
    case "filter":
      return filtered(call, fn, parts);
    default:
      return undefined;
  }
}

const runOn = (call: ArrayCall, at: Cursor, fn: Callable, part: Value, k: number): Value | null =>
  run(call, at, fn, [part, at.block.constant(k), call.array]);

const testOn = (call: ArrayCall, at: Cursor, fn: Callable, part: Value, k: number): Value =>
  truthy(at, runOn(call, at, fn, part, k) ?? at.block.constant(undefined), call.node);

function anyOf(
  cursor: Cursor,
  parts: readonly PartAt[],
  node: ArrayCall["node"],
  test: (at: Cursor, part: Value, k: number) => Value,
): Value {
  const from = (at: Cursor, k: number): Value => {
    const part = parts[k];
    if (part === undefined) return at.block.constant(false, originOf(node));
    return choose(
      at,
      test(at, part(at), k),
      (here) => here.block.constant(true, originOf(node)),
      (here) => from(here, k + 1),
      node,
      null,
    );
  };
  return from(cursor, 0);
}

function positionOf(
  cursor: Cursor,
  parts: readonly PartAt[],
  node: ArrayCall["node"],
  test: (at: Cursor, part: Value) => Value,
): Value {
  const from = (at: Cursor, k: number): Value => {
    const part = parts[k];
    if (part === undefined) return at.block.constant(-1, originOf(node));
    return choose(
      at,
      test(at, part(at)),
      (here) => here.block.constant(k, originOf(node)),
      (here) => from(here, k + 1),
      node,
      null,
    );
  };
  return from(cursor, 0);
}

/** `parts` in the order in which they are taken; `placeOf`: where the k-th of them stands in the list. */
function reduced(
  call: ArrayCall,
  fn: Callable,
  parts: readonly PartAt[],
  placeOf: (k: number) => number,
): Value | null | undefined {
  const { cursor, node } = call;
  const second = call.args[1];
  let answer: Value | null = second?.kind === "value" ? second.value : (parts[0]?.(cursor) ?? null);
  const start = second === undefined ? 1 : 0;
  if (answer === null || (second !== undefined && second.kind !== "value")) return undefined;
  parts.slice(start).forEach((part, k) => {
    const before = answer ?? cursor.block.constant(undefined, originOf(node));
    answer = run(call, cursor, fn, [before, part(cursor), cursor.block.constant(placeOf(start + k)), call.array]);
  });
  return answer;
}

function filtered(call: ArrayCall, fn: Callable, parts: readonly PartAt[]): Value {
  const { cursor, node } = call;
  const kept = parts.flatMap((part, k) => {
    const value = part(cursor);
    const test = cursor.block.literalOf(testOn(call, cursor, fn, value, k));
    if (typeof test !== "boolean") refused(cursor, node, "EZ2014", { name: "filter", type: "a list of unlike things" });
    return test === true ? [value] : [];
  });
  return listOf(cursor, kept, node);
}
