import { describe, expect, test } from "vitest";
import { primitives, isPrimitive, type Primitive } from "../transformer/ir/primitives.js";
import { scalarRules } from "../transformer/rules/scalar.js";
import {
  argument,
  evaluateTerm,
  incoming,
  literal,
  resultTerm,
  type Sample,
  type Term,
} from "../transformer/rules/term.js";

/** Where the table of primitives has no intervals of the wanted number: more operands than it samples. */
const moreOperands: Partial<Record<Primitive, readonly (readonly number[])[]>> = {
  hypot: [[], [1.5], [-1.5], [3, -4], [1, 2, 3, 4]],
  max: [[], [1.5], [1, 2], [2, 1], [1, 3, 2], [3, 1, 2], [1, 2, 3, 4]],
  min: [[], [1.5], [1, 2], [2, 1], [1, 3, 2], [3, 1, 2], [4, 3, 2, 1]],
};

const names = Object.keys(primitives).filter(isPrimitive);
const fractions = [0.13, 0.37, 0.53, 0.71, 0.94];

/** Points inside the sampling intervals, all arguments varied together and against each other. */
function pointsOf(primitive: Primitive): readonly (readonly number[])[] {
  const { sample } = primitives[primitive];
  const grid = fractions.flatMap((a, k) => [
    sample.map(([low, high], j) => low + (high - low) * (fractions[(k + j) % fractions.length] ?? a)),
    sample.map(([low, high], j) => low + (high - low) * (fractions[(k + 3 * j + 1) % fractions.length] ?? a)),
  ]);
  return [...grid, ...(moreOperands[primitive] ?? [])];
}

const evaluate = (primitive: Primitive, args: readonly number[]): number => primitives[primitive].evaluate(...args);

/** The rule's answer for one argument: what it makes of `d`. Arguments at `literals` are given as literals. */
function applyRule(
  primitive: Primitive,
  args: readonly number[],
  k: number,
  d = 1,
  literals: readonly number[] = [],
): number {
  const term = termOf(primitive, args, k, literals);
  return term === null ? 0 : evaluateTerm(term, { args, result: evaluate(primitive, args), incoming: d });
}

function termOf(
  primitive: Primitive,
  args: readonly number[],
  k: number,
  literals: readonly number[] = [],
): Term | null {
  const terms = args.map((value, j) => (literals.includes(j) ? literal(value) : argument(j)));
  return scalarRules[primitive](terms, resultTerm)[k]?.(incoming) ?? null;
}

/** The tangent of a rule's term when argument `j` moves: rules are made of primitives, so the rules apply again. */
function tangentOf(term: Term, at: Sample, j: number, primitive: Primitive): number {
  switch (term.kind) {
    case "argument":
      return term.index === j ? 1 : 0;
    case "result":
      return applyRule(primitive, at.args, j);
    case "primal":
    case "incoming":
    case "literal":
      return 0;
    case "guarded":
      return at.incoming === 0 ? 0 : tangentOf(term.term, at, j, primitive);
    case "apply": {
      const values = term.args.map((arg) => evaluateTerm(arg, at));
      const literals = term.args.flatMap((arg, k) => (arg.kind === "literal" ? [k] : []));
      return term.args.reduce((sum, arg, k) => {
        const moved = tangentOf(arg, at, j, primitive);
        return moved === 0 ? sum : sum + applyRule(term.primitive, values, k, moved, literals);
      }, 0);
    }
  }
}

/** Central differences of fourth order. */
function difference(f: (x: number) => number, x: number): number {
  const h = 1e-3 * Math.max(1, Math.abs(x));
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}
const withArgument = (args: readonly number[], k: number, value: number): readonly number[] =>
  args.map((arg, j) => (j === k ? value : arg));

/** fround is a staircase: its differences are as rough as single precision. */
const tolerance = (primitive: Primitive): number => (primitive === "fround" ? 1e-3 : 1e-7);
const expectClose = (actual: number, expected: number, allowed: number, what: string): void => {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  expect(error, `${what}: ${actual} instead of ${expected}`).toBeLessThan(allowed);
};

/** Bit operations move in steps, so does any operand that is a boolean. */
const isNumeric = (primitive: Primitive, k: number): boolean =>
  primitives[primitive].operands !== "boolean" && !(primitive === "select" && k === 0);

describe.each(names)("%s", (primitive) => {
  const points = pointsOf(primitive);

  test("has one scale for each argument, zero where nothing flows", () => {
    for (const args of points) {
      const terms = args.map((_, j) => argument(j));
      expect(scalarRules[primitive](terms, resultTerm)).toHaveLength(args.length);
      args.forEach((_, k) => expect(Math.abs(applyRule(primitive, args, k, 0))).toBe(0));
    }
  });

  test("is linear in what comes in", () => {
    for (const args of points) {
      args.forEach((_, k) =>
        expectClose(applyRule(primitive, args, k, -2.5), -2.5 * applyRule(primitive, args, k), 1e-12, String(args)),
      );
    }
  });

  test("has the partials of central differences", () => {
    for (const args of points) {
      args.forEach((x, k) => {
        if (!isNumeric(primitive, k)) return;
        const expected = difference((moved) => evaluate(primitive, withArgument(args, k, moved)), x);
        expectClose(applyRule(primitive, args, k), expected, tolerance(primitive), `d/d${k} at ${args.join(", ")}`);
      });
    }
  });

  test("has the second partials of central differences, by its own terms", () => {
    for (const args of points) {
      args.forEach((_, k) => {
        const term = termOf(primitive, args, k);
        if (term === null) return;
        args.forEach((x, j) => {
          if (!isNumeric(primitive, k) || !isNumeric(primitive, j)) return;
          const at = { args, result: evaluate(primitive, args), incoming: 1 };
          const expected = difference((moved) => applyRule(primitive, withArgument(args, j, moved), k), x);
          const actual = tangentOf(term, at, j, primitive);
          expectClose(actual, expected, tolerance(primitive), `d2/d${k}d${j} at ${args.join(", ")}`);
        });
      });
    }
  });

  test("gives the same for arguments known to be literals", () => {
    for (const args of points) {
      args.forEach((_, k) =>
        args.forEach((_value, j) => {
          const expected = applyRule(primitive, args, k);
          expectClose(applyRule(primitive, args, k, 1, [j]), expected, 1e-12, `d/d${k}, literal ${j}`);
        }),
      );
    }
  });
});

