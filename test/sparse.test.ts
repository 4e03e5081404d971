/** Sparse Jacobians and Hessians of every fixture that has them: what they leave out is zero, and the rest is the same. */
import { describe, expect, test } from "vitest";
import { ColumnSets } from "../src/sparse.js";
import type { SparseMatrix } from "../src/index.js";
import { acceptedFixtures, fixtureOptions, readText } from "./support/fixtures.js";
import { containsSingle, type AnyFunction } from "./support/gradient-check.js";
import { ModuleLoader, type Module } from "./support/load-module.js";
import { createProgram, functionShapes, type FunctionShape } from "./support/program.js";
import { deepClone, type Shape } from "./support/shape.js";
import { exampleIn, functionIn, transformTexts } from "./support/transform-source.js";

const isFlat = (shape: Shape): boolean => shape.kind === "array" && shape.element.kind === "number";
/** A rule of one's own says nothing about which number depends on which; and what may be left out has no column. */
const refused: ReadonlySet<string> = new Set([
  "modes/vjp-again: scaled",
  "rules/imported-rule: roughness",
  "rules/linear-solve: solve",
]);

const slotsOf = ({ parameters }: FunctionShape): readonly Shape[] => parameters.filter(({ kind }) => kind !== "const");

function modeOf(shape: FunctionShape): "jacobian" | "hessian" | null {
  const slots = slotsOf(shape);
  if (!slots.some(isFlat) || !slots.every((one) => isFlat(one) || one.kind === "number")) return null;
  if (isFlat(shape.result)) return "jacobian";
  return shape.result.kind === "number" && slots.length === 1 ? "hessian" : null;
}

const untouched = new Map(acceptedFixtures.map(({ file }) => [file, readText(file)]));
const plain = createProgram([...untouched.keys()], untouched, fixtureOptions);
const candidates = acceptedFixtures.flatMap(({ file, name }) =>
  functionShapes(plain, file).flatMap((shape) => {
    const mode = modeOf(shape);
    // Infinite partials meet tangents that are 0.
    if (mode === null || shape.rest === true || shape.name.includes(".") || name === "found/infinite-border") return [];
    return [{ title: `${name}: ${shape.name}`, file, shape, mode }];
  }),
);
const overlay = new Map(
  candidates.map(({ file }) => {
    const own = candidates.filter((one) => one.file === file);
    const macros = own.map(
      ({ shape: { name }, mode }) =>
        `export const ${name}_dense = () => again(${name}, "${mode}");\n` +
        `export const ${name}_sparse = () => again(${name}, "${mode}", { sparse: true });\n`,
    );
    return [file, `${untouched.get(file) ?? ""}\nimport { enzyme as again } from "enzyme-ts";\n${macros.join("")}`];
  }),
);
const { texts, problems } = transformTexts(createProgram([...overlay.keys()], overlay, fixtureOptions));

function derivativeIn(module: Module, name: string): AnyFunction | null {
  try {
    const fn: unknown = functionIn(module, name)();
    return typeof fn === "function" ? (...args) => Reflect.apply(fn, undefined, args) as unknown : null;
  } catch {
    return null;
  }
}

const found = candidates.flatMap(({ title, file, shape }) => {
  const module = new ModuleLoader(texts).load(file);
  const [dense, sparse] = ["dense", "sparse"].map((how) => derivativeIn(module, `${shape.name}_${how}`));
  return dense == null ? [] : [{ title, shape, module, dense, sparse: sparse ?? null }];
});

/** The rows, with zeros where nothing is kept; in each row columns ascend. */
function rowsOf({ height, width, rowStart, columns, values }: SparseMatrix): readonly (readonly number[])[] {
  expect(rowStart.length).toBe(height + 1);
  expect(columns.length).toBe(values.length);
  return Array.from({ length: height }, (_, i) => {
    const row = new Array<number>(width).fill(0);
    let before = -1;
    for (let k = rowStart[i] ?? 0; k < (rowStart[i + 1] ?? 0); k++) {
      const column = columns[k] ?? NaN;
      if (!(column > before && column < width)) throw new Error(`row ${i} has column ${column} after ${before}`);
      row[column] = values[k] ?? NaN;
      before = column;
    }
    return row;
  });
}

