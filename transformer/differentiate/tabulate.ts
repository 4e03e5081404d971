/**
 * Jacobians and Hessians: another derivative called once for each number that is moved or seeded, and what it gives put
 * into nested arrays that mirror the shapes.
 *
 *   rows       for each number of the result: its adjoint 1, all others 0, one reverse sweep
 *   columns    for each number of the arguments: its tangent 1, one forward sweep
 *   hessian    for each number of the arguments: the Hessian times that direction; row by row, as it is symmetric
 *
 * Along an array several directions are taken in one sweep (batch.ts), and what is left over one by one; a result of
 * few numbers is seeded with all of them at once.
 */
import { Block, element, makeValue } from "../ir/build.js";
import {
  carriesDerivative,
  inventedOrigin,
  isDictionary,
  isReference,
  numberType,
  type IRFunction,
  type Location,
  type Origin,
  type Parameter,
  type Type,
  type Value,
} from "../ir/ir.js";
import type { DerivedFunction } from "./derivative.js";
import { countOf, forEachLeaf, locate, refuseAbsent } from "./leaves.js";
import { named, nests, nestType } from "./nests.js";
import { beside, shadowType } from "./shadow-type.js";
import { forEachDirection, overRange, zeroOf, type Part } from "./unit-directions.js";

/** The differentiable parameters. */
export const slotsOf = (params: readonly Parameter[]): readonly Parameter[] =>
  params.filter(({ activity, value }) => activity !== "const" && carriesDerivative(value.type));

/** One function of several slots gives a tuple. */
export function handOut(values: readonly Value[], block: Block): Value {
  const [only] = values;
  if (only !== undefined && values.length === 1) return only;
  return block.allocate({ kind: "tuple", elements: values.map(({ type }) => type) }, { kind: "parts", parts: values });
}

/** A derivative that gives one value. */
export function finished(name: string, primal: IRFunction, result: Value, block: Block): DerivedFunction {
  const fn: IRFunction = {
    name,
    params: primal.params,
    results: [result.type],
    body: block.region([], { kind: "return", values: [result] }),
    derivation: null,
    span: primal.span,
  };
  return { fn, shape: { kind: "bare" }, defaults: new Map() };
}

/** Calls a derivative; gives its results. */
export function call(callee: IRFunction, args: readonly Value[], block: Block): readonly Value[] {
  const results = callee.results.map((type) => makeValue(type));
  block.append({ kind: "call", results, callee: callee.name, args });
  return results;
}

// ---- Jacobians -------------------------------------------------------------------------

export type Direction = "rows" | "columns";

/** By rows or by columns: what needs fewer sweeps, as far as the types tell; columns need no second sweep. */
export function directionOf(primal: IRFunction): Direction {
  const counts = slotsOf(primal.params).map(({ value }) => countOf(value.type));
  const inputs = counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
  refuseAbsent(primal.results);
  const [result] = primal.results;
  const outputs = result === undefined ? null : countOf(result);
  if (inputs === null) return outputs === null ? "columns" : "rows";
  return outputs !== null && outputs < inputs ? "rows" : "columns";
}

/** How many rows go together, where there are so few. */
export const mostRowsAtOnce = 8;

/** `reverse`: the primal's reverse mode, with a seed for its result; in its wide form for all rows at once. */
export function jacobianByRows(primal: IRFunction, reverse: Part, name: string): DerivedFunction {
  const block = new Block(false);
  const slots = slotsOf(primal.params);
  const leaves = slots.map((one) => shadowType(one.value.type));
  const origins = slots.map((one) => named(jacobianName(one, slots)));
  if (reverse.wide !== null) {
    const [type] = primal.results;
    const seeds = type === undefined ? [] : unitSeeds(shadowType(type), block);
    const rows = [...callReverse(primal, reverse.wide, seeds, block)];
    const [shape] = seeds;
    if (shape === undefined) throw new Error("a function without a result has no Jacobian");
    return finished(
      name,
      primal,
      handOut(
        nests(shape, leaves, origins, block, () => rows.shift() ?? []),
        block,
      ),
      block,
    );
  }
  const args = primal.params.map(({ value }) => value);
  const [value] = call(primal, args, block);
  if (value === undefined) throw new Error("a function without a result has no Jacobian");
  const seed = zeroOf(value, "adjoint", block);
  const row = (at: Location, inner: Block): readonly Value[] => {
    inner.store(at, inner.constant(1));
    const [only = []] = callReverse(primal, reverse.single, [seed], inner);
    inner.store(at, inner.constant(0));
    return only;
  };
  return finished(name, primal, handOut(nests(seed, leaves, origins, block, row), block), block);
}

