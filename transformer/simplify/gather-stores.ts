import { Definitions } from "../analyze/definitions.js";
import type { Compilation } from "../compilation.js";
import { isAssignable } from "../ir/assignable.js";
import type { AllocateOp, IRFunction, Location, Op, Region, Type, Value } from "../ir/ir.js";
import { freeValues, operandsOf, regionsOf } from "../ir/traverse.js";
import { constantOp, withBody, withOps, withRegions } from "./rewrite.js";
import { cellTypes } from "./separable-objects.js";

/** Cells up to which an object is made of its parts. */
const maximalCells = 16;

/**
 * Makes an object of what is stored into it first.
 *
 *   c = allocate zeros 2; s = ..; store c[0] s; t = ..; store c[1] t   =>   s = ..; t = ..; c = allocate parts s t
 *
 * Safe because nobody knows the object before the first operation that is no such store; it is made there. Then it is never
 * written, if that were all, and may be taken apart although it goes through loops and branches (scalarReplacement).
 */
export function gatherStores(fn: IRFunction, _compilation: Compilation): IRFunction {
  const definitions = new Definitions(fn);
  const visit = (region: Region): Region => {
    let ops: readonly Op[] = region.ops.map((op) => withRegions(op, visit));
    for (const made of ops) if (made.kind === "allocate") ops = gather(ops, made, region, definitions) ?? ops;
    return withOps(region, ops);
  };
  return withBody(fn, visit(fn.body));
}

/** The operations with the object made of its parts; null where nothing is stored into it first. */
function gather(
  ops: readonly Op[],
  made: AllocateOp,
  { exit }: Region,
  definitions: Definitions,
): readonly Op[] | null {
  const [object] = made.results;
  // records are called after what is stored into them
  const isRecord = object?.origin.role === "residual";
  const cells = object === undefined || isRecord ? null : cellsOf(made, object.type, definitions);
  if (object === undefined || cells === null) return null;
  const parts = [...cells.parts];
  const gathered = new Set<Op>();
  const start = ops.indexOf(made);
  let end = ops.length;
  for (let at = start + 1; at < ops.length; at++) {
    const op = ops[at];
    if (op === undefined || !touches(op, object)) continue;
    const position = op.kind === "store" ? positionOf(op.at, object, definitions) : null;
    const cell = position === null ? undefined : cells.types[position];
    const isPart = op.kind === "store" && op.value !== object && cell !== undefined;
    if (!isPart || position === null || !isAssignable(op.value.type, cell, false)) {
      end = at;
      break;
    }
    parts[position] = op.value;
    gathered.add(op);
  }
  const given = parts.every((part) => part !== null) ? parts : null;
  if (gathered.size === 0 || given === null || (end === ops.length && exit.kind === "throw")) return null;
  const behind = ops.slice(start + 1, end).filter((op) => !gathered.has(op));
  const keys = made.initial.kind === "parts" && made.initial.keys !== undefined ? { keys: made.initial.keys } : {};
  const maker: AllocateOp = { ...made, initial: { kind: "parts", parts: given, ...keys } };
  return [...ops.slice(0, start), ...cells.zeros, ...behind, maker, ...ops.slice(end)];
}

const touches = (op: Op, object: Value): boolean =>
  operandsOf(op).includes(object) || regionsOf(op).some((region) => freeValues(region).includes(object));

/** What an object begins with, and what its cells hold; null: it is not small, or there is more to it. */
function cellsOf(
  { initial }: AllocateOp,
  type: Type,
  definitions: Definitions,
): {
  readonly parts: readonly (Value | null)[];
  readonly types: readonly (Type | undefined)[];
  readonly zeros: readonly Op[];
} | null {
  if (initial.kind === "parts") {
    if (initial.maker !== undefined || initial.parts.length > maximalCells) return null;
    return { parts: initial.parts, types: storable(type, initial.parts.length), zeros: [] };
  }
  if (initial.kind !== "zeros" || type.kind !== "array") return null;
  const length = definitions.literalOf(initial.length);
  if (typeof length !== "number" || !Number.isInteger(length) || length < 1 || length > maximalCells) return null;
  const types = storable(type, length);
  // what is not there yet, or no number, is stored before it is read
  if (initial.holes === true || type.element.kind !== "number")
    return { parts: types.map(() => null), types, zeros: [] };
  const zero = constantOp(0);
  return { parts: types.map(() => zero.results[0]), types, zeros: [zero] };
}

/** What may be stored into each cell; undefined: nothing that a part says, for a field that may be left out is there afterwards. */
function storable(type: Type, length: number): readonly (Type | undefined)[] {
  const types = cellTypes(type, length);
  return type.kind === "record"
    ? types.map((one, k) => (type.fields[k]?.mayBeLeftOut === true ? undefined : one))
    : types;
}

function positionOf(at: Location, object: Value, definitions: Definitions): number | null {
  if (at.base !== object) return null;
  if (at.kind === "field") {
    const { type } = object;
    const position = type.kind === "record" ? type.fields.findIndex(({ name }) => name === at.field) : -1;
    return position < 0 ? null : position;
  }
  const index = definitions.literalOf(at.index);
  return typeof index === "number" ? index : null;
}
