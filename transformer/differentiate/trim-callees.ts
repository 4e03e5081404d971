/**
 * What derivatives hand to one another is cut down to what is used: parameters of a generated function that it
 * does not read, and entries of a tape that its reverse pass does not read.
 *
 *   call f_reversePass x dX tape seed, where f_reversePass reads neither x nor tape.n
 *     =>   call f_reversePass dX tape seed, and the tape has no n
 *
 * The signatures are given out before the bodies are made; only the bodies tell what was needed.
 */
import {
  isReference,
  isTape,
  type CallOp,
  type IRFunction,
  type Op,
  type Parameter,
  type RecordType,
  type Region,
  type Type,
  type Value,
} from "../ir/ir.js";
import { exitOperands, mapExit, operandsOf, rebuild, regionsOf, walk } from "../ir/traverse.js";

/** `helpers` are called by one another and by `main` alone, whose own signature stays. */
export function trimCallees(
  main: IRFunction,
  helpers: readonly IRFunction[],
): { readonly main: IRFunction; readonly helpers: readonly IRFunction[] } {
  const byName = new Map(helpers.map((fn) => [fn.name, fn]));
  const fields = findRead(helpers);
  const live = findLive(helpers, byName, fields);
  const trim = (fn: IRFunction, params: readonly Parameter[]): IRFunction =>
    trimOne({ ...fn, params }, byName, live, fields);
  return {
    main: trim(main, main.params),
    helpers: helpers.map((fn) =>
      trim(
        fn,
        fn.params.filter(({ value }) => live.has(value)),
      ),
    ),
  };
}

/**
 * Parameters that are read, other than to hand them to a parameter that is not. Where references come from the tape,
 * what is handed in says which memory they may be: the caller must go on seeing that it is used.
 */
function findLive(
  helpers: readonly IRFunction[],
  byName: ReadonlyMap<string, IRFunction>,
  fields: ReadonlyMap<string, ReadonlySet<string | number>>,
): ReadonlySet<Value> {
  const live = new Set<Value>();
  for (const { params } of helpers) {
    const types = params.map(({ value }) => value.type);
    const readsReferences = types
      .filter(isTape)
      .some((tape) => tape.fields.some(({ name, type }) => isReference(type) && fields.get(nameOf(tape))?.has(name)));
    if (!readsReferences) continue;
    for (const { value } of params) if (isReference(value.type)) live.add(value);
  }
  /** Where an argument goes: it lives if one of them does. */
  const handedTo = new Map<Value, Value[]>();
  const visit = (region: Region): void => {
    exitOperands(region.exit).forEach((value) => live.add(value));
    for (const op of region.ops) {
      regionsOf(op).forEach(visit);
      const callee = op.kind === "call" ? byName.get(op.callee) : undefined;
      operandsOf(op).forEach((value, index) => {
        const param = callee?.params[index];
        if (param === undefined) live.add(value);
        else handedTo.set(value, [...(handedTo.get(value) ?? []), param.value]);
      });
    }
  };
  for (const { body } of helpers) visit(body);
  for (let grew = true; grew;) {
    grew = false;
    for (const [value, params] of handedTo) {
      if (live.has(value) || !params.some((param) => live.has(param))) continue;
      live.add(value);
      grew = true;
    }
  }
  return live;
}

/** The entries of each tape that are read, by the name of its type. */
function findRead(helpers: readonly IRFunction[]): ReadonlyMap<string, ReadonlySet<string | number>> {
  const read = new Map<string, Set<string | number>>();
  for (const { params, body } of helpers) {
    for (const { value } of params) if (isTape(value.type)) read.set(nameOf(value.type), new Set());
    walk(body, (op) => {
      if (op.kind === "load" && op.at.kind === "field" && isTape(op.at.base.type))
        read.get(nameOf(op.at.base.type))?.add(op.at.field);
    });
  }
  return read;
}

const nameOf = (tape: RecordType): string => tape.name ?? "";

function trimOne(
  fn: IRFunction,
  byName: ReadonlyMap<string, IRFunction>,
  live: ReadonlySet<Value>,
  fields: ReadonlyMap<string, ReadonlySet<string | number>>,
): IRFunction {
  const trimType = (type: Type): Type => {
    if (!isTape(type)) return type;
    const kept = fields.get(nameOf(type));
    return kept === undefined ? type : { ...type, fields: type.fields.filter(({ name }) => kept.has(name)) };
  };
  const values = new Map<Value, Value>();
  const trimValue = (value: Value): Value => {
    if (!isTape(value.type)) return value;
    const trimmed = values.get(value) ?? { type: trimType(value.type), origin: value.origin };
    values.set(value, trimmed);
    return trimmed;
  };
  const trimCall = (op: CallOp): CallOp => {
    const params = byName.get(op.callee)?.params;
    return params === undefined
      ? op
      : { ...op, args: op.args.filter((_, index) => params[index] === undefined || live.has(params[index].value)) };
  };
  const trimOp = (op: Op): Op => {
    const [result] = op.results;
    if (op.kind === "call") return trimCall(op);
    if (op.kind !== "allocate" || op.initial.kind !== "parts" || result === undefined || !isTape(result.type))
      return op;
    const kept = fields.get(nameOf(result.type));
    if (kept === undefined) return op;
    const names = result.type.fields.map(({ name }) => name);
    return {
      ...op,
      initial: { kind: "parts", parts: op.initial.parts.filter((_, index) => kept.has(names[index] ?? "")) },
    };
  };
  const trimRegion = (region: Region): Region => ({
    params: region.params,
    ops: region.ops.map((op) => rebuild(trimOp(op), { value: trimValue, region: trimRegion, result: trimValue })),
    exit: mapExit(region.exit, trimValue),
  });
  return {
    ...fn,
    params: fn.params.map((param) => ({ ...param, value: trimValue(param.value) })),
    results: fn.results.map(trimType),
    body: trimRegion(fn.body),
  };
}
