/**
 * Jacobians and Hessians: another derivative called once for each number that is moved or seeded, and what it gives put
 * into nested arrays that mirror the shapes.
 *
 *   rows       for each number of the result: its adjoint 1, all others 0, one reverse sweep
 *   columns    for each number of the arguments: its tangent 1, one forward sweep
 *   hessian    for each number of the arguments: the Hessian times that direction; row by row, as it is symmetric
 */
import { Block, element, makeValue } from "../ir/build.js";
import {
  carriesDerivative,
  isReference,
  numberType,
  type Field,
  type IRFunction,
  type Location,
  type Origin,
  type Parameter,
  type Type,
  type Value,
} from "../ir/ir.js";
import type { DerivedFunction } from "./derivative.js";
import { countOf, forEachLeaf, forEachPart, locate, type Step } from "./leaves.js";
import { beside, shadowType } from "./shadow-type.js";

/** The differentiable parameters. */
export const slotsOf = (params: readonly Parameter[]): readonly Parameter[] =>
  params.filter(({ activity, value }) => activity !== "const" && carriesDerivative(value.type));

/** A tangent or adjoint that is handed over, all zeros: of a number the number itself. */
function zeroOf(value: Value, role: "adjoint" | "tangent", block: Block): Value {
  return isReference(value.type)
    ? block.allocate(shadowType(value.type), { kind: "zerosLike", of: value }, beside(value, role))
    : block.constant(0, beside(value, role), null, numberType);
}

const named = (name: string): Origin => ({ span: null, variable: { name }, role: "primal" });

/** One function of several slots gives a tuple. */
function handOut(values: readonly Value[], block: Block): Value {
  const [only] = values;
  if (only !== undefined && values.length === 1) return only;
  return block.allocate({ kind: "tuple", elements: values.map(({ type }) => type) }, { kind: "parts", parts: values });
}

