import { expect, test } from "vitest";
import { analyzeAliases, type Aliases } from "../../transformer/analyze/aliases.js";
import { Compilation } from "../../transformer/compilation.js";
import type { IRFunction, Location, Op, Value } from "../../transformer/ir/ir.js";
import { parseFunctions } from "../../transformer/ir/parse.js";
import { walk } from "../../transformer/ir/traverse.js";

interface Analysed {
  readonly fn: IRFunction;
  readonly aliases: Aliases;
  readonly value: (name: string) => Value;
  readonly ops: readonly Op[];
  /** The locations of loads, stores and additions, in program order. */
  readonly at: readonly Location[];
}

/** The last function of the text, and its classes; a value is found by its name. */
function analyse(text: string): Analysed {
  const compilation = new Compilation();
  let fn: IRFunction | null = null;
  for (const [name, one] of parseFunctions(text)) {
    compilation.functions.set(name, one);
    fn = one;
  }
  if (fn === null) throw new Error("no function");
  const named = new Map<string, Value>();
  for (const { name, value } of fn.params) named.set(name, value);
  const ops: Op[] = [];
  walk(fn.body, (op) => {
    ops.push(op);
    for (const result of op.results)
      if (result.origin.variable !== null) named.set(result.origin.variable.name, result);
  });
  const at = ops.flatMap((op) =>
    op.kind === "load" || op.kind === "store" || op.kind === "accumulate" ? [op.at] : [],
  );
  const value = (name: string): Value => {
    const found = named.get(name);
    if (found === undefined) throw new Error(`no value ${name}`);
    return found;
  };
  return { fn, aliases: analyzeAliases(fn, compilation), value, ops, at };
}

test("parameters and allocations are classes of their own; what a branch chooses is one class", () => {
  const { aliases, value } =
    analyse(`function f(a: Float64Array duplicated, b: Float64Array duplicated, c: boolean const) -> void {
    l: Float64Array = allocate zeros 3
    m: Float64Array = allocate zeros 3
    chosen = if c {
      yield l
    } else {
      yield a
    }
    store chosen[0] 1
    return
  }`);
  expect(aliases.classOf(value("l"))).toBe(aliases.classOf(value("a")));
  expect(aliases.classOf(value("l"))).not.toBe(aliases.classOf(value("b")));
  expect(aliases.classOf(value("chosen")).written).toBe(true);
  expect(aliases.classOf(value("l")).parameter).toBe(0);
  expect(aliases.classOf(value("m")).escapes).toBe(false);
  expect(aliases.classOf(value("b")).written).toBe(false);
});

test("rows of one matrix may be each other, rows of another may not", () => {
  const { aliases, value, at } =
    analyse(`function f(m: array<Float64Array> duplicated, k: array<Float64Array> duplicated, i: integer const, j: integer const) -> void {
    r = load m[i]
    s = load m[j]
    t = load k[i]
    store r[i] 1
    store s[i] 1
    store t[i] 1
    return
  }`);
  expect(aliases.classOf(value("r"))).toBe(aliases.classOf(value("s")));
  expect(aliases.classOf(value("r")).parameter).toBe(0);
  const [, , , inR, inS, inT] = at;
  if (inR === undefined || inS === undefined || inT === undefined) throw new Error("no location");
  expect(aliases.mayOverlap(inR, inS)).toBe(true);
  expect(aliases.mustEqual(inR, inS)).toBe(false);
  expect(aliases.mayOverlap(inR, inT)).toBe(false);
  expect(aliases.contentOf(aliases.classOf(value("m")), "element")).toBe(aliases.classOf(value("r")));
});

test("a[i] and a[i + 1] are different cells at one time, but not in different iterations", () => {
  const { aliases, at } = analyse(`function f(a: Float64Array duplicated, i: integer const) -> void {
    j = add i 1
    k = sub j 1
    store a[i] 1
    store a[j] 1
    store a[k] 1
    store a[0] 1
    store a[1] 1
    return
  }`);
  const [i, j, k, zero, one] = at;
  if (i === undefined || j === undefined || k === undefined || zero === undefined || one === undefined)
    throw new Error();
  expect(aliases.mayOverlap(i, j)).toBe(false);
  expect(aliases.mayEverOverlap(i, j)).toBe(true);
  expect(aliases.mustEqual(i, k)).toBe(true);
  expect(aliases.mayOverlap(i, zero)).toBe(true);
  expect(aliases.mayEverOverlap(zero, one)).toBe(false);
});

