/** Walking and rebuilding IR: the few switches over `Op` that passes share. */
import { assertNever, type Exit, type Initial, type Location, type Op, type Region, type Value } from "./ir.js";

const locationOperands = (at: Location): readonly Value[] => (at.kind === "element" ? [at.base, at.index] : [at.base]);

function initialOperands(initial: Initial): readonly Value[] {
  switch (initial.kind) {
    case "zeros":
      return [initial.length];
    case "parts":
      return initial.keys === undefined ? initial.parts : [...initial.parts, ...initial.keys.map(({ test }) => test)];
    case "filled":
      return [initial.length, initial.value];
    case "copy":
      return [initial.source, initial.from, initial.to];
    case "zerosLike":
      return [initial.of];
    default:
      return assertNever(initial);
  }
}

/** Every value an operation reads itself; regions are not entered. */
export function operandsOf(op: Op): readonly Value[] {
  switch (op.kind) {
    case "constant":
    case "random":
      return [];
    case "apply":
    case "call":
      return op.args;
    case "allocate":
      return initialOperands(op.initial);
    case "length":
    case "pop":
      return [op.array];
    case "load":
      return locationOperands(op.at);
    case "store":
    case "accumulate":
      return [...locationOperands(op.at), op.value];
    case "push":
      return [op.array, op.value];
    case "grow":
      return [op.array, op.length];
    case "if":
      return [op.test];
    case "loop":
      return op.range === null ? op.initial : [op.range.from, op.range.to, ...op.initial];
    case "opaque":
      return op.operands;
    case "isAbsent":
    case "unwrap":
      return [op.value];
    default:
      return assertNever(op);
  }
}

/** The regions directly inside an operation. */
export function regionsOf(op: Op): readonly Region[] {
  return op.kind === "if" ? [op.then, op.else] : op.kind === "loop" ? [op.body] : [];
}

/** The values that an exit uses. */
export const exitOperands = (exit: Exit): readonly Value[] => (exit.kind === "throw" ? [exit.value] : exit.values);

/** The exit with other values. */
export function mapExit(exit: Exit, map: (value: Value) => Value): Exit {
  return exit.kind === "throw"
    ? { kind: "throw", value: map(exit.value) }
    : { kind: exit.kind, values: exit.values.map(map) };
}

/** The location with other values. */
export function mapLocation(at: Location, map: (value: Value) => Value): Location {
  return at.kind === "element"
    ? { kind: "element", base: map(at.base), index: map(at.index) }
    : { kind: "field", base: map(at.base), field: at.field };
}

function mapInitial(initial: Initial, map: (value: Value) => Value): Initial {
  switch (initial.kind) {
    case "zeros":
      return { ...initial, length: map(initial.length) };
    case "parts":
      return {
        ...initial,
        parts: initial.parts.map(map),
        ...(initial.keys === undefined
          ? {}
          : { keys: initial.keys.map(({ field, test }) => ({ field, test: map(test) })) }),
      };
    case "filled":
      return { kind: "filled", length: map(initial.length), value: map(initial.value) };
    case "copy":
      return { ...initial, source: map(initial.source), from: map(initial.from), to: map(initial.to) };
    case "zerosLike":
      return { kind: "zerosLike", of: map(initial.of) };
    default:
      return assertNever(initial);
  }
}

/** How `rebuild` replaces the parts of an operation. */
export interface Rebuild {
  readonly value: (value: Value) => Value;
  readonly region: (region: Region) => Region;
  readonly result: (value: Value) => Value;
}

