import { expect, test } from "vitest";
import { followBranches } from "../../transformer/simplify/follow-branches.js";
import { run } from "./run-pass.js";

test("what an earlier branch of the same test gave", () => {
  expect(
    run(
      `function f(x: number active, t: boolean const) -> number {
        d = if t { yield 0 } else { yield x }
        s = if t { yield 1 } else { u = mul d d
          yield u }
        return s
      }`,
      followBranches,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, t: boolean const) -> number {
      d = if t {
        t0 = constant 0
        yield t0
      } else {
        yield x
      }
      s = if t {
        t1 = constant 1
        yield t1
      } else {
        u = mul x x
        yield u
      }
      return s
    }
    "
  `);
});

test("what only computes is computed where it is asked for", () => {
  expect(
    run(
      `function f(x: number active, t: boolean const) -> number {
        d = if t { yield 0 } else { y = sin x
          yield y }
        s = if t { yield 1 } else { yield d }
        return s
      }`,
      followBranches,
    ),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, t: boolean const) -> number {
      d = if t {
        t0 = constant 0
        yield t0
      } else {
        y = sin x
        yield y
      }
      s = if t {
        t1 = constant 1
        yield t1
      } else {
        y#1 = sin x
        yield y#1
      }
      return s
    }
    "
  `);
});

test("what is asked for elsewhere as well stays where it is", () => {
  const ir = `function f(x: number active, t: boolean const) -> number {
        d = if t { yield 0 } else { y = sin x
          yield y }
        s = if t { yield 1 } else { yield d }
        r = add s d
        return r
      }`;
  expect(run(ir, followBranches)).toBe(run(ir, (fn) => fn));
});
