/**
 * Holds Hessian-vector products against each other: forward over reverse against reverse over reverse, the symmetry
 * of the Hessian, central differences of the gradient.
 */
import { containsSingle, type AnyFunction } from "./gradient-check.js";
import { randomNumbers } from "./random.js";
import { deepClone, leavesOf, readLeaf, readLeaves, shadowOf, type Leaf, type Shape } from "./shape.js";

export interface SecondOrderCase {
  readonly gradient: AnyFunction;
  readonly hvp: AnyFunction;
  /** Reverse mode of the gradient. */
  readonly reverse: AnyFunction | null;
  readonly parameters: readonly Shape[];
  readonly args: readonly unknown[];
  /** false: central differences do not apply. */
  readonly differences: boolean;
  /** Are numbers rounded to single precision on the way? */
  readonly single: boolean;
}

export function checkSecondOrder(one: SecondOrderCase): void {
  const { parameters } = one;
  const args: unknown[] = parameters.map((_, k) => one.args[k]);
  const random = randomNumbers(3);
  const single = one.single || containsSingle(args);
  const tolerance = single ? 1e-4 : 1e-10;
  const slots = parameters.flatMap((shape, k) => (shape.kind === "const" ? [] : [k]));
  const directions = (fill: () => number): readonly unknown[] =>
    parameters.map((shape, k) => shadowOf(args[k], shape, fill));
  const leaves = (values: readonly unknown[]): readonly Leaf[] => {
    const holder = values as unknown as Record<PropertyKey, unknown>;
    return parameters.flatMap((shape, k) => leavesOf(holder, k, shape, `argument ${k}`));
  };
  /** A gradient as a list of slots, one for each parameter. */
  const spread = (returned: unknown): readonly unknown[] => {
    const values: unknown[] = parameters.map(() => undefined);
    slots.forEach((k, position) => {
      values[k] = slots.length === 1 ? returned : (returned as readonly unknown[])[position];
    });
    return values;
  };
  /** A field that was absent, and that the primal sets, may have a slot: what is in it is no derivative of an input. */
  const inOrder = (found: readonly Leaf[], like: readonly Leaf[]): readonly number[] => {
    const byPath = new Map(found.map((leaf) => [leaf.path, leaf]));
    return like.map(({ path }) => {
      const leaf = byPath.get(path);
      if (leaf === undefined) throw new Error(`the product has no ${path}`);
      return readLeaf(leaf);
    });
  };
  const product = (direction: readonly unknown[]): readonly number[] => {
    const given = slots.map((k) => deepClone(direction[k]));
    return inOrder(leaves(spread(one.hvp(...deepClone(args), ...given))), leaves(direction));
  };
  const close = (what: string, found: number, expected: number, scale: number, allowed = tolerance): void => {
    if (
      Math.abs(found - expected) <= allowed * Math.max(scale, 1e-3) ||
      (!Number.isFinite(found) && !Number.isFinite(expected))
    )
      return;
    throw new Error(`${what}: ${found}, not ${expected} (scale ${scale})`);
  };
  const size = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + (Number.isFinite(value) ? Math.abs(value) : 0), 0);
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, k) => (value === 0 ? sum : sum + value * (b[k] ?? NaN)), 0);

  const fill = (): number => Math.fround(2 * random() - 1);
  const [v, w] = [directions(fill), directions(fill)];
  const [hv, hw] = [product(v), product(w)];
  const [vs, ws] = [readLeaves(leaves(v)), readLeaves(leaves(w))];
  close("symmetry", dot(ws, hv), dot(vs, hw), size(hv) + size(hw));

  if (one.reverse !== null) {
    const shadows = directions(() => 0);
    const seeds = slots.map((k) => deepClone(v[k]));
    const list = deepClone(args).flatMap((arg, k) =>
      parameters[k]?.kind === "const" || parameters[k]?.kind === "number" ? [arg] : [arg, shadows[k]],
    );
    const cells = leaves(shadows);
    const returned = one.reverse(...list, slots.length === 1 ? seeds[0] : seeds);
    const numbers = slots.filter((k) => parameters[k]?.kind === "number");
    numbers.forEach((k, position) => {
      (shadows as unknown[])[k] = numbers.length === 1 ? returned : (returned as readonly unknown[])[position];
    });
    const found = readLeaves(cells);
    found.forEach((value, k) => close(`reverse over reverse, ${cells[k]?.path}`, value, hv[k] ?? NaN, size(hv)));
  }
  if (!one.differences || single) return;
  // A whole number may be an index, a bound or a border between two branches.
  const cellsOfArgs = leaves(args);
  leaves(w).forEach((cell, k) => {
    const at = Number(cellsOfArgs[k]?.container[cellsOfArgs[k].key]);
    if (Number.isInteger(at) || !Number.isFinite(at)) cell.container[cell.key] = 0;
  });
  const expected = product(w);
  const gradientAt = (h: number): readonly number[] => {
    const moved = deepClone<unknown[]>(args);
    const cells = leaves(moved);
    const cellsV = leaves(w);
    // A cell that two parameters share is moved once for each.
    cells.forEach((cell, k) => {
      cell.container[cell.key] = Number(cell.container[cell.key]) + h * Number(cellsV[k]?.container[cellsV[k].key]);
    });
    return inOrder(leaves(spread(one.gradient(...moved))), leaves(w));
  };
  const tried: string[] = [];
  for (const h of [1e-4, 1e-5, 1e-3, 1e-6]) {
    const [a, b, c, d] = [gradientAt(h), gradientAt(-h), gradientAt(2 * h), gradientAt(-2 * h)];
    const slope = a.map((one, k) => (8 * (one - (b[k] ?? NaN)) - ((c[k] ?? NaN) - (d[k] ?? NaN))) / (12 * h));
    const worst = Math.max(...slope.map((value, k) => Math.abs(value - (expected[k] ?? NaN))));
    if (worst <= 1e-6 * Math.max(size(expected), 1e-2)) return;
    tried.push(`${worst} at ${h}`);
  }
  throw new Error(`central differences of the gradient: ${tried.join(", ")}; hvp ${expected.slice(0, 6).join(" ")}`);
}
