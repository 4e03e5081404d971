import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { mayResize, writesClass } from "../analyze/effects.js";
import { isOlder } from "../analyze/older-references.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import { mayStop, tripCount } from "../analyze/trip-counts.js";
import type { Compilation } from "../compilation.js";
import { Block, element } from "../ir/build.js";
import { operandsOf, someOperation } from "../ir/traverse.js";
import type { AllocateOp, IRFunction, LoopOp, Op, PushOp, Range, Region, StoreOp, Value } from "../ir/ir.js";
import { countUses, withBody, withOps, withRegions } from "./rewrite.js";

/**
 * Makes an array at once where loops fill one push by push, and single pushes beside them.
 *
 *   y = allocate parts; for i from a to n { push y v }   =>   y = allocate zeros n - a; for i from a to n { store y[i - a] v }
 *   [...a, x, ...b]   =>   y = allocate zeros a.length + 1 + b.length; ..
 *
 * Safe because nothing touches the array between its making and the last push, and in each loop only the one push, which
 * every iteration reaches: after them the array is the same. Then its length is known.
 */
export function gatherPushes(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!someOperation(fn.body, ({ kind }) => kind === "push")) return fn;
  const aliases = analyzeAliases(fn, compilation);
  const tree = buildRegionTree(fn);
  const uses = countUses(fn);
  const visit = (region: Region): Region => {
    let ops: readonly Op[] = region.ops.map((op) => withRegions(op, visit));
    for (const made of region.ops) {
      if (made.kind !== "allocate" || !isPlainArray(made)) continue;
      const [array] = made.results;
      const memory = aliases.classOf(array);
      const isArray = (value: Value): boolean =>
        value === array ||
        (value.type.kind === "array" && aliases.classOf(value) === memory && !isOlder(value, array, tree));
      ops = gather(ops, made, array, { isArray, aliases, uses }) ?? ops;
    }
    return withOps(region, ops);
  };
  return withBody(fn, visit(fn.body));
}

type Made = AllocateOp & { readonly results: readonly [Value]; readonly initial: { readonly kind: "parts" } };

const isPlainArray = (op: AllocateOp): op is Made =>
  op.initial.kind === "parts" && op.results[0]?.type.kind === "array" && op.results[0].type.storage === "Array";

interface Around {
  /** May a value be the array that is made? */
  readonly isArray: (value: Value) => boolean;
  readonly aliases: Aliases;
  readonly uses: ReadonlyMap<Value, number>;
}

/** What is put behind the end of an array: by a push, or by a loop that does nothing else with it. */
interface Append {
  readonly at: number;
  readonly op: PushOp | LoopOp;
  readonly push: PushOp;
  readonly range: Range | null;
}

/** The operations with one array gathered; null where that cannot be. */
function gather(ops: readonly Op[], made: Made, array: Value, around: Around): readonly Op[] | null {
  const start = ops.indexOf(made);
  const found = appendsAfter(ops, start, array, around);
  const [first] = found;
  if (first === undefined) return null;
  let moved: ReadonlySet<Op> = new Set();
  const appends: Append[] = [];
  for (const append of found) {
    const { range } = append;
    const ahead = new Set(moved);
    const isKnown =
      range === null || [range.from, range.to].every((end) => moveAhead(end, ops, first.at, around, ahead));
    if (!isKnown) break;
    moved = ahead;
    appends.push(append);
  }
  if (!appends.some(({ range }) => range !== null)) return null;

  const block = new Block(true);
  const offsets: Value[] = [];
  let length = block.constant(made.initial.parts.length);
  for (const { range } of appends) {
    offsets.push(length);
    length = sum(block, length, range === null ? block.constant(1) : tripCount(block, range));
  }
  const storeAt = (position: Value, value: Value): StoreOp => ({
    kind: "store",
    results: [],
    at: element(array, position),
    value,
  });
  const rebuilt = appends.map(({ op, push, range }, k): readonly Op[] => {
    const offset = offsets[k] ?? length;
    if (op.kind === "push" || range === null) return [storeAt(offset, push.value)];
    const [counter] = op.body.params;
    const inside = new Block(true);
    const isFromZero = around.aliases.definitions.literalOf(range.from) === 0;
    const steps =
      counter === undefined || isFromZero ? (counter ?? offset) : inside.apply("sub", [counter, range.from]);
    const position = sum(inside, offset, steps, block);
    const filled = op.body.ops.flatMap((one): readonly Op[] =>
      one === push ? [...inside.ops, storeAt(position, push.value)] : [one],
    );
    return [{ ...op, body: { ...op.body, ops: filled } }];
  });
  return ops.flatMap((op, at): readonly Op[] => {
    if (at === start || moved.has(op)) return [];
    const k = appends.findIndex((one) => one.at === at);
    const own = k < 0 ? [op] : (rebuilt[k] ?? []);
    if (at !== first.at) return own;
    const parts = made.initial.parts.map((part, position) => storeAt(block.constant(position), part));
    return [
      ...ops.filter((one) => moved.has(one)),
      ...block.ops,
      { kind: "allocate", results: [array], initial: { kind: "zeros", length } },
      ...parts,
      ...own,
    ];
  });
}