/** Of a result of so many numbers: for each of them a seed that is 1 there. */
function unitSeeds(type: Type, block: Block): readonly Value[] {
  const seedAt = (place: number): Value => {
    let next = 0;
    const part = (of: Type): Value => {
      if (of.kind === "number") return block.constant(next++ === place ? 1 : 0, inventedOrigin, null, numberType);
      if (!carriesDerivative(of)) return block.constant(undefined);
      const inside = of.kind === "tuple" ? of.elements : of.kind === "record" ? of.fields.map((one) => one.type) : [];
      const parts = inside.map(part);
      return block.allocate(of, { kind: "parts", parts }, { ...named("result"), role: "adjoint" });
    };
    return part(type);
  };
  return Array.from({ length: countOf(type) ?? 0 }, (_, place) => seedAt(place));
}

/** Reverse mode with seeds side by side: for each of them the gradients of the slots. */
export function callReverse(
  primal: IRFunction,
  reverse: IRFunction,
  seeds: readonly Value[],
  block: Block,
): readonly (readonly Value[])[] {
  const slots = slotsOf(primal.params);
  const shadows = new Map(
    slots.flatMap((one) =>
      isReference(one.value.type) ? [[one.value, seeds.map(() => zeroOf(one.value, "adjoint", block))] as const] : [],
    ),
  );
  const handed = primal.params.flatMap(({ value }) => [value, ...(shadows.get(value) ?? [])]);
  if (handed.length + seeds.length !== reverse.params.length)
    throw new Error("reverse mode takes other parameters than it is handed");
  const adjoints = [...call(reverse, [...handed, ...seeds], block)];
  const lanes = slots.map((one) => shadows.get(one.value) ?? adjoints.splice(0, seeds.length));
  return seeds.map((_, row) => lanes.map((lane) => lane[row] ?? block.constant(0)));
}

/** The tangents of what a derivative in forward mode gives, along directions of one slot side by side. */
export function alongSlot(
  primal: IRFunction,
  forward: IRFunction | undefined,
  slot: Parameter,
  directions: readonly Value[],
  block: Block,
): readonly Value[] {
  const args = primal.params.flatMap((param) => (param === slot ? [param.value, ...directions] : [param.value]));
  const tangents = forward === undefined ? [] : call(forward, args, block);
  if (tangents.length !== directions.length) throw new Error("forward mode gives no tangent");
  return tangents;
}

const one = (slot: Parameter, block: Block): Value =>
  block.constant(1, beside(slot.value, "tangent"), null, numberType);

/** What the table of one of several parameters is called. */
export const jacobianName = (slot: Parameter, slots: readonly Parameter[]): string =>
  slots.length === 1 ? "jacobian" : `${slot.name}Jacobian`;

/** The only column of a number is the tangent itself, in plain arrays. */
export function onlyColumn(
  primal: IRFunction,
  forward: IRFunction | undefined,
  slot: Parameter,
  origin: Origin,
  block: Block,
): readonly Value[] {
  const [tangent] = alongSlot(primal, forward, slot, [one(slot, block)], block);
  return tangent === undefined ? [] : nests(tangent, [numberType], [origin], block, (at, inner) => [inner.load(at)]);
}

/** `forward`: the primal's forward mode with respect to each slot alone. */
export function jacobianByColumns(primal: IRFunction, forward: readonly Part[], name: string): DerivedFunction {
  const block = new Block(false);
  const slots = slotsOf(primal.params);
  const isMany = slots.some(({ value }) => isReference(value.type));
  const [value] = isMany
    ? call(
        primal,
        primal.params.map((param) => param.value),
        block,
      )
    : [];
  const shape = value === undefined ? null : zeroOf(value, "tangent", block);
  const jacobians = slots.flatMap((slot, k): readonly Value[] => {
    const origin = named(jacobianName(slot, slots));
    if (!isReference(slot.value.type) || shape === null)
      return onlyColumn(primal, forward[k]?.single, slot, origin, block);
    const leaf = shadowType(slot.value.type);
    const [jacobian] = nests(shape, [leaf], [origin], block, (_, inner) => [zeroOf(slot.value, "adjoint", inner)]);
    if (jacobian === undefined) return [];
    const part = forward[k];
    if (part === undefined) return [];
    forEachDirection(slot, part, block, (derivative) => (directions, columns, inner) => {
      const tangents = alongSlot(primal, derivative, slot, directions, inner);
      const [first] = tangents;
      if (first === undefined) return;
      // what is given may be the direction itself
      forEachLeaf(first, inner, (_, row, innermost) => {
        let nest = jacobian;
        for (const step of row) nest = innermost.load(locate(nest, [step], innermost));
        tangents.forEach((tangent, lane) => {
          const column = columns[lane];
          if (column === undefined) return;
          innermost.store(locate(nest, column, innermost), innermost.load(locate(tangent, row, innermost)));
        });
      });
    });
    return [jacobian];
  });
  return finished(name, primal, handOut(jacobians, block), block);
}

