/** Holds Jacobians against the columns that forward mode gives, and Hessians against products with unit directions. */
import { containsSingle, type AnyFunction } from "./gradient-check.js";
import type { FunctionShape } from "./program.js";
import { randomNumbers } from "./random.js";
import { deepClone, difference, isContainer, leavesOf, readLeaves, shadowOf, type Leaf, type Shape } from "./shape.js";

/** All numbers in nested arrays and objects, in order. */
function numbersIn(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return isContainer(value) ? Object.values(value).flatMap(numbersIn) : [];
}

const slotsOf = (parameters: readonly Shape[]): readonly number[] =>
  parameters.flatMap((shape, k) => (shape.kind === "const" ? [] : [k]));
const partOf = (value: unknown, position: number, count: number): unknown =>
  count === 1 ? value : (value as readonly unknown[])[position];

/** Directions along one number after the other, with its place. */
function* unitDirections({ parameters }: FunctionShape, args: readonly unknown[], slot: number): Iterable<unknown[]> {
  const zeros = (): unknown[] => parameters.map((shape, k) => shadowOf(args[k], shape, () => 0));
  const leaves = (values: unknown[]): readonly Leaf[] =>
    leavesOf(values as unknown as Record<PropertyKey, unknown>, slot, parameters[slot] ?? { kind: "const" }, "");
  const count = leaves(zeros()).length;
  for (let k = 0; k < count; k++) {
    const direction = zeros();
    const leaf = leaves(direction)[k];
    if (leaf !== undefined) leaf.container[leaf.key] = 1;
    yield direction;
  }
}

function close(what: string, found: readonly number[], expected: readonly number[], allowed: number): void {
  if (found.length !== expected.length) throw new Error(`${what}: ${found.length} numbers, not ${expected.length}`);
  const scale = [...found, ...expected].reduce((sum, one) => sum + (Number.isFinite(one) ? Math.abs(one) : 0), 1e-300);
  found.forEach((value, k) => {
    const other = expected[k] ?? NaN;
    const same = Object.is(value, other) || Math.abs(value - other) <= allowed * scale;
    if (!same && (Number.isFinite(value) || Number.isFinite(other)))
      throw new Error(`${what}[${k}]: ${value}, not ${other}`);
  });
}

/** Row by row the products with unit directions; symmetric to 1e-12. */
export function checkHessian(
  hessian: AnyFunction,
  hvp: AnyFunction,
  shape: FunctionShape,
  args: readonly unknown[],
): void {
  const slots = slotsOf(shape.parameters);
  const tolerance = containsSingle(args) ? 1e-5 : 1e-12;
  const found = hessian(...deepClone(args));
  const rows: number[][] = [];
  slots.forEach((slot, position) => {
    const own = slots.map((_, l) => numbersIn(partOf(partOf(found, position, slots.length), l, slots.length)));
    const directions = [...unitDirections(shape, args, slot)];
    directions.forEach((direction, k) => {
      const row = own.flatMap((numbers) => {
        const width = numbers.length / directions.length;
        return numbers.slice(k * width, (k + 1) * width);
      });
      rows.push(row);
      const product = hvp(...deepClone(args), ...slots.map((one) => direction[one]));
      close(`row ${rows.length - 1}`, row, numbersIn(product), tolerance);
    });
  });
  const size = rows.flat().reduce((sum, one) => sum + (Number.isFinite(one) ? Math.abs(one) : 0), 1e-300);
  rows.forEach((row, i) => {
    row.forEach((value, j) => {
      const other = rows[j]?.[i] ?? NaN;
      if (Math.abs(value - other) > tolerance * size)
        throw new Error(`not symmetric at ${i}, ${j}: ${value}, ${other}`);
    });
  });
}

/** Writes over every number that can be reached. */
function scramble(value: unknown, seen = new Set<unknown>()): void {
  if (!isContainer(value) || seen.has(value)) return;
  seen.add(value);
  for (const key of Object.keys(value)) {
    const inner = value[key];
    if (typeof inner === "number") value[key] = 7;
    else scramble(inner, seen);
  }
}

