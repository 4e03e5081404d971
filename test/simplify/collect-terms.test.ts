import { expect, test } from "vitest";
import { collectTerms } from "../../transformer/simplify/collect-terms.js";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import { run } from "./run-pass.js";

/** The operations of `f(x, y, d)`, whose result is a derivative, after collecting. */
function collect(body: string): string {
  const text = run(
    `function f(x: number active, y: number active, d: number const) -> number as gradient of g {
      ${body}
      return r@adjoint
    }`,
    collectTerms,
    removeDead,
  );
  const names = new Map<string, string>();
  const lines = text.split("\n").filter((line) => line.startsWith("  ") && !line.includes("return"));
  for (const line of lines) {
    const [, name = "", operation = "", a = "", b] = /^ +(\S+) = (\S+) (\S+) ?(\S+)?$/.exec(line) ?? [];
    const [left, right] = [names.get(a) ?? a, names.get(b ?? "") ?? b ?? ""];
    const sign = { add: "+", sub: "-", mul: "*", div: "/" }[operation];
    names.set(
      name,
      operation === "constant" ? a : sign === undefined ? `${operation}(${left})` : `(${left} ${sign} ${right})`,
    );
  }
  return names.get("r@adjoint") ?? "unchanged";
}

test.each([
  ["constant factors", "a@adjoint = mul 100 x\nr@adjoint = mul 2 a@adjoint", "(200 * x)"],
  ["a product of the primal that serves it alone", "a = mul 100 x\nr@adjoint = add a a", "(200 * x)"],
  ["like terms", "a@adjoint = mul d x\nb@adjoint = mul x d\nr@adjoint = add a@adjoint b@adjoint", "((2 * d) * x)"],
  ["common factors", "a@adjoint = mul x d\nb@adjoint = mul y d\nr@adjoint = add a@adjoint b@adjoint", "(d * (x + y))"],
  ["common divisors", "a@adjoint = div x d\nb@adjoint = div y d\nr@adjoint = sub a@adjoint b@adjoint", "((x - y) / d)"],
  ["minus a negative", "a@adjoint = neg y\nr@adjoint = sub x a@adjoint", "(x + y)"],
  ["plus a negative", "a@adjoint = neg y\nr@adjoint = add x a@adjoint", "(x - y)"],
  [
    "a negative of the primal",
    "n = neg x\ne = exp n\na@adjoint = sub n x\nr@adjoint = mul a@adjoint d",
    "((-2 * x) * d)",
  ],
  ["a sum of negatives", "a@adjoint = neg x\nb@adjoint = neg y\nr@adjoint = add a@adjoint b@adjoint", "neg((x + y))"],
  ["a power of two in a divisor", "t = mul 2 y\na@adjoint = div d t\nr@adjoint = mul 2 a@adjoint", "(d / y)"],
  ["twice a product that needs no name", "a@adjoint = mul d x\nr@adjoint = add a@adjoint a@adjoint", "((2 * d) * x)"],
  [
    "a logistic map",
    "a@adjoint = mul d x\nb@adjoint = mul a@adjoint y\nc@adjoint = mul d y\ne@adjoint = mul c@adjoint d\nr@adjoint = sub b@adjoint e@adjoint",
    "((d * y) * (x - d))",
  ],
])("%s", (_, body, expected) => {
  expect(collect(body)).toBe(expected);
});

test.each([
  ["a value of the primal", "a = mul 100 x\nr = mul 2 a\nr@adjoint = exp r"],
  [
    "a derivative that the primal uses",
    "a@adjoint = mul 100 x\nb@adjoint = mul 2 a@adjoint\nc = exp b@adjoint\nr@adjoint = mul c x",
  ],
  ["a sum of the primal is not taken apart", "u = sub 1 x\nr@adjoint = add u x"],
  ["terms that cancel", "a@adjoint = mul d x\nr@adjoint = sub a@adjoint a@adjoint"],
  ["what saves nothing", "a@adjoint = mul d x\nb@adjoint = mul y y\nr@adjoint = add a@adjoint b@adjoint"],
])("%s: stays", (_, body) => {
  expect(
    run(
      `function f(x: number active, y: number active, d: number const) -> number as gradient of g {
        ${body}
        return r@adjoint
      }`,
      collectTerms,
    ),
  ).toBe("unchanged");
});

test("what the next iteration waits for is computed in fewer steps, at the same cost", () => {
  const text = run(
    `function f(x: number active, y: number active, n: integer const) -> number as gradient of g {
      zero = constant 0
      i, j, d@adjoint, s@adjoint = loop k from zero to n step 1 carrying e@adjoint = x, t@adjoint = zero {
        a@adjoint = mul e@adjoint x
        u@adjoint = add t@adjoint a@adjoint
        b@adjoint = mul a@adjoint y
        c@adjoint = mul e@adjoint n
        r@adjoint = sub b@adjoint c@adjoint
        stop = constant false
        yield stop r@adjoint u@adjoint
      }
      q@adjoint = add d@adjoint s@adjoint
      return q@adjoint
    }`,
    collectTerms,
    removeDead,
  );
  expect(text).toMatch(/(\S+) = mul x y\n +(\S+) = sub \1 n\n +r@adjoint = mul e@adjoint \2\n/);
});
