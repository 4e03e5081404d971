/**
 * The Jacobian of a function of arrays of numbers, in compressed rows. Columns that no row has two of are computed
 * together, in one direction (Curtis, Powell & Reid, 1974), and several of these in one sweep:
 *
 *   sets = new ColumnSets(x.length)
 *   pattern = sets.pattern(f_pattern(x, [1, 2, ...], sets))       the columns of each row, and their colours
 *   for colour from 0 to pattern.colourCount step 4 {
 *     xDot0[j] = 1 where j has this colour, xDot1[j] = 1 where it has the next one, ...
 *     tangents[colour], tangents[colour + 1], ... = f_forward_width_4(x, xDot0, xDot1, ...)
 *   }
 *   values[k] = tangents[colours[columns[k]]][row]
 */
import { Block, element, makeValue } from "../ir/build.js";
import {
  float64Array,
  integerType,
  inventedOrigin,
  numberType,
  type ArrayType,
  type IRFunction,
  type Origin,
  type Parameter,
  type RecordType,
  type Type,
  type Value,
} from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import type { DerivedFunction } from "./derivative.js";
import { named } from "./nests.js";
import { shadowType } from "./shadow-type.js";
import { setsOrigin, setsType } from "./sparsity.js";
import { alongSlot, call, finished, handOut, isFlatArray, jacobianName, onlyColumn, slotsOf } from "./tabulate.js";
import { columnsAtOnce, overRange, zeroOf, type Part } from "./unit-directions.js";

/** Forward mode with respect to one parameter, and the same over sets of columns: null for a number. */
export interface SparsePart extends Part {
  readonly pattern: IRFunction | null;
}

/** What stands in the way of a sparse matrix, of the types; null: nothing. */
export function whyNotSparse(primal: IRFunction, mode: "jacobian" | "hessian"): string | null {
  const slots = slotsOf(primal.params);
  const other = slots.find(({ value: { type } }) => !isFlatArray(type) && type.kind !== "number");
  if (other !== undefined) return `takes \`${other.name}\`, which is no array of numbers`;
  if (!slots.some(({ value }) => isFlatArray(value.type))) return "takes no array";
  const [result] = primal.results;
  if (mode === "jacobian") return result !== undefined && isFlatArray(result) ? null : "returns no array of numbers";
  return slots.length === 1 ? null : "takes several arguments, of which a Hessian has blocks";
}

const indices: ArrayType = { kind: "array", element: integerType, storage: "Int32Array" };

const matrixType: RecordType = {
  kind: "record",
  name: null,
  spelling: 'import("enzyme-ts").SparseMatrix',
  fields: [
    { name: "height", type: integerType },
    { name: "width", type: integerType },
    { name: "rowStart", type: indices },
    { name: "columns", type: indices },
    { name: "values", type: float64Array },
  ],
};

/** `parts`: one for each slot, in order. The Jacobian with respect to a number is dense. */
export function sparseJacobian(primal: IRFunction, parts: readonly SparsePart[], name: string): DerivedFunction {
  const block = new Block(false);
  const slots = slotsOf(primal.params);
  const jacobians = slots.flatMap((slot, k): readonly Value[] => {
    const part = parts[k];
    const origin = named(jacobianName(slot, slots));
    if (part === undefined) return [];
    if (part.pattern === null) return onlyColumn(primal, part.single, slot, origin, block);
    return [matrixOf(primal, slot, { ...part, pattern: part.pattern }, origin, block)];
  });
  return finished(name, primal, handOut(jacobians, block), block);
}