/** The same operation with its operands, regions and results replaced. */
export function rebuild(op: Op, by: Rebuild): Op {
  const map = by.value;
  const results = op.results.map(by.result);
  switch (op.kind) {
    case "constant":
    case "random":
      return { ...op, results };
    case "apply":
    case "call":
      return { ...op, results, args: op.args.map(map) };
    case "allocate":
      return { ...op, results, initial: mapInitial(op.initial, map) };
    case "length":
    case "pop":
      return { ...op, results, array: map(op.array) };
    case "load":
      return { ...op, results, at: mapLocation(op.at, map) };
    case "store":
    case "accumulate":
      return { ...op, results, at: mapLocation(op.at, map), value: map(op.value) };
    case "push":
      return { ...op, results, array: map(op.array), value: map(op.value) };
    case "grow":
      return { ...op, results, array: map(op.array), length: map(op.length) };
    case "if":
      return { ...op, results, test: map(op.test), then: by.region(op.then), else: by.region(op.else) };
    case "loop":
      return {
        ...op,
        results,
        range: op.range === null ? null : { ...op.range, from: map(op.range.from), to: map(op.range.to) },
        initial: op.initial.map(map),
        body: by.region(op.body),
      };
    case "opaque":
      return { ...op, results, operands: op.operands.map(map) };
    case "isAbsent":
    case "unwrap":
      return { ...op, results, value: map(op.value) };
    default:
      return assertNever(op);
  }
}

/** Calls `visit` for every operation, outer before inner, in program order. */
export function walk(region: Region, visit: (op: Op, region: Region) => void): void {
  for (const op of region.ops) {
    visit(op, region);
    for (const inner of regionsOf(op)) walk(inner, visit);
  }
}

/** All values a region reads that it does not define itself, in order of first use. */
export function freeValues(region: Region): readonly Value[] {
  const defined = new Set<Value>();
  const free = new Set<Value>();
  const use = (value: Value): void => {
    if (!defined.has(value)) free.add(value);
  };
  const visit = (inner: Region): void => {
    for (const param of inner.params) defined.add(param);
    for (const op of inner.ops) {
      operandsOf(op).forEach(use);
      regionsOf(op).forEach(visit);
      for (const result of op.results) defined.add(result);
    }
    exitOperands(inner.exit).forEach(use);
  };
  visit(region);
  return [...free];
}

/**
 * A copy of a region with new values for all it defines; free values are looked up in `map`, and
 * what the copy defines is added to it, so that a caller can find the twin of any value.
 */
export function cloneRegion(region: Region, map: Map<Value, Value>): Region {
  const look = (value: Value): Value => map.get(value) ?? value;
  const define = (value: Value): Value => {
    const twin: Value = { type: value.type, origin: value.origin };
    map.set(value, twin);
    return twin;
  };
  const params = region.params.map(define);
  const ops = region.ops.map((op) =>
    rebuild(op, { value: look, region: (inner) => cloneRegion(inner, map), result: define }),
  );
  return { params, ops, exit: mapExit(region.exit, look) };
}

/** Replaces uses (not definitions) throughout a region; gives back the same object if nothing changed. */
export function substitute(region: Region, map: ReadonlyMap<Value, Value>): Region {
  if (map.size === 0) return region;
  const look = (value: Value): Value => map.get(value) ?? value;
  const ops = region.ops.map((op): Op => {
    const regions = regionsOf(op);
    const inner = regions.map((one) => substitute(one, map));
    if (!operandsOf(op).some((value) => map.has(value)) && inner.every((one, k) => one === regions[k])) return op;
    return rebuild(op, {
      value: look,
      region: (one) => inner[regions.indexOf(one)] ?? one,
      result: (value) => value,
    });
  });
  const exit = exitOperands(region.exit).some((value) => map.has(value)) ? mapExit(region.exit, look) : region.exit;
  const isSame = exit === region.exit && ops.every((op, k) => op === region.ops[k]);
  return !isSame ? { params: region.params, ops, exit } : region;
}

/** Is there such an operation in a region, or within? */
export function someOperation(region: Region, is: (op: Op) => boolean): boolean {
  return region.ops.some((op) => is(op) || regionsOf(op).some((inner) => someOperation(inner, is)));
}
