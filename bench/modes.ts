/** Measures what `modes.mjs` has made: all that is compared, interleaved in this one process. */
import { copyOf, difference, flatten } from "./numbers.js";
import { isWanted, numberOption } from "./options.js";
import { randomNumbers, uniform } from "./random.js";
import { addResults } from "./results.js";
import { everythingConsumed, interleaved, ratioOf, spread, type Spread } from "./timing.js";
import { workloads } from "./workloads.js";

type AnyFunction = (...args: unknown[]) => unknown;
interface Asked {
  readonly products: Readonly<Record<string, readonly AnyFunction[]>>;
  readonly jacobians: Readonly<Record<string, Readonly<Record<"one" | "four" | "eight" | "jacobian", AnyFunction>>>>;
  readonly sparse: Readonly<Record<string, Readonly<Record<"sparse" | "dense", AnyFunction>>>>;
}

const pace = { rounds: numberOption("rounds", 15), sliceMs: numberOption("slice", 30) };
const generated = "./generated/modes/modes/asked.js";
const { products, jacobians, sparse } = (await import(generated)) as Asked;

// ---- Hessian times a direction ---------------------------------------------------------------------------------------

/** The same shape, with other numbers. */
function filled(value: unknown, next: () => number): unknown {
  if (typeof value === "number") return next();
  if (value instanceof Float64Array) return value.map(() => next());
  if (Array.isArray(value)) return value.map((one) => filled(one, next));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, next)]));
}

/** The arguments, some way along a direction. */
function moved(value: unknown, direction: unknown, by: number): unknown {
  if (typeof value === "number") return value + by * Number(direction);
  const steps = direction as Readonly<Record<PropertyKey, unknown>>;
  if (value instanceof Float64Array) return value.map((one, i) => one + by * Number(steps[i]));
  if (Array.isArray(value)) return value.map((one, i) => moved(one, steps[i], by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, moved(one, steps[key], by)]));
}

interface ProductRow {
  readonly name: string;
  /** Milliseconds for each call. */
  readonly gradient: number;
  readonly product: number;
  readonly perGradient: Spread;
}

const productRows: ProductRow[] = [];
console.log("Hessian times a direction / gradient");
for (const { name, full, small, differentiable } of workloads) {
  const [gradient, product] = products[name] ?? [];
  if (gradient === undefined || product === undefined || !isWanted(name)) continue;
  const directionsOf = (args: readonly unknown[]): readonly unknown[] => {
    const random = randomNumbers(3);
    return differentiable.map((position) => filled(args[position], () => 2 * random() - 1));
  };
  const few = small();
  const along = directionsOf(few);
  const at = (h: number): readonly number[] =>
    flatten(
      gradient(
        ...copyOf(few).map((arg, k) =>
          differentiable.includes(k) ? moved(arg, along[differentiable.indexOf(k)], h) : arg,
        ),
      ),
    );
  const found = flatten(product(...copyOf(few), ...copyOf(along)));
  // There may be a kink nearby: then the least step tells.
  const errors = [1e-5, 1e-7].map((step) => {
    const [before, after] = [at(-step), at(step)];
    return difference(
      found,
      after.map((one, i) => (one - before[i]) / (2 * step)),
    );
  });
  const error = Math.min(...errors);
  if (!(error < 1e-4)) throw new Error(`${name}: the product is wrong by ${error.toExponential(1)}`);

  const args = full();
  const directions = directionsOf(args);
  const own = [copyOf(args), copyOf(args)];
  const [gradients, times] = interleaved([() => gradient(...own[0]), () => product(...own[1], ...directions)], pace);
  const perGradient = ratioOf(times, gradients);
  productRows.push({ name, gradient: spread(gradients).median, product: spread(times).median, perGradient });
  console.log(`${name.padEnd(20)}${perGradient.median.toFixed(2).padStart(8)}`);
}

// ---- Jacobians -------------------------------------------------------------------------------------------------------

interface JacobianRow {
  readonly name: string;
  readonly size: number;
  /** Milliseconds, one direction after the other. */
  readonly alone: number;
  readonly fourPerAlone: Spread;
  readonly eightPerAlone: Spread;
  readonly modePerAlone: Spread;
}

const size = 64;
const rest: Readonly<Record<string, unknown>> = {
  layers: uniform(size * size, -0.2, 0.2, 1),
  lorenz: 200,
  kinetics: uniform(2000, 0, 1, 2),
};