function finished(name: string, primal: IRFunction, result: Value, block: Block): DerivedFunction {
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

function call(callee: IRFunction, args: readonly Value[], block: Block): readonly Value[] {
  const results = callee.results.map((type) => makeValue(type));
  block.append({ kind: "call", results, callee: callee.name, args });
  return results;
}

// ---- Nested arrays ---------------------------------------------------------------------

/** The type of a nest: the shape of `outer` with `leaf` in the place of each number. */
function nestType(outer: Type, leaf: Type): Type {
  switch (outer.kind) {
    case "array":
      return { kind: "array", element: nestType(outer.element, leaf), storage: "Array" };
    case "tuple":
      return {
        kind: "tuple",
        elements: outer.elements.map((part) => (carriesDerivative(part) ? nestType(part, leaf) : nothing)),
      };
    case "record": {
      const fields = outer.fields.flatMap(({ name, type }): readonly Field[] =>
        carriesDerivative(type) ? [{ name, type: nestType(type, leaf) }] : [],
      );
      return { kind: "record", name: null, fields };
    }
    default:
      return leaf;
  }
}
const nothing: Type = { kind: "opaque", text: "undefined" };

/**
 * Nests in the shape of a container, one for each of the `leaves`, filled number by number:
 * `fill` gives the leaves for the number at one place.
 */
function nests(
  container: Value,
  leaves: readonly Type[],
  origins: readonly Origin[],
  block: Block,
  fill: (at: Location, block: Block) => readonly Value[],
): readonly Value[] {
  const { type } = container;
  const partAt = (step: Step, part: Type, inner: Block): readonly Value[] => {
    const at: Location =
      step.kind === "element" ? element(container, step.index) : { kind: "field", base: container, field: step.field };
    if (!isReference(part)) return fill(at, inner);
    return nests(
      inner.load(at),
      leaves,
      leaves.map(() => named("rows")),
      inner,
      fill,
    );
  };
  if (type.kind === "array") {
    const made = leaves.map((leaf, k) =>
      block.allocate(nestType(type, leaf), { kind: "parts", parts: [] }, origins[k] ?? named("rows")),
    );
    forEachPart(type, container, block, (step, part, inner) => {
      const values = partAt(step, part, inner);
      made.forEach((nest, k) => {
        const value = values[k];
        if (value !== undefined) inner.push(nest, value);
      });
    });
    return made;
  }
  const parts: (readonly Value[])[] = [];
  forEachPart(type, container, block, (step, part, inner) => void parts.push(partAt(step, part, inner)));
  return leaves.map((leaf, k) => {
    const own = parts.flatMap((values) => values[k] ?? []);
    const all =
      type.kind === "tuple" ? type.elements.map((part) => (carriesDerivative(part) ? own.shift() : undefined)) : own;
    return block.allocate(
      nestType(type, leaf),
      { kind: "parts", parts: all.map((part) => part ?? block.constant(undefined)) },
      origins[k] ?? named("rows"),
    );
  });
}

// ---- Jacobians -------------------------------------------------------------------------

export type Direction = "rows" | "columns";

/** By rows or by columns: what needs fewer sweeps, as far as the types tell; columns need no second sweep. */
export function directionOf(primal: IRFunction): Direction {
  const counts = slotsOf(primal.params).map(({ value }) => countOf(value.type));
  const inputs = counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
  const [result] = primal.results;
  const outputs = result === undefined ? null : countOf(result);
  if (inputs === null) return outputs === null ? "columns" : "rows";
  return outputs !== null && outputs < inputs ? "rows" : "columns";
}

/** `reverse`: the primal's reverse mode, with a seed for its result. */
export function jacobianByRows(primal: IRFunction, reverse: IRFunction, name: string): DerivedFunction {
  const block = new Block(false);
  const slots = slotsOf(primal.params);
  const args = primal.params.map(({ value }) => value);
  const [value] = call(primal, args, block);
  if (value === undefined) throw new Error("a function without a result has no Jacobian");
  const seed = zeroOf(value, "adjoint", block);
  const isSeed = reverse.params.length - 1;
  const row = (at: Location, inner: Block): readonly Value[] => {
    const shadows = new Map(
      slots.filter((one) => isReference(one.value.type)).map((one) => [one.value, zeroOf(one.value, "adjoint", inner)]),
    );
    inner.store(at, inner.constant(1));
    const handed = primal.params.flatMap((param): readonly Value[] => {
      const shadow = slots.includes(param) ? shadows.get(param.value) : undefined;
      return shadow === undefined ? [param.value] : [param.value, shadow];
    });
    if (handed.length !== isSeed) throw new Error("reverse mode takes other parameters than it is handed");
    const adjoints = [...call(reverse, [...handed, seed], inner)];
    inner.store(at, inner.constant(0));
    return slots.map((one) => shadows.get(one.value) ?? adjoints.shift() ?? inner.constant(0));
  };
  const leaves = slots.map((one) => shadowType(one.value.type));
  const origins = slots.map((one) => named(slots.length === 1 ? "jacobian" : `${one.name}Jacobian`));
  return finished(name, primal, handOut(nests(seed, leaves, origins, block, row), block), block);
}

/** The tangent of what a derivative in forward mode gives, along a direction of one slot. */
function alongSlot(
  primal: IRFunction,
  forward: IRFunction | undefined,
  slot: Parameter,
  direction: Value,
  block: Block,
): Value {
  const args = primal.params.flatMap((param) => (param === slot ? [param.value, direction] : [param.value]));
  const [tangent] = forward === undefined ? [] : call(forward, args, block);
  if (tangent === undefined) throw new Error("forward mode gives no tangent");
  return tangent;
}

const one = (slot: Parameter, block: Block): Value =>
  block.constant(1, beside(slot.value, "tangent"), null, numberType);

/** `forward`: the primal's forward mode with respect to each slot alone. */
export function jacobianByColumns(primal: IRFunction, forward: readonly IRFunction[], name: string): DerivedFunction {
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
    const origin = named(slots.length === 1 ? "jacobian" : `${slot.name}Jacobian`);
    if (!isReference(slot.value.type) || shape === null) {
      // The only column is the tangent itself, in plain arrays.
      const tangent = alongSlot(primal, forward[k], slot, one(slot, block), block);
      return nests(tangent, [numberType], [origin], block, (at, inner) => [inner.load(at)]);
    }
    const leaf = shadowType(slot.value.type);
    const [jacobian] = nests(shape, [leaf], [origin], block, (_, inner) => [zeroOf(slot.value, "adjoint", inner)]);
    if (jacobian === undefined) return [];
    const direction = zeroOf(slot.value, "tangent", block);
    forEachLeaf(direction, block, (at, column, inner) => {
      inner.store(at, inner.constant(1));
      const tangent = alongSlot(primal, forward[k], slot, direction, inner);
      // what is given may be the direction itself
      forEachLeaf(tangent, inner, (from, row, innermost) => {
        let nest = jacobian;
        for (const step of row) nest = innermost.load(locate(nest, [step], innermost));
        innermost.store(locate(nest, column, innermost), innermost.load(from));
      });
      inner.store(at, inner.constant(0));
    });
    return [jacobian];
  });
  return finished(name, primal, handOut(jacobians, block), block);
}

// ---- Hessians --------------------------------------------------------------------------

/** `hvp`: the forward mode of the gradient, with respect to each slot alone. */
export function hessianByRows(primal: IRFunction, hvp: readonly IRFunction[], name: string): DerivedFunction {
  const block = new Block(false);
  const slots = slotsOf(primal.params);
  const leaves = slots.map(({ value }) => shadowType(value.type));
  const blocks = slots.map((slot, k): readonly Value[] => {
    const product = (direction: Value, inner: Block): readonly Value[] => {
      const given = alongSlot(primal, hvp[k], slot, direction, inner);
      return slots.length === 1 ? [given] : slots.map((_, l) => inner.load({ kind: "field", base: given, field: l }));
    };
    if (!isReference(slot.value.type)) return product(one(slot, block), block);
    const direction = zeroOf(slot.value, "tangent", block);
    const origins = slots.map((other) => named(slots.length === 1 ? "hessian" : `${slot.name}${capital(other.name)}`));
    return nests(direction, leaves, origins, block, (at, inner) => {
      inner.store(at, inner.constant(1));
      const row = product(direction, inner);
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

const isFlat = (type: Type): boolean =>
  type.kind === "number" || (type.kind === "array" && type.element.kind === "number");

/** All indices of an array, or those below a bound. */
function overIndices(
  array: Value,
  below: Value | null,
  block: Block,
  visit: (index: Value, inner: Block) => void,
): void {
  const index = makeValue({ kind: "integer" });
  const inner = block.inner();
  visit(index, inner);
  const stop = inner.constant(false);
  const range = { from: block.constant(0), to: below ?? block.length(array), step: 1, inclusive: false };
  block.loop(range, [], inner.yield([index], [stop]), [makeValue({ kind: "integer" }), makeValue({ kind: "integer" })]);
}