function compare(sparse: unknown, dense: unknown, tolerance: number): void {
  const rows = dense as readonly ArrayLike<number>[];
  const made = rowsOf(sparse as SparseMatrix);
  expect(made.length).toBe(rows.length);
  const scale = rows.flatMap((row) => Array.from(row)).reduce((sum, one) => sum + (Math.abs(one) || 0), 1e-300);
  made.forEach((row, i) =>
    row.forEach((one, j) => {
      const other = rows[i]?.[j] ?? NaN;
      const isSame = Object.is(one, other) || Math.abs(one - other) <= tolerance * scale || Number.isNaN(other);
      if (!isSame) throw new Error(`${one} at ${i}, ${j}, not ${other}`);
    }),
  );
}

describe("sparse matrices", () => {
  test("nothing is refused without a reason of its own", () => {
    expect([...problems.values()].join("").match(/^.*(?:EZ9|EZ1).*$/gm) ?? []).toEqual([]);
  });

  test("what has a dense one has a sparse one", () => {
    expect(found.filter(({ sparse }) => sparse === null).map(({ title }) => title)).toEqual([...refused]);
    expect(found.length).toBeGreaterThan(85);
  });

  test.each(found.filter(({ sparse }) => sparse !== null).map((one) => [one.title, one] as const))(
    "%s",
    (_, { shape, module, dense, sparse }) => {
      const { args } = exampleIn(module, shape.name);
      const given = shape.parameters.map((_one, k) => args[k]);
      const [expected, own] = [dense(...deepClone(given)), sparse?.(...deepClone(given))];
      const tolerance = containsSingle(given) ? 1e-5 : 1e-12;
      const slots = slotsOf(shape);
      if (slots.length === 1) return compare(own, expected, tolerance);
      slots.forEach((slot, k) => {
        const [mine, theirs] = [own, expected].map((all) => (all as readonly unknown[])[k]);
        if (slot.kind === "number") expect(mine).toEqual(theirs);
        else compare(mine, theirs, tolerance);
      });
    },
  );
});

describe("what is kept", () => {
  const nonzeros = (name: string, file: string): number => {
    const one = found.find(({ title }) => title === `modes/${file}: ${name}`);
    if (one === undefined) throw new Error(`there is no ${name}`);
    const matrix = one.sparse?.(...deepClone(exampleIn(one.module, name).args));
    return ((Array.isArray(matrix) ? matrix[0] : matrix) as SparseMatrix).values.length;
  };

  test("is what depends on the argument", () => {
    expect(nonzeros("logistic", "sparse-jacobian")).toBe(5);
    expect(nonzeros("heat", "sparse-jacobian")).toBe(6 + 2 * 5);
    expect(nonzeros("brusselator", "sparse-jacobian")).toBe(10 * 4);
    expect(nonzeros("poisson", "sparse-jacobian")).toBe(12 + 2 * (3 * 3 + 2 * 4));
    expect(nonzeros("lengths", "sparse-jacobian")).toBe(5 * 4);
    expect(nonzeros("chain", "sparse-hessian")).toBe(5 + 2 * 4);
  });
});

describe("ColumnSets", () => {
  test("a band takes as many colours as it is wide", () => {
    const sets = new ColumnSets(1000);
    const rows = Array.from({ length: 1000 }, (_, i) => {
      const [before, after] = [i === 0 ? 0 : i, i === 999 ? 0 : i + 2];
      return sets.union(sets.union(before, i + 1), sets.union(after, i + 1));
    });
    const { rowStart, columns, colours, colourCount } = sets.pattern(rows);
    expect(colourCount).toBe(3);
    expect([...rowStart.subarray(0, 3), rowStart[1000]]).toEqual([0, 2, 5, 2998]);
    expect([...columns.subarray(0, 5)]).toEqual([0, 1, 0, 1, 2]);
    expect([...colours.subarray(0, 4)]).toEqual([0, 1, 2, 0]);
  });

  test("nothing is a set as well", () => {
    const sets = new ColumnSets(2);
    expect([sets.union(0, 0), sets.union(0, 2), sets.union(1, NaN), sets.union(2, 2)]).toEqual([0, 2, 1, 2]);
    const { rowStart, colours, colourCount } = sets.pattern([0, NaN, 2]);
    expect([[...rowStart], [...colours], colourCount]).toEqual([[0, 0, 0, 1], [-1, 0], 1]);
  });

  test("a column that comes again and again is kept once", () => {
    const sets = new ColumnSets(3);
    let sum = 0;
    for (let k = 0; k < 1000; k++) sum = sets.union(sum, 1 + (k % 2));
    expect(sum).toBeLessThan(8);
    expect([...sets.pattern([sum]).columns]).toEqual([0, 1]);
  });
});
