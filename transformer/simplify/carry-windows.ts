import type { Aliases } from "../analyze/aliases.js";
import type { Definitions } from "../analyze/definitions.js";
import { areDistinct } from "../analyze/distinct-references.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { mayStop } from "../analyze/trip-counts.js";
import type { Compilation } from "../compilation.js";
import { Block, element, makeValue } from "../ir/build.js";
import {
  numberType,
  type AccumulateOp,
  type IRFunction,
  type LoadOp,
  type Location,
  type LoopOp,
  type Op,
  type Origin,
  type Range,
  type Region,
  type StoreOp,
  type Value,
} from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import { carryMore, rewriteLoops, type Carried, type MemoryFacts } from "./carry-more.js";
import { touchesMemory } from "./merge-accumulates.js";
import { rewriteRegion, Substitution, withRegions } from "./rewrite.js";

/**
 * Hands elements on from one iteration to the next, where a loop adds to neighbours: each is read and written once.
 *
 *   for i from n - 2 down to 0 { store d[i] a; accumulate d[i + 1] b }
 *     =>
 *   s = load d[n - 1]; for i from n - 2 down to 0 carrying s { store d[i + 1] (s + b); yield a }; if it ran { store d[0] s }
 *
 * The additions are the same in the same order. Safe where nothing else in the loop touches the array and nothing ends the
 * loop early; of a plain array all elements have to be inside, since a write behind its end makes it longer. A step behind
 * all analyses, which know more of additions.
 */
export function carryWindows(fn: IRFunction, compilation: Compilation): IRFunction {
  let current = fn;
  // one array of each loop at a time
  for (let isDone = !hasCandidates(fn.body); !isDone;) {
    isDone = true;
    current = rewriteLoops(current, compilation, (loop, inner, facts) => {
      const window = inner === loop ? windowsOf(loop, facts)[0] : undefined;
      if (window === undefined) return [inner];
      const ops = carry(loop, window, facts.aliases);
      if (!ops.includes(loop)) isDone = false;
      return ops;
    });
  }
  return current;
}

/** How many elements are handed on at most: more of them are no longer kept in registers. */
const widest = 2;

/** An operation on one element of an array that is made of numbers. */
type Access = (LoadOp | StoreOp | AccumulateOp) & { readonly at: Extract<Location, { kind: "element" }> };

/** All that a loop does with an array: elements beside its counter, by their distance from it. */
interface Window {
  readonly base: Value;
  readonly range: Range;
  readonly offsets: ReadonlyMap<Access, number>;
  readonly lowest: number;
  readonly highest: number;
  /** Is nothing but zeros in the array when the loop begins? */
  readonly isZero: boolean;
}

function isAccess(op: Op): op is Access {
  return (op.kind === "load" || op.kind === "store" || op.kind === "accumulate") && op.at.kind === "element";
}

/** Shadows that keep a number as it is: what the user wrote stays as it was written. */
const keepsNumbers = ({ type, origin }: Value): boolean =>
  origin.role === "adjoint" &&
  type.kind === "array" &&
  type.element.kind === "number" &&
  (type.storage === "Float64Array" || type.storage === "Array");

const isStep = ({ step, from, to }: Range): boolean =>
  (step === 1 || step === -1) && from.type.kind === "integer" && to.type.kind === "integer";

const isCandidate = (op: Op): op is LoopOp =>
  op.kind === "loop" &&
  op.range !== null &&
  isStep(op.range) &&
  op.body.ops.some((one) => one.kind === "accumulate" && one.at.kind === "element" && keepsNumbers(one.at.base));

const hasCandidates = (region: Region): boolean =>
  region.ops.some((op) => isCandidate(op) || regionsOf(op).some(hasCandidates));

function windowsOf(loop: LoopOp, { tree, aliases, bounds }: MemoryFacts): readonly Window[] {
  const { body, range } = loop;
  const [counter] = body.params;
  if (!isCandidate(loop) || range === null || counter?.type.kind !== "integer") return [];
  if (body.exit.kind !== "yield" || mayStop(loop)) return [];
  const accesses = body.ops.filter(isAccess);
  const isZeroBefore = (when: LoopOp, base: Value, memory: ReadonlySet<MemoryClass>): boolean => {
    const { op: made } = tree.definitionOf(base);
    const { region, position } = tree.placeOf(when);
    if (made?.kind !== "allocate") return false;
    const { initial } = made;
    if (initial.kind !== "zerosLike" && (initial.kind !== "zeros" || initial.holes === true)) return false;
    const begin = region.ops.indexOf(made) + 1;
    return begin > 0 && region.ops.slice(begin, position).every((op) => !touchesMemory(op, aliases, memory, true));
  };
  const bases = new Set(accesses.flatMap(({ kind, at }) => (kind === "accumulate" ? [at.base] : [])));
  return [...bases].flatMap((base): readonly Window[] => {
    if (!keepsNumbers(base) || tree.isWithin(tree.definitionOf(base).region, body)) return [];
    const own = accesses.filter(({ at }) => at.base === base);
    const offsets = new Map<Access, number>();
    for (const op of own) {
      const { root, offset } = aliases.definitions.affine(op.at.index);
      if (root !== counter) return [];
      offsets.set(op, offset);
    }
    const [lowest, highest] = [Math.min(...offsets.values()), Math.max(...offsets.values())];
    const memory = new Set([aliases.classOf(base)]);
    const window: Window = { base, range, offsets, lowest, highest, isZero: isZeroBefore(loop, base, memory) };
    if (lowest === highest || highest - lowest > widest || !isCheaper(window)) return [];
    const isTyped = base.type.kind === "array" && base.type.storage !== "Array";
    if (!isTyped && !own.every((op) => bounds.isInside(op))) return [];
    const isOther = (op: Op): boolean => isAccess(op) && areDistinct(op.at.base, base, tree, aliases);
    const staysAway = (op: Op): boolean => !touchesMemory(op, aliases, memory, true) || isOther(op);
    return body.ops.every((op) => own.some((one) => one === op) || staysAway(op)) ? [window] : [];
  });
}

