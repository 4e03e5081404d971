import { expect, test } from "vitest";
import { analyzeAliases } from "../../transformer/analyze/aliases.js";
import { minimumCut } from "../../transformer/analyze/minimum-cut.js";
import { analyzePrivateArrays } from "../../transformer/analyze/private-arrays.js";
import { analyzeRanges } from "../../transformer/analyze/ranges.js";
import { buildRegionTree } from "../../transformer/analyze/region-tree.js";
import { analyzeBounds } from "../../transformer/analyze/bounds.js";
import { analyzeStability } from "../../transformer/analyze/stability.js";
import { Compilation } from "../../transformer/compilation.js";
import { parse } from "../../transformer/ir/parse.js";
import { walk } from "../../transformer/ir/traverse.js";
import type { LoadOp, LoopOp } from "../../transformer/ir/ir.js";

test("the minimum cut is the smallest, and nearest to what is needed", () => {
  const users: Readonly<Record<string, readonly string[]>> = { x: ["a", "b"], a: ["c"], b: ["c"], c: ["d"], y: ["d"] };
  const cut = (sources: readonly string[], sinks: readonly string[]): readonly string[] =>
    [...minimumCut({ sources, sinks, usersOf: (node: string) => users[node] ?? [] })].sort();
  expect(cut(["x"], ["a", "b"])).toEqual(["x"]);
  expect(cut(["x"], ["c"])).toEqual(["c"]);
  expect(cut(["x", "y"], ["d"])).toEqual(["d"]);
  expect(cut(["x", "y"], ["c", "y"])).toEqual(["c", "y"]);
  expect(cut(["x"], ["y"])).toEqual([]);
});

function facts(text: string): {
  readonly stable: (replayed?: LoopOp | null) => readonly boolean[];
  readonly loops: readonly LoopOp[];
  readonly isPrivate: (loop: LoopOp, name: string) => boolean;
} {
  const fn = parse(text);
  const compilation = new Compilation();
  const tree = buildRegionTree(fn);
  const aliases = analyzeAliases(fn, compilation);
  const bounds = analyzeBounds(tree, aliases);
  const arrays = analyzePrivateArrays(tree, aliases, bounds);
  const stability = analyzeStability(fn, tree, aliases, arrays, bounds);
  const loads: LoadOp[] = [];
  const loops: LoopOp[] = [];
  walk(fn.body, (op) => {
    if (op.kind === "load") loads.push(op);
    if (op.kind === "loop") loops.push(op);
  });
  const baseNamed = (name: string): LoadOp["at"]["base"] => {
    const found = loads.find(({ at }) => at.base.origin.variable?.name === name);
    if (found === undefined) throw new Error(`no load from ${name}`);
    return found.at.base;
  };
  return {
    stable: (replayed = null) => loads.map((load) => stability.isStable(load, replayed)),
    loops,
    isPrivate: (loop, name) => arrays.isPrivateTo(loop, baseNamed(name)),
  };
}

test("a cell is stable if later iterations write others", () => {
  const { stable } = facts(`function f(x: Float64Array duplicated, n: integer const) -> void {
    h: Float64Array = allocate zeros n
    c, s = loop i from 0 to n step 1 {
      v = load x[i]
      store h[i] v
      w = load h[i]
      p = sub i 1
      u = load h[p]
      q = add i 1
      z = load h[q]
      store h[i] z
      yield false
    }
    return
  }`);
  // x[i]; h[i], overwritten in the same iteration; h[i - 1]; h[i + 1], written by the next iteration
  expect(stable()).toEqual([true, false, true, false]);
});

test("scratch that every iteration fills first is private to it", () => {
  const { loops, isPrivate, stable } = facts(`function f(x: Float64Array duplicated, n: integer const) -> void {
    h: Float64Array = allocate zeros n
    g: Float64Array = allocate zeros n
    c, s = loop k from 0 to n step 1 {
      c1, s1 = loop i from 0 to n step 1 {
        v = load x[i]
        store h[i] v
        yield false
      }
      w = load h[0]
      u = load g[k]
      t = add w u
      store g[0] t
      yield false
    }
    return
  }`);
  const [outer] = loops;
  if (outer === undefined) throw new Error("no loop");
  expect(isPrivate(outer, "h")).toBe(true);
  expect(isPrivate(outer, "g")).toBe(false);
  expect(stable()).toEqual([true, false, false]);
  expect(stable(outer)).toEqual([true, true, false]);
});

test("ranges follow counters and sums", () => {
  const fn = parse(`function f(x: number active) -> number {
    c, s, y = loop i from 0 to 10 step 1 carrying y0 = x {
      e = exp x
      d = add e 1
      q = mul x x
      yield false y0
    }
    return y
  }`);
  const ranges = analyzeRanges(buildRegionTree(fn));
  const intervals: Record<string, readonly [number, number]> = {};
  walk(fn.body, (op) => {
    for (const value of [...op.results, ...(op.kind === "loop" ? op.body.params : [])]) {
      const { low, high } = ranges.intervalOf(value);
      if (value.origin.variable !== null) intervals[value.origin.variable.name] = [low, high];
    }
  });
  expect(intervals["i"]).toEqual([0, 10]);
  expect(intervals["d"]?.[0]).toBe(1);
  expect(intervals["q"]?.[0]).toBe(0);
});