describe("points where no derivative exists", () => {
  const partials = (primitive: Primitive, ...args: readonly number[]): readonly number[] =>
    args.map((_, k) => applyRule(primitive, args, k));

  test("abs is flat at 0", () => {
    expect(partials("abs", 0)).toEqual([0]);
    expect(partials("abs", -0)).toEqual([-0]);
  });

  test("ties of max and min are shared pair by pair, from the left", () => {
    expect(partials("max", 2, 2)).toEqual([0.5, 0.5]);
    expect(partials("min", 2, 2)).toEqual([0.5, 0.5]);
    expect(partials("max", 2, 2, 2)).toEqual([0.25, 0.25, 0.5]);
    expect(partials("min", 2, 3, 2)).toEqual([0.5, 0, 0.5]);
    expect(partials("max", 1, 2, 2)).toEqual([0, 0.5, 0.5]);
    expect(partials("max", 2, 2, 1)).toEqual([0.5, 0.5, 0]);
  });

  test("hypot is flat at the origin", () => {
    expect(partials("hypot", 0, 0)).toEqual([0, 0]);
    expect(partials("hypot", 0, -0, 0)).toEqual([0, 0, 0]);
    expect(partials("hypot", 0)).toEqual([0]);
  });

  test("rounding is flat at its steps", () => {
    for (const primitive of ["sign", "floor", "ceil", "round", "trunc"] as const) {
      expect(partials(primitive, 0)).toEqual([0]);
      expect(partials(primitive, 0.5)).toEqual([0]);
    }
  });

  test("the remainder's partial in the divisor is the quotient that was used", () => {
    expect(partials("mod", 6, 3)).toEqual([1, -2]);
    expect(partials("mod", 7, 3)).toEqual([1, -2]);
    expect(partials("mod", -7, 3)).toEqual([1, 2]);
    expect(partials("mod", 1, 3).map((one) => one + 0)).toEqual([1, 0]);
  });

  test("power: 0 for an exponent of 0, nothing in the exponent at a base of 0", () => {
    expect(partials("pow", 0, 0)).toEqual([0, 0]);
    expect(partials("pow", 3, 0)[0]).toBe(0);
    expect(partials("pow", 0, 2)).toEqual([0, 0]);
    expect(partials("pow", 0, 1)).toEqual([1, 0]);
    expect(partials("pow", -2, 3)[0]).toBe(12);
    expect(partials("pow", 0, 0.5)[0]).toBe(Infinity);
  });

  test.each([0, 1, 2, 3, 4, -1, -2, 0.5, 1.5, 2.5])("power with the literal exponent %d", (exponent) => {
    for (const x of [0.5, 1, 2.5]) {
      const expected = exponent === 0 ? 0 : exponent * x ** (exponent - 1);
      expectClose(applyRule("pow", [x, exponent], 0, 1, [1]), expected, 1e-14, `d/dx ${x} ** ${exponent}`);
    }
    if (Number.isInteger(exponent)) {
      const expected = exponent === 0 ? 0 : exponent * (-1.5) ** (exponent - 1);
      expectClose(applyRule("pow", [-1.5, exponent], 0, 1, [1]), expected, 1e-14, `d/dx -1.5 ** ${exponent}`);
    }
  });

  test("true values at singular points", () => {
    expect(partials("sqrt", 0)).toEqual([Infinity]);
    expect(partials("cbrt", 0)).toEqual([Infinity]);
    expect(partials("log", 0)).toEqual([Infinity]);
    expect(partials("log", -1)).toEqual([-1]);
    expect(partials("asin", 1)).toEqual([Infinity]);
    expect(partials("acos", 1)).toEqual([-Infinity]);
    expect(partials("acosh", 1)).toEqual([Infinity]);
    expect(partials("atanh", 1)).toEqual([Infinity]);
    expect(partials("div", 1, 0)).toEqual([Infinity, -Infinity]);
    expect(partials("atan2", 0, 0)).toEqual([NaN, NaN]);
  });

  test.each([
    ["div", [1, 0]],
    ["div", [0, 0]],
    ["sqrt", [0]],
    ["sqrt", [-1]],
    ["cbrt", [0]],
    ["log", [0]],
    ["log1p", [-1]],
    ["log2", [0]],
    ["log10", [0]],
    ["pow", [0, 0.5]],
    ["pow", [0, -1]],
    ["pow", [-1, 2.5]],
    ["asin", [1]],
    ["asin", [2]],
    ["acos", [-1]],
    ["acosh", [1]],
    ["acosh", [0]],
    ["atanh", [-1]],
    ["atan2", [0, 0]],
  ] as const)("strong zero: %s at %j contributes nothing where nothing comes in", (primitive, args) => {
    args.forEach((_, k) => {
      const literals = [[], args.map((_value, j) => j).filter((j) => j !== k)];
      for (const known of literals) {
        expect(Math.abs(applyRule(primitive, args, k, 0, known)), `argument ${k}, literals ${known.join()}`).toBe(0);
        expect(Math.abs(applyRule(primitive, args, k, -0, known))).toBe(0);
      }
    });
  });
});
