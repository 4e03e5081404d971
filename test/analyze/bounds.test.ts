import { expect, test } from "vitest";
import { analyzeAliases } from "../../transformer/analyze/aliases.js";
import { analyzeBounds } from "../../transformer/analyze/bounds.js";
import { buildRegionTree } from "../../transformer/analyze/region-tree.js";
import { Compilation } from "../../transformer/compilation.js";
import { parse } from "../../transformer/ir/parse.js";
import { walk } from "../../transformer/ir/traverse.js";

/** Where the only store of a function may be. */
function placeOfStore(body: string): string {
  const fn =
    parse(`function f(a: Float64Array duplicated, b: Float64Array duplicated, x: number active, n: integer const, m: integer const, k: integer const, r: number const, ks: Int32Array const) -> void {
    zero = constant 0
    one = constant 1
    no = constant false
    ${body}
    return
  }`);
  const bounds = analyzeBounds(buildRegionTree(fn), analyzeAliases(fn, new Compilation()));
  const found: string[] = [];
  walk(fn.body, (op) => {
    if (op.kind !== "store") return;
    const { notBeforeStart, notBehindEnd } = bounds.placeOf(op);
    found.push(
      notBeforeStart ? (notBehindEnd ? "inside" : "maybe behind") : notBehindEnd ? "maybe before" : "anywhere",
    );
  });
  return found.join(", ");
}

const loop = (counter: string, range: string, body: string): string =>
  `c${counter}, s${counter} = loop ${counter} from ${range.includes("step") ? range : `${range} step 1`} {\n${body}\nyield no\n}\n`;
const store = (index: string, array = "h"): string => `store ${array}[${index}] x\n`;
const made = (length: string): string => `h: Float64Array = allocate zeros ${length}\n`;

test.each([
  ["up to its length", `l = length a\n${loop("i", "zero to l", store("i", "a"))}`, "inside"],
  ["up to another's length", `l = length b\n${loop("i", "zero to l", store("i", "a"))}`, "maybe behind"],
  ["up to the length it was made with", made("n") + loop("i", "zero to n", store("i")), "inside"],
  ["up to and including it", made("n") + loop("i", "zero to n step 1 inclusive", store("i")), "maybe behind"],
  [
    "down from behind it",
    `${made("n")}l = sub n one\n${loop("i", "l to zero step -1 inclusive", store("i"))}`,
    "inside",
  ],
  ["one before", made("n") + loop("i", "zero to n", `j: integer = sub i one\n${store("j")}`), "maybe before"],
  ["one before, from 1", made("n") + loop("i", "one to n", `j: integer = sub i one\n${store("j")}`), "inside"],
  [
    "a matrix by rows",
    `t = mul n m\n${made("t")}${loop("i", "zero to n", loop("j", "zero to m", `p: integer = mul i m\nq: integer = add p j\n${store("q")}`))}`,
    "inside",
  ],
  [
    "a lower triangle",
    `t = mul n n\n${made("t")}${loop("i", "zero to n", loop("j", "zero to i step 1 inclusive", `p: integer = mul i n\nq: integer = add p j\n${store("q")}`))}`,
    "inside",
  ],
  [
    "rows of another length",
    `t = mul n m\n${made("t")}${loop("i", "zero to n", loop("j", "zero to m", `p: integer = mul i n\nq: integer = add p j\n${store("q")}`))}`,
    "maybe behind",
  ],
  [
    "from the other end",
    `${made("n")}l = sub n one\n${loop("i", "zero to n", `j: integer = sub l i\n${store("j")}`)}`,
    "inside",
  ],
  ["an index that was read", `${made("n")}j = load ks[k]\n${store("j")}`, "anywhere"],
  [
    "an index that was read and compared",
    `${made("n")}j = load ks[k]\np = ge j zero\nq = lt j n\nt = and p q\nif t {\n${store("j")}yield\n} else {\nyield\n}`,
    "inside",
  ],
  [
    "what may be NaN",
    `${made("n")}j = floor r\np = lt j zero\nq = ge j n\nt = or p q\nif t {\nyield\n} else {\n${store("j")}yield\n}`,
    "anywhere",
  ],
  [
    "lengths that a check has compared",
    `l = length a\nw = length b\nd = ne l w\nif d {\ne: opaque"Error" = opaque "new Error()"\nthrow e\n} else {\nyield\n}\n${loop("i", "zero to w", store("i", "a"))}`,
    "inside",
  ],
  ["no integer", `${made("n")}two = constant 2\n${loop("i", "zero to n", `j = div i two\n${store("j")}`)}`, "anywhere"],
])("%s", (_, body, expected) => {
  expect(placeOfStore(body)).toBe(expected);
});
