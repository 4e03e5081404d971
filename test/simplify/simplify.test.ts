import { describe, expect, test } from "vitest";
import { Compilation } from "../../transformer/compilation.js";
import { interpret } from "../../transformer/ir/interpret.js";
import type { IRFunction } from "../../transformer/ir/ir.js";
import { parseFunctions } from "../../transformer/ir/parse.js";
import { print } from "../../transformer/ir/print.js";
import { simplifications, simplify } from "../../transformer/simplify/simplify.js";

/** `for (let i = 0; i < x.length; i++) out[i] = x[i] / mag(x)`, as it is lowered. */
const norm = `function mag(x: Float64Array duplicated) -> number {
  s = constant 0
  i = constant 0
  t0, t1, s#1, i#1 = loop t2 carrying s#2: number = s, i#2: number = i {
    n = length x
    c = lt i#2 n
    stop, s#3: number, i#3: number = if c {
      a = load x[i#2]
      b = load x[i#2]
      p = mul a b
      s#4 = add s#2 p
      i#4: number = add i#2 1
      f = constant false
      yield f s#4 i#4
    } else {
      f2 = constant true
      yield f2 s#2 i#2
    }
    yield stop s#3 i#3
  }
  r = sqrt s#1
  return r
}
function normalize(x: Float64Array duplicated, out: Float64Array duplicated) -> void {
  i = constant 0
  t0, t1, i#1 = loop t2 carrying i#2: number = i {
    n = length x
    c = lt i#2 n
    stop, i#3: number = if c {
      a = load x[i#2]
      m = call mag x
      q = div a m
      store out[i#2] q
      i#4: number = add i#2 1
      f = constant false
      yield f i#4
    } else {
      f2 = constant true
      yield f2 i#2
    }
    yield stop i#3
  }
  return
}`;

function simplified(text: string, disabled: readonly string[] = []): IRFunction {
  const compilation = new Compilation({ checks: true, disabledPasses: new Set(disabled) });
  let last: IRFunction | null = null;
  for (const [name, fn] of parseFunctions(text)) {
    last = simplify(fn, compilation);
    compilation.functions.set(name, last);
  }
  if (last === null) throw new Error("no function");
  return last;
}

/** Operations that run for a vector of this length. */
function cost(fn: IRFunction, length: number, functions?: ReadonlyMap<string, IRFunction>): number {
  const x = Float64Array.from({ length }, (_, k) => 1 + k);
  const out = new Float64Array(length);
  const { counts } = interpret(fn, [x, out], functions === undefined ? {} : { functions });
  const size = Math.hypot(...x);
  out.forEach((value, k) => {
    expect(value).toBeCloseTo((x[k] ?? NaN) / size, 12);
  });
  return counts.get("mul") ?? 0;
}

test("a norm inside a loop is computed once: the quadratic becomes linear", () => {
  const fn = simplified(norm);
  expect(print(fn)).toMatchInlineSnapshot(`
    "function normalize(x: Float64Array duplicated, out: Float64Array duplicated) -> void {
      i = constant 0
      n = length x
      i2 = constant 0
      s = constant 0
      t0, t1, s#1 = loop i2#1 from i2 to n step 1 carrying s#2 = s {
        a = load x[i2#1]
        p = mul a a
        s#3 = add s#2 p
        f = constant false
        yield f s#3
      }
      r = sqrt s#1
      t2, t3 = loop i#1 from i to n step 1 {
        a2 = load x[i#1]
        q = div a2 r
        store out[i#1] q
        f2 = constant false
        yield f2
      }
      return
    }
    "
  `);
  expect(cost(fn, 100)).toBe(100);
});

describe("every pass can be switched off", () => {
  const functions = parseFunctions(norm);
  test.each(Object.keys(simplifications))("%s", (name) => {
    const fn = simplified(norm, [name]);
    expect(cost(fn, 20, functions)).toBeGreaterThan(0);
  });
});

test("dumps come from the passes that are asked for, and that changed something", () => {
  const dumps: string[] = [];
  const compilation = new Compilation({ dump: new Set(["countLoops"]), onDump: (name) => dumps.push(name) });
  for (const fn of parseFunctions(norm).values()) simplify(fn, compilation);
  expect(dumps).toEqual(["countLoops", "countLoops"]);
});

/** A straight function of many operations, with memory, a loop in the midst, and all of it used. */
function large(size: number): string {
  const lines: string[] = [];
  let last = "x";
  for (let k = 0; k < size / 4; k++) {
    lines.push(`i${k} = add n ${k}`, `v${k} = load a[i${k}]`, `w${k} = mul v${k} ${last}`, `store a[i${k}] w${k}`);
    last = `w${k}`;
  }
  return `function large(x: number active, n: integer const, a: Float64Array duplicated) -> number {
    t0, t1, s = loop q from 0 to n step 1 carrying s#1: number = x {
      ${lines.join("\n").replaceAll("x\n", "s#1\n")}
      stop = constant false
      yield stop ${last}
    }
    return s
  }`;
}

test("time grows no faster than the function", () => {
  const time = (size: number): number => {
    const [fn] = parseFunctions(large(size)).values();
    if (fn === undefined) throw new Error("no function");
    const start = performance.now();
    simplify(fn, new Compilation());
    return performance.now() - start;
  };
  time(500);
  const [small, big] = [Math.max(time(1000), 1), time(8000)];
  // 8 times the size; 64 times the time would be quadratic
  expect(big / small).toBeLessThan(32);
});
