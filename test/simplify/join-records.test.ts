import { expect, test } from "vitest";
import { parseFunctions } from "../../transformer/ir/parse.js";
import { print } from "../../transformer/ir/print.js";
import { verify } from "../../transformer/ir/verify.js";
import { joinRecords } from "../../transformer/simplify/join-records.js";

/** Three records of one length, and what happens in the loop that writes them. */
const join = (inLoop: string, behind = ""): string => {
  const text = `function f(x: Float64Array const, n: integer const) -> number as gradient of g {
      a@residual: Float64Array = allocate zeros n
      b@residual: Float64Array = allocate zeros n
      c@residual: Float64Array = allocate zeros n
      from = constant 0
      i, j = loop k from from to n step 1 {
        y = load x[k]
        ${inLoop}
        stop = constant false
        yield stop
      }
      l = load b@residual[from]
      ${behind}
      return l
    }`;
  const [fn] = [...parseFunctions(text).values()];
  if (fn === undefined) throw new Error("no function");
  const joined = joinRecords(fn, () => "exp");
  verify(joined, "joinRecords");
  return joined === fn ? "unchanged" : `\n${print(joined)}`;
};

const stores = `store a@residual[k] y
        store b@residual[k] y
        store c@residual[k] y`;

test("records that are written at one index lie in one array", () => {
  expect(join(stores)).toMatchInlineSnapshot(`
    "
    function f(x: Float64Array const, n: integer const) -> number as gradient of g {
      t0 = constant 3
      t1 = mul t0 n
      kept: Float64Array = allocate zeros t1
      from#0 = constant 0
      i, j = loop k from from#0 to n step 1 {
        y = load x[k]
        t2 = constant 3
        t3 = mul t2 k
        t4 = constant 0
        store kept[t3] y
        t5 = constant 3
        t6 = mul t5 k
        t7 = constant 1
        t8 = add t6 t7
        store kept[t8] y
        t9 = constant 3
        t10 = mul t9 k
        t11 = constant 2
        t12 = add t10 t11
        store kept[t12] y
        stop = constant false
        yield stop
      }
      t13 = constant 3
      t14 = mul t13 from#0
      t15 = constant 1
      t16 = add t14 t15
      l = load kept[t16]
      return l
    }
    "
  `);
});

test("records stay apart where something else is done with one of them", () => {
  expect(join(stores, "m = length c@residual")).toBe("unchanged");
  expect(join(stores, "store c@residual[from] l")).toBe("unchanged");
});

test("records stay apart that are written at different indices, or are few", () => {
  expect(
    join(`one = constant 1
        other = sub k one
        store a@residual[k] y
        store b@residual[k] y
        store c@residual[other] y`),
  ).toBe("unchanged");
  expect(join("store a@residual[k] y\nstore b@residual[k] y")).toBe("unchanged");
});
