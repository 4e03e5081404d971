import { expect, test } from "vitest";
import { gatherStores } from "../../transformer/simplify/gather-stores.js";
import { run } from "./run-pass.js";

const gathered = (body: string): string =>
  run(
    `function f(x: number active, y: number active, n: integer const) -> number[] {
      ${body}
      return a
    }`,
    gatherStores,
  );

test("an array is made of what is stored into it first", () => {
  expect(
    gathered(`a: number[] = allocate zeros 3
      store a[2] x
      t = mul x y
      store a[0] t
      b = load a[0]
      store a[1] b`),
  ).toMatchInlineSnapshot(`
    "
    function f(x: number active, y: number active, n: integer const) -> number[] {
      t0 = constant 3
      t1 = constant 0
      t2 = constant 2
      t = mul x y
      t3 = constant 0
      t4 = constant 0
      a: number[] = allocate parts t t1 x
      b = load a[t4]
      t5 = constant 1
      store a[t5] b
      return a
    }
    "
  `);
});

test("an object, too", () => {
  const text = gathered(`p: record P {x: number, y: number} = allocate parts x y
    store p.x y
    v = load p.x
    a: number[] = allocate parts v`);
  expect(text).toContain("allocate parts y y");
});

test.each([
  ["it is read before", "a: number[] = allocate zeros 2\nb = load a[0]\nstore a[1] b"],
  ["its length is not known", "a: number[] = allocate zeros n\nstore a[0] x"],
  ["what is written lies behind its end", "a: number[] = allocate parts x\nstore a[1] x"],
  ["the index is not known", "a: number[] = allocate zeros 2\nstore a[n] x"],
  ["it has holes that are left", "a: number[] = allocate holes 2\nstore a[0] x"],
])("nothing changes where %s", (_, body) => {
  expect(gathered(body)).toBe("unchanged");
});