/**
 * The primal's value, and pullbacks that agree with forward mode: for several seeds, in any order, while another one is
 * alive, and after the arguments and the result were written over.
 */
export function checkPullback(
  vjp: AnyFunction,
  primal: AnyFunction,
  forward: AnyFunction,
  shape: FunctionShape,
  args: readonly unknown[],
): void {
  const { parameters, result } = shape;
  const slots = slotsOf(parameters);
  const random = randomNumbers(5);
  const fill = (): number => Math.fround(2 * random() - 1);
  const handed = deepClone(args);
  const expected = primal(...deepClone(args));
  const first = vjp(...handed) as { readonly value: unknown; readonly pullback: AnyFunction };
  const found = difference(expected, first.value, "value");
  if (found !== null) throw new Error(`not the primal's value: ${found}`);
  const seeds = [0, 1].map(() => shadowOf(expected, result, fill));
  const second = vjp(...deepClone(args)) as { readonly pullback: AnyFunction };
  scramble(handed);
  scramble(first.value);
  const gradients = [first.pullback(deepClone(seeds[0])), second.pullback(deepClone(seeds[1]))];
  const again = [first.pullback(deepClone(seeds[0])), first.pullback(deepClone(seeds[1]))];
  const changed = difference(gradients, again, "gradient");
  if (changed !== null) throw new Error(`a pullback gives something else the second time: ${changed}`);
  const direction = parameters.map((one, k) => shadowOf(args[k], one, fill));
  const moved = deepClone(args).flatMap((arg, k) => (slots.includes(k) ? [arg, deepClone(direction[k])] : [arg]));
  const tangent = readLeaves(leavesOf({ tangent: forward(...moved) }, "tangent", result, ""));
  seeds.forEach((seed, k) => {
    const weights = readLeaves(leavesOf({ seed }, "seed", result, ""));
    const adjoints = slots.flatMap((slot, position) => {
      const holder = { gradient: partOf(gradients[k], position, slots.length) };
      return readLeaves(leavesOf(holder, "gradient", parameters[slot] ?? { kind: "const" }, ""));
    });
    const inputs = slots.flatMap((slot) =>
      readLeaves(leavesOf({ one: direction[slot] }, "one", parameters[slot] ?? { kind: "const" }, "")),
    );
    const products = [
      weights.map((one, i) => one * (tangent[i] ?? NaN)),
      adjoints.map((one, i) => one * (inputs[i] ?? NaN)),
    ];
    const [left = NaN, right = NaN] = products.map((terms) => terms.reduce((sum, term) => sum + term, 0));
    const scale = products.flat().reduce((sum, term) => sum + Math.abs(term), 1e-300);
    const allowed = containsSingle(args) ? 1e-5 : 1e-12;
    const isClose = Math.abs(left - right) <= allowed * scale || !Number.isFinite(left);
    if (!isClose) throw new Error(`seed ${k}: ${right} by the pullback, ${left} by forward mode`);
  });
}

/** Column by column what forward mode gives. */
export function checkJacobian(
  jacobian: AnyFunction,
  forward: AnyFunction,
  shape: FunctionShape,
  args: readonly unknown[],
): void {
  const slots = slotsOf(shape.parameters);
  const tolerance = containsSingle(args) ? 1e-5 : 1e-12;
  const found = jacobian(...deepClone(args));
  slots.forEach((slot, position) => {
    const numbers = numbersIn(partOf(found, position, slots.length));
    const columns = [...unitDirections(shape, args, slot)].map((direction) => {
      const moved = deepClone(args).flatMap((arg, k) => (slots.includes(k) ? [arg, direction[k]] : [arg]));
      return readLeaves(leavesOf({ tangent: forward(...moved) }, "tangent", shape.result, ""));
    });
    const height = columns[0]?.length ?? 0;
    const expected = Array.from({ length: height }, (_, i) => columns.map((column) => column[i] ?? NaN)).flat();
    close(`Jacobian of argument ${slot}`, numbers, expected, tolerance);
  });
}