/** Less is read and written than before: one element at most each. */
function isCheaper(window: Window): boolean {
  let before = 0;
  for (const op of window.offsets.keys()) before += op.kind === "accumulate" ? 2 : 1;
  return before > (readsFirst(window) ? 2 : 1) && [...window.offsets.keys()].some(({ kind }) => kind !== "load");
}

/** The element that an iteration is the first to touch, and the one that no later iteration touches. */
const newest = ({ range, lowest, highest }: Window): number => (range.step > 0 ? highest : lowest);
const oldest = ({ range, lowest, highest }: Window): number => (range.step > 0 ? lowest : highest);

const readsFirst = (window: Window): boolean => {
  const first = [...window.offsets].find(([, offset]) => offset === newest(window));
  return first?.[0].kind !== "store";
};

/** The loop with the elements handed on, between where they are read and where they are written. */
function carry(loop: LoopOp, window: Window, { definitions }: Aliases): readonly Op[] {
  const { body } = loop;
  const { base, range, offsets, lowest, highest } = window;
  const { step } = range;
  const origin = originOf(base);
  const handed = Array.from({ length: highest - lowest }, (_, k) => (step > 0 ? lowest : lowest + 1) + k);
  const params = handed.map(() => makeValue(numberType, origin));

  // the elements, as they are at each place of the body
  const cells = new Map(handed.map((offset, k): [number, Value | undefined] => [offset, params[k]]));
  const indices = new Map([...offsets].map(([{ at }, offset]): [number, Value] => [offset, at.index]));
  const substitution = new Substitution();
  const inside = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out) => void out.push(withRegions(op, inside)));
  const rewritten = rewriteRegion(body, substitution, (op, out) => {
    if (!isAccess(op) || op.at.base !== base) return void out.push(withRegions(op, inside));
    const { offset } = definitions.affine(op.at.index);
    const held = (): Value => {
      const block = new Block(false);
      const value = cells.get(offset) ?? block.load(op.at, origin);
      out.push(...block.ops);
      return value;
    };
    const [result] = op.results;
    if (op.kind === "store") cells.set(offset, op.value);
    else if (op.kind === "load") {
      const value = held();
      cells.set(offset, value);
      if (result !== undefined) substitution.replace(result, value);
    } else {
      const sum = makeValue(numberType, origin);
      out.push({ kind: "apply", results: [sum], primitive: "add", args: [held(), op.value] });
      cells.set(offset, sum);
    }
  });
  const done = oldest(window);
  const [left, index] = [cells.get(done), indices.get(done)];
  const next = handed.flatMap((offset) => cells.get(offset + step) ?? []);
  if (left === undefined || index === undefined || next.length < handed.length) return [loop];
  if (rewritten.exit.kind !== "yield") return [loop];
  const store: Op = { kind: "store", results: [], at: element(base, index), value: left };

  const [before, behind] = [new Block(true), new Block(true)];
  const carried = handed.flatMap((offset, k): readonly Carried[] => {
    const [param, following] = [params[k], next[k]];
    if (param === undefined || following === undefined) return [];
    const initial = window.isZero
      ? before.constant(0, origin)
      : before.load(element(base, shifted(range.from, offset, before, definitions)), origin);
    return [{ initial, param, next: following, result: makeValue(numberType, origin) }];
  });
  const again = carryMore(loop, [...rewritten.ops, store], rewritten.exit.values, carried);
  // what was handed on last; if the loop did not run, there is nothing to write
  const written = behind.inner();
  const behindLast = range.inclusive ? step : 0;
  handed.forEach((offset, k) => {
    const result = carried[k]?.result;
    if (result !== undefined)
      written.store(element(base, shifted(range.to, offset + behindLast, written, definitions)), result);
  });
  const test = behind.apply(step > 0 ? (range.inclusive ? "le" : "lt") : range.inclusive ? "ge" : "gt", [
    range.from,
    range.to,
  ]);
  behind.if(test, written.yield([], []), behind.inner().yield([], []), []);
  return [...before.ops, again, ...behind.ops];
}

/** `value + by`, in as few terms as there are. */
function shifted(value: Value, by: number, block: Block, definitions: Definitions): Value {
  const { root, offset } = definitions.affine(value);
  const whole = offset + by;
  if (root === null) return block.constant(whole);
  if (by === 0) return value;
  if (whole === 0) return root;
  return whole > 0
    ? block.apply("add", [root, block.constant(whole)])
    : block.apply("sub", [root, block.constant(-whole)]);
}

/** An element that is handed on. */
function originOf({ origin: { variable, role } }: Value): Origin {
  return { span: null, variable: variable === null ? null : { name: `${variable.name}Carried` }, role };
}
