import { expect, test } from "vitest";
import { inlineCalls } from "../../transformer/simplify/inline-calls.js";
import { run } from "./run-pass.js";

test("the body of a small function stands in place of its call, under its own names", () => {
  expect(
    run(
      `function square(v: number active) -> number {
        s = mul v v
        return s
      }
      function f(x: number active) -> number {
        a = call square x
        b = call square a
        return b
      }`,
      inlineCalls,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active) -> number {
      s = mul x x
      s2 = mul s s
      return s2
    }
    "
  `);
});

test("what the callee returns without a name takes the caller's", () => {
  expect(
    run(
      `function half(v: number active) -> number {
        t0 = constant 0.5
        t1 = mul v t0
        return t1
      }
      function f(x: number active) -> number {
        h = call half x
        return h
      }`,
      inlineCalls,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active) -> number {
      t0 = constant 0.5
      h = mul x t0
      return h
    }
    "
  `);
});

test("a recursive function stays a call, as does an unknown one", () => {
  const recursive = `function f(x: number active) -> number {
    y = call f x
    return y
  }`;
  expect(run(recursive, inlineCalls)).toBe("unchanged");
  const mutual = `function g(x: number active) -> number {
    y: number = call h x
    return y
  }
  function h(x: number active) -> number {
    y = call g x
    return y
  }
  function f(x: number active) -> number {
    y = call g x
    return y
  }`;
  expect(run(mutual, inlineCalls)).toBe("unchanged");
});

test("a callee that always throws ends the region that calls it", () => {
  expect(
    run(
      `function fail(x: number active) -> number {
        e: opaque"Error" = opaque "new Error(\\"bad\\")"
        throw e
      }
      function f(x: number active) -> number {
        c = gt x 0
        y = if c {
          yield x
        } else {
          z = call fail x
          w = mul z z
          yield w
        }
        return y
      }`,
      inlineCalls,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active) -> number {
      t0 = constant 0
      c = gt x t0
      y = if c {
        yield x
      } else {
        e: opaque"Error" = opaque "new Error(\\"bad\\")"
        throw e
      }
      return y
    }
    "
  `);
});

test("a number is not taken for an integer parameter", () => {
  expect(
    run(
      `function at(x: Float64Array duplicated, i: integer const) -> number {
        v = load x[i]
        return v
      }
      function f(x: Float64Array duplicated, k: number const) -> number {
        v = call at x k
        return v
      }`,
      inlineCalls,
    ),
  ).toBe("unchanged");
});