test("fields are cells of their own, and arrays that they hold are classes of their own", () => {
  const { aliases, value, at } =
    analyse(`function f(p: record P {x: number, v: Float64Array, w: Float64Array} duplicated, q: Float64Array duplicated) -> void {
    store p.x 1
    v = load p.v
    w = load p.w
    store v[0] 1
    store p.w q
    return
  }`);
  expect(aliases.classOf(value("v"))).not.toBe(aliases.classOf(value("w")));
  expect(aliases.classOf(value("w"))).toBe(aliases.classOf(value("q")));
  expect(aliases.classOf(value("q")).parameter).toBeNull();
  expect(aliases.classOf(value("p")).isWritten("x")).toBe(true);
  expect(aliases.classOf(value("p")).isWritten("v")).toBe(false);
  const [x, v] = at;
  if (x === undefined || v === undefined) throw new Error("no location");
  expect(aliases.mayOverlap(x, v)).toBe(false);
});

test("callees are summarised: what they write, and what they give back", () => {
  const { aliases, value, ops } =
    analyse(`function g(a: Float64Array duplicated, b: Float64Array duplicated) -> Float64Array {
    v = load a[0]
    store b[0] v
    return a
  }
  function f(x: Float64Array duplicated, n: integer const) -> void {
    l: Float64Array = allocate zeros n
    m: Float64Array = allocate zeros n
    r = call g l m
    s = call g x l
    return
  }`);
  expect(aliases.classOf(value("r"))).toBe(aliases.classOf(value("l")));
  expect(aliases.classOf(value("s"))).toBe(aliases.classOf(value("x")));
  expect(aliases.classOf(value("m")).written).toBe(true);
  expect(aliases.classOf(value("x")).written).toBe(false);
  const calls = ops.flatMap((op) => (op.kind === "call" ? [aliases.effectsOfCall(op)] : []));
  expect(calls.map(({ observable, writes }) => [observable, writes.length])).toEqual([
    [false, 1],
    [false, 1],
  ]);
  expect(calls[1]?.writes[0]?.memory).toBe(aliases.classOf(value("l")));
});

test("recursion, mutual recursion and unknown callees are taken for the worst", () => {
  const self = analyse(`function f(a: Float64Array duplicated, n: integer const) -> void {
    store a[n] 1
    m = sub n 1
    b: Float64Array = allocate zeros n
    call f b m
    return
  }`);
  expect(self.aliases.classOf(self.value("b"))).toBe(self.aliases.classOf(self.value("a")));
  const unknown = analyse(`function f(a: Float64Array duplicated, b: Float64Array duplicated) -> void {
    r: Float64Array = call somewhere a
    return
  }`);
  expect(unknown.aliases.classOf(unknown.value("a")).written).toBe(true);
  expect(unknown.aliases.classOf(unknown.value("r"))).toBe(unknown.aliases.classOf(unknown.value("a")));
  expect(unknown.aliases.classOf(unknown.value("b")).written).toBe(true);
});

test("buffers that a loop swaps are one class", () => {
  const { aliases, value } = analyse(`function f(x: Float64Array duplicated, n: integer const) -> Float64Array {
    a: Float64Array = allocate zeros n
    b: Float64Array = allocate zeros n
    t0, t1, c, d = loop i from 0 to n step 1 carrying c#1 = a, d#1 = b {
      store c#1[i] 1
      stop = constant false
      yield stop d#1 c#1
    }
    return c
  }`);
  expect(aliases.classOf(value("a"))).toBe(aliases.classOf(value("b")));
  expect(aliases.classOf(value("a")).escapes).toBe(true);
  expect(aliases.classOf(value("a")).parameter).toBeNull();
});