/** What is appended to an array, as long as nothing else is done with it. */
function appendsAfter(ops: readonly Op[], start: number, array: Value, around: Around): readonly Append[] {
  const touches = (op: Op): boolean => operandsOf(op).some(around.isArray);
  const found: Append[] = [];
  for (let at = start + 1; at < ops.length; at++) {
    const op = ops[at];
    if (op === undefined || !(touches(op) || someOperation(asRegion(op), touches))) continue;
    const isFree = ({ results }: PushOp): boolean => results.every((result) => (around.uses.get(result) ?? 0) === 0);
    if (op.kind === "push" && op.array === array && !around.isArray(op.value) && isFree(op)) {
      found.push({ at, op, push: op, range: null });
      continue;
    }
    const push = op.kind === "loop" && !touches(op) ? onlyPush(op, array, touches) : null;
    if (op.kind !== "loop" || push === null || !isFree(push)) break;
    found.push({ at, op, push, range: op.range });
  }
  return found;
}

/** Notes what has to be computed before an operation for a value to be known there; false: that cannot be. */
function moveAhead(value: Value, ops: readonly Op[], before: number, around: Around, moved: Set<Op>): boolean {
  const at = ops.findIndex(({ results }) => results.includes(value));
  const op = ops[at];
  if (op === undefined || at < before) return true;
  const isFixed =
    op.kind === "length" &&
    !around.isArray(op.array) &&
    !ops.slice(before, at).some((one) => someOperation(asRegion(one), (inner) => mayLengthen(inner, op.array, around)));
  if (op.kind !== "constant" && op.kind !== "apply" && !isFixed) return false;
  if (!operandsOf(op).every((operand) => moveAhead(operand, ops, before, around, moved))) return false;
  moved.add(op);
  return true;
}

function mayLengthen(op: Op, array: Value, { aliases, isArray }: Around): boolean {
  if (op.kind === "push") return !isArray(op.array) && mayResize(op, array, aliases);
  return op.kind === "store" ? writesClass(op, aliases.classOf(array), aliases) : mayResize(op, array, aliases);
}

const asRegion = (op: Op): Region => ({ params: [], ops: [op], exit: { kind: "yield", values: [] } });

function sum(block: Block, a: Value, b: Value, outer = block): Value {
  if (outer.literalOf(a) === 0) return b;
  const [one, other] = [outer.literalOf(a), outer.literalOf(b)];
  if (typeof one === "number" && typeof other === "number") return block.constant(one + other);
  return block.apply("add", one === undefined ? [a, b] : [b, a]);
}

/** The one push of a loop that counts up in steps of 1 and ends by its range alone, where nothing else there touches the array. */
function onlyPush(loop: LoopOp, array: Value, touches: (op: Op) => boolean): PushOp | null {
  const { range, body } = loop;
  if (range === null || range.step !== 1 || range.inclusive || mayStop(loop)) return null;
  // What is no integer is not counted exactly.
  if (range.from.type.kind !== "integer") return null;
  const first = body.ops.find((op): op is PushOp => op.kind === "push" && op.array === array);
  return first === undefined || someOperation(body, (op) => op !== first && touches(op)) ? null : first;
}