function matrixOf(
  primal: IRFunction,
  slot: Parameter,
  part: SparsePart & { readonly pattern: IRFunction },
  origin: Origin,
  block: Block,
): Value {
  const width = block.length(slot.value);
  const sets = take("new $ColumnSets($0)", [width], setsType, setsOrigin, block);
  const rows = rowsOf(primal, slot, part.pattern, sets, block);
  const patternType: Type = { kind: "opaque", text: 'import("enzyme-ts/sparse").SparsePattern' };
  const pattern = take("$0.pattern($1)", [sets, rows], patternType, named("pattern"), block);
  const member = (member: string, type: Type): Value => take(`$0.${member}`, [pattern], type, named(member), block);
  const rowStart = member("rowStart", indices);
  const columns = member("columns", indices);
  const colours = member("colours", indices);
  const count = member("colourCount", integerType);
  const tangents = tangentsOf(primal, slot, part, colours, count, block);
  const values = block.allocate(float64Array, { kind: "zeros", length: block.length(columns) }, named("values"));
  overRange({ from: block.constant(0), to: block.length(rows), step: 1 }, block, (row, outer) => {
    const from = outer.load(element(rowStart, row));
    const to = outer.load(element(rowStart, outer.apply("add", [row, outer.constant(1)])));
    overRange({ from, to, step: 1 }, outer, (k, inner) => {
      const colour = inner.load(element(colours, inner.load(element(columns, k))));
      inner.store(element(values, k), inner.load(element(inner.load(element(tangents, colour)), row)));
    });
  });
  const fields = [block.length(rows), width, rowStart, columns, values];
  return block.allocate(matrixType, { kind: "parts", parts: fields }, origin);
}

/** The columns that each number of the result depends on. */
function rowsOf(primal: IRFunction, slot: Parameter, pattern: IRFunction, sets: Value, block: Block): Value {
  const position = pattern.params.findIndex(({ value }) => value === slot.value) + 1;
  const own = pattern.params[position]?.value;
  if (own === undefined) throw new Error("a pattern takes no columns");
  const alone = block.allocate(own.type, { kind: "zeros", length: block.length(slot.value) }, own.origin);
  overRange({ from: block.constant(0), to: block.length(slot.value), step: 1 }, block, (j, inner) =>
    inner.store(element(alone, j), inner.apply("add", [j, inner.constant(1)])),
  );
  const args = primal.params.flatMap((param) => (param === slot ? [param.value, alone] : [param.value]));
  const [rows] = call(pattern, [...args, sets], block);
  if (rows === undefined) throw new Error("a pattern has no rows");
  return rows;
}

/** For each colour the tangents along all of its columns together. */
function tangentsOf(
  primal: IRFunction,
  slot: Parameter,
  { single, wide }: Part,
  colours: Value,
  count: Value,
  block: Block,
): Value {
  const [result] = primal.results;
  if (result === undefined) throw new Error("a function without a result has no Jacobian");
  const type: ArrayType = { kind: "array", element: shadowType(result), storage: "Array" };
  const lanes = Array.from({ length: wide === null ? 1 : columnsAtOnce }, (_, lane) => lane);
  const atLane = (first: Value, lane: number, inner: Block): Value =>
    lane === 0 ? first : inner.apply("add", [first, inner.constant(lane)]);
  // room for the lanes of the last sweep
  const tangents = block.allocate(
    type,
    { kind: "zeros", length: atLane(count, lanes.length - 1, block) },
    named("tangents"),
  );
  overRange({ from: block.constant(0), to: count, step: lanes.length }, block, (first, outer) => {
    const directions = lanes.map((lane) => zeroOf(slot.value, "tangent", outer, lane));
    overRange({ from: outer.constant(0), to: outer.length(slot.value), step: 1 }, outer, (j, inner) => {
      const colour = inner.load(element(colours, j));
      directions.forEach((direction, lane) => {
        const then = inner.inner();
        then.store(element(direction, j), then.constant(1, inventedOrigin, null, numberType));
        const isSame = inner.apply("eq", [colour, atLane(first, lane, inner)]);
        inner.if(isSame, then.yield([], []), inner.inner().yield([], []), []);
      });
    });
    alongSlot(primal, wide ?? single, slot, directions, outer).forEach((tangent, lane) =>
      outer.store(element(tangents, atLane(first, lane, outer)), tangent),
    );
  });
  return tangents;
}

/** What the package's helper gives: memory that nobody else writes. */
function take(template: string, operands: readonly Value[], type: Type, origin: Origin, block: Block): Value {
  const result = makeValue(type, origin);
  block.append({ kind: "opaque", results: [result], template, operands, effects: readsOnly, detached: true });
  return result;
}