// ---- Hessians --------------------------------------------------------------------------

/** `hvp`: the forward mode of the gradient, with respect to each slot alone. */
export function hessianByRows(primal: IRFunction, hvp: readonly Part[], name: string): DerivedFunction {
  const block = new Block(false);
  const slots = slotsOf(primal.params);
  const leaves = slots.map(({ value }) => shadowType(value.type));
  /** For each direction the products with the blocks of its row. */
  const products = (
    slot: Parameter,
    derivative: IRFunction | undefined,
    directions: readonly Value[],
    inner: Block,
  ): readonly (readonly Value[])[] =>
    alongSlot(primal, derivative, slot, directions, inner).map((given) =>
      slots.length === 1 ? [given] : slots.map((_, l) => inner.load({ kind: "field", base: given, field: l })),
    );
  const blocks = slots.map((slot, k): readonly Value[] => {
    const part = hvp[k];
    if (!isReference(slot.value.type)) return products(slot, part?.single, [one(slot, block)], block)[0] ?? [];
    const origins = slots.map((other) => named(slots.length === 1 ? "hessian" : `${slot.name}${capital(other.name)}`));
    if (part !== undefined && part.wide !== null) {
      const length = block.length(slot.value);
      const made = leaves.map((leaf, l) =>
        block.allocate(nestType(slot.value.type, leaf), { kind: "zeros", length }, origins[l] ?? named("rows")),
      );
      forEachDirection(slot, part, block, (derivative) => (directions, columns, inner) => {
        products(slot, derivative, directions, inner).forEach((row, lane) => {
          const at = columns[lane];
          if (at === undefined) return;
          made.forEach((nest, l) => {
            const own = row[l];
            if (own !== undefined) inner.store(locate(nest, at, inner), own);
          });
        });
      });
      return made;
    }
    const direction = zeroOf(slot.value, "tangent", block);
    return nests(direction, leaves, origins, block, (at, inner) => {
      inner.store(at, inner.constant(1));
      const [row = []] = products(slot, part?.single, [direction], inner);
      inner.store(at, inner.constant(0));
      return row;
    });
  });
  const rows = mirror(slots, blocks, block).map((row) => handOut(row, block));
  return finished(name, primal, handOut(rows, block), block);
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** What stands below the diagonal is what stands above it, to the last bit: of numbers and arrays of numbers. */
function mirror(
  slots: readonly Parameter[],
  blocks: readonly (readonly Value[])[],
  block: Block,
): readonly (readonly Value[])[] {
  const size = slots.length;
  for (let k = 0; k < size; k++) {
    for (let l = 0; l <= k; l++) {
      const [from, to] = [blocks[l]?.[k], blocks[k]?.[l]];
      const [row, column] = [slots[k]?.value.type, slots[l]?.value.type];
      if (from === undefined || to === undefined || row === undefined || column === undefined) continue;
      if (!isFlat(row) || !isFlat(column) || (from !== to && from.type.kind !== "array")) continue;
      if (row.kind === "array" && column.kind === "array") {
        overIndices(to, null, block, (i, outer) => {
          const target = outer.load(element(to, i));
          overIndices(target, k === l ? i : null, outer, (j, inner) => {
            const source = inner.load(element(from, j));
            inner.store(element(target, j), inner.load(element(source, i)));
          });
        });
      } else if (row.kind === "array" || column.kind === "array") {
        overIndices(to, null, block, (i, inner) => inner.store(element(to, i), inner.load(element(from, i))));
      }
    }
  }
  const isNumber = (k: number): boolean => slots[k]?.value.type.kind === "number";
  return blocks.map((own, k) =>
    own.map((value, l) => (l < k && isNumber(k) && isNumber(l) ? (blocks[l]?.[k] ?? value) : value)),
  );
}

const isFlat = (type: Type): boolean => type.kind === "number" || isFlatArray(type);

/** Is it an array of numbers? */
export const isFlatArray = (type: Type): boolean =>
  type.kind === "array" && type.element.kind === "number" && !isDictionary(type);

/** All indices of an array, or those below a bound. */
function overIndices(
  array: Value,
  below: Value | null,
  block: Block,
  visit: (index: Value, inner: Block) => void,
): void {
  overRange({ from: block.constant(0), to: below ?? block.length(array), step: 1 }, block, visit);
}
