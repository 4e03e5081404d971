/**
 * A derivative along several directions, as its caller sees it: a tuple of directions in the place of each one, and a
 * tuple of what it gives.
 *
 *   f_forward(x, xDot) -> yDot     =>     f_forward_width_2(x, [xDot0, xDot1]) -> [yDot0, yDot1]
 */
import { analyzeAliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import { Block, field, makeValue } from "../ir/build.js";
import { booleanType, isReference, type IRFunction, type Parameter, type Value } from "../ir/ir.js";
import { exitOperands } from "../ir/traverse.js";
import type { Batches } from "./batch.js";
import type { DerivedFunction, ResultShape } from "./derivative.js";
import { checkApart } from "./entry-checks.js";
import type { LaneMask } from "./lanes.js";
import { Refusal } from "./refusal.js";

/** The function with lanes where it is asked to have them, and nowhere else. */
export function sideBySide(fn: IRFunction, asked: LaneMask, batches: Batches, name: string): IRFunction {
  const { fn: batch, mask } = batches.batch(fn, asked, name);
  const other = fn.params.find((_, k) => mask.params.has(k) && !asked.params.has(k));
  if (other !== undefined)
    throw new Refusal("EZ2040", { what: `what the derivative writes into \`${other.name}\` depends on the direction` });
  if (mask.results.size > asked.results.size)
    throw new Refusal("EZ2040", { what: "the value depends on the direction" });
  return batch;
}

/** `isDirection`: which parameters stand for a direction. `isShared`: which results are the same for all directions. */
export function alongDirections(
  { fn, shape, defaults }: DerivedFunction,
  isDirection: (param: Parameter) => boolean,
  width: number,
  batches: Batches,
  compilation: Compilation,
): DerivedFunction {
  const params = new Set(fn.params.flatMap((param, k) => (isDirection(param) ? [k] : [])));
  const results = perDirection(shape);
  const batch = sideBySide(fn, { params, results }, batches, fn.name);

  const block = new Block(false);
  const left = [...batch.params];
  const handed = fn.params.map((param, k): Parameter => {
    const lanes = left.splice(0, params.has(k) ? width : 1);
    return params.has(k) ? takeTuple(param, lanes, block) : param;
  });
  checkLanes(handed, batch, fn, width, block, compilation);
  for (const op of batch.body.ops) block.append(op);
  const { exit } = batch.body;
  const order = arrange(shape, results, width);
  const values = exitOperands(exit);
  const body = block.region(
    [],
    exit.kind !== "return" ? exit : { kind: "return", values: order.map((k) => at(values, k)) },
  );
  return {
    fn: { ...batch, params: handed, results: order.map((k) => at(batch.results, k)), body },
    shape: isEmpty(shape) ? shape : widen(shape, width),
    // A seed that is left out is 1; there are no several of it.
    defaults: new Map([...defaults].filter(([value]) => handed.some((param) => param.value === value))),
  };
}

function at<T>(list: readonly T[], k: number): T {
  const found = list[k];
  if (found === undefined) throw new Error("a result along a direction is lost");
  return found;
}

/** `xDot` is a tuple; its lanes are read from it. What may be left out is left out in all of them. */
function takeTuple(param: Parameter, lanes: readonly Parameter[], block: Block): Parameter {
  const { type, origin } = param.value;
  const values = lanes.map(({ value }) => value);
  const of = type.kind === "optional" ? type.of : type;
  const elements = values.map(() => of);
  const handed = makeValue(
    type.kind === "optional" ? { ...type, of: { kind: "tuple", elements } } : { kind: "tuple", elements },
    origin,
  );
  if (type.kind === "optional") loadPresent(handed, values, type.absence === "null" ? null : undefined, block);
  else values.forEach((value, lane) => block.append({ kind: "load", results: [value], at: field(handed, lane) }));
  return { ...param, value: handed, typeText: null, isReadonly: true };
}

/** kDot0 = kDot === undefined ? undefined : kDot[0] */
function loadPresent(tuple: Value, lanes: readonly Value[], absence: null | undefined, block: Block): void {
  if (tuple.type.kind !== "optional") throw new Error("a tuple that cannot be absent");
  const absent = makeValue(booleanType);
  block.append({ kind: "isAbsent", results: [absent], value: tuple });
  const [then, otherwise] = [block.inner(), block.inner()];
  const present = makeValue(tuple.type.of, tuple.origin);
  otherwise.append({ kind: "unwrap", results: [present], value: tuple });
  const loaded = lanes.map((_, lane) => otherwise.load(field(present, lane)));
  const nothing = lanes.map(() => then.constant(absence));
  block.if(absent, then.yield([], nothing), otherwise.yield([], loaded), lanes);
}

/** Directions that are written to, since the primal writes its arguments, are arrays of their own. */
function checkLanes(
  handed: readonly Parameter[],
  batch: IRFunction,
  fn: IRFunction,
  width: number,
  block: Block,
  compilation: Compilation,
): void {
  const aliases = analyzeAliases(batch, compilation);
  const left = [...batch.params];
  for (const param of handed) {
    const lanes = left.splice(0, param.isReadonly === true ? width : 1).map(({ value }) => value);
    const [first] = lanes;
    if (first === undefined || param.isReadonly !== true || !isReference(first.type)) continue;
    if (![...aliases.reachedFrom(first)].some((memory) => memory.written)) continue;
    checkApart(block, fn.name, param.name, lanes);
  }
}

// ---- Results -------------------------------------------------------------------------

type ObjectShape = Extract<ResultShape, { readonly kind: "object" }>;

const isEmpty = (shape: ResultShape): boolean => countOf(shape) === 0;

function countOf(shape: ResultShape): number {
  switch (shape.kind) {
    case "none":
      return 0;
    case "bare":
    case "function":
      return 1;
    case "tuple":
      return shape.entries.reduce((sum, one) => sum + countOf(one), 0);
    case "object":
      return shape.entries.reduce((sum, one) => sum + countOf(one.shape), 0);
  }
}

/** `{ value, tangent }`: there is one value. */
const isShared = ({ name }: ObjectShape["entries"][number]): boolean => name === "value";

/** Positions of the results that there is one of for each direction. */
function perDirection(shape: ResultShape): ReadonlySet<number> {
  const shared =
    shape.kind === "object" ? shape.entries.filter(isShared).reduce((sum, one) => sum + countOf(one.shape), 0) : 0;
  return new Set(Array.from({ length: countOf(shape) }, (_, k) => k).filter((k) => k >= shared));
}

/** A tuple of what there was one of. */
function widen(shape: ResultShape, width: number): ResultShape {
  if (shape.kind !== "object") return { kind: "tuple", entries: Array.from({ length: width }, () => shape) };
  return {
    kind: "object",
    entries: shape.entries.map((one) => (isShared(one) ? one : { name: one.name, shape: widen(one.shape, width) })),
  };
}

/** The lanes of each result stand side by side; the caller gets all results of a direction together. */
function arrange(shape: ResultShape, results: ReadonlySet<number>, width: number): readonly number[] {
  const count = countOf(shape);
  const shared = count - results.size;
  const first = Array.from({ length: shared }, (_, k) => k);
  const lanes = Array.from({ length: width }, (_, lane) =>
    Array.from({ length: results.size }, (__, k) => shared + k * width + lane),
  );
  return [...first, ...lanes.flat()];
}