/** All columns, `width` of them in each sweep. */
function byColumns(
  sweep: (directions: readonly Float64Array[]) => readonly Float64Array[],
  width: number,
): Float64Array[] {
  const rows = Array.from({ length: size }, () => new Float64Array(size));
  const directions = Array.from({ length: width }, () => new Float64Array(size));
  for (let j = 0; j < size; j += width) {
    for (let k = 0; k < width; k++) directions[k][j + k] = 1;
    const tangents = sweep(directions);
    for (let k = 0; k < width; k++) {
      const tangent = tangents[k];
      for (let i = 0; i < size; i++) rows[i][j + k] = tangent[i];
    }
    for (let k = 0; k < width; k++) directions[k][j + k] = 0;
  }
  return rows;
}

const jacobianRows: JacobianRow[] = [];
console.log("\nJacobian / one direction after the other: by fours, by eights, by the mode");
for (const [name, { one, four, eight, jacobian }] of Object.entries(jacobians)) {
  if (!isWanted(name)) continue;
  const x = uniform(size, -1, 1, 7);
  const sweepOf =
    (fn: AnyFunction) =>
    (directions: readonly Float64Array[]): readonly Float64Array[] =>
      fn(x, directions, rest[name]) as readonly Float64Array[];
  const calls = [
    () => byColumns(([direction]) => [one(x, direction, rest[name]) as Float64Array], 1),
    () => byColumns(sweepOf(four), 4),
    () => byColumns(sweepOf(eight), 8),
    () => jacobian(x, rest[name]),
  ];
  const [expected, ...others] = calls.map((call) => flatten(call()));
  for (const found of others) {
    const error = difference(found, expected);
    if (!(error < 1e-12)) throw new Error(`${name}: the Jacobian differs by ${error.toExponential(1)}`);
  }
  const [alone, byFours, byEights, byMode] = interleaved(calls, pace);
  const row = {
    name,
    size,
    alone: spread(alone).median,
    fourPerAlone: ratioOf(byFours, alone),
    eightPerAlone: ratioOf(byEights, alone),
    modePerAlone: ratioOf(byMode, alone),
  };
  jacobianRows.push(row);
  const cells = [row.fourPerAlone, row.eightPerAlone, row.modePerAlone].map(({ median }) =>
    median.toFixed(2).padStart(8),
  );
  console.log(`${name.padEnd(20)}${cells.join("")}`);
}

// ---- Sparse Jacobians ------------------------------------------------------------------------------------------------

interface SparseRow {
  readonly name: string;
  readonly size: number;
  /** Milliseconds for each call. */
  readonly dense: number;
  readonly sparse: number;
  readonly perDense: Spread;
}

interface Matrix {
  readonly rowStart: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

function rowsOf({ rowStart, columns, values }: Matrix, width: number): Float64Array[] {
  return Array.from({ length: rowStart.length - 1 }, (_, i) => {
    const row = new Float64Array(width);
    for (let k = rowStart[i]; k < rowStart[i + 1]; k++) row[columns[k]] = values[k];
    return row;
  });
}

const sparseRows: SparseRow[] = [];
const length = 2000;
console.log(`\nJacobian of ${length} numbers in compressed rows / as an array of rows`);
for (const [name, made] of Object.entries(sparse)) {
  if (!isWanted(name)) continue;
  const x = uniform(length, -1, 1, 7);
  const error = difference(flatten(rowsOf(made.sparse(x) as Matrix, length)), flatten(made.dense(x)));
  if (!(error < 1e-12)) throw new Error(`${name}: the sparse Jacobian differs by ${error.toExponential(1)}`);
  const [dense, few] = interleaved([() => made.dense(x), () => made.sparse(x)], pace);
  const perDense = ratioOf(few, dense);
  sparseRows.push({ name, size: length, dense: spread(dense).median, sparse: spread(few).median, perDense });
  console.log(`${name.padEnd(20)}${perDense.median.toFixed(4).padStart(8)}`);
}

addResults("modes", {
  node: process.version,
  ...pace,
  consumed: everythingConsumed(),
  ...(productRows.length > 0 ? { products: productRows } : {}),
  ...(jacobianRows.length > 0 ? { jacobians: jacobianRows } : {}),
  ...(sparseRows.length > 0 ? { sparse: sparseRows } : {}),
});
