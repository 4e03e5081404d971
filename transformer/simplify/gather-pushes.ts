import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { mayStop, tripCount } from "../analyze/trip-counts.js";
import type { Compilation } from "../compilation.js";
import { Block, element } from "../ir/build.js";
import { operandsOf, someOperation } from "../ir/traverse.js";
import type { AllocateOp, IRFunction, LoopOp, Op, PushOp, Region, Value } from "../ir/ir.js";
import { countUses, withBody, withOps, withRegions } from "./rewrite.js";

/**
 * Makes an array at once where a loop fills an empty one push by push.
 *
 *   y = allocate parts; for i from a to n { push y v }   =>   y = allocate zeros n - a; for i from a to n { store y[i - a] v }
 *
 * Safe because nothing touches the array between its making and the loop, and in the loop only the one
 * push, which every iteration reaches: after the loop the array is the same. Then its length is known.
 */
export function gatherPushes(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!someOperation(fn.body, ({ kind }) => kind === "push")) return fn;
  const aliases = analyzeAliases(fn, compilation);
  const uses = countUses(fn);
  const visit = (region: Region): Region => {
    let ops: readonly Op[] = region.ops.map((op) => withRegions(op, visit));
    for (const made of region.ops) {
      if (made.kind !== "allocate" || !isEmptyArray(made)) continue;
      ops = gather(ops, made, aliases, uses) ?? ops;
    }
    return withOps(region, ops);
  };
  return withBody(fn, visit(fn.body));
}

const isEmptyArray = ({ initial, results }: AllocateOp): boolean =>
  initial.kind === "parts" &&
  initial.parts.length === 0 &&
  results[0]?.type.kind === "array" &&
  results[0].type.storage === "Array";

/** The operations with one array gathered; null where that cannot be. */
function gather(
  ops: readonly Op[],
  made: AllocateOp,
  aliases: Aliases,
  uses: ReadonlyMap<Value, number>,
): readonly Op[] | null {
  const [array] = made.results;
  if (array === undefined) return null;
  const memory = aliases.classOf(array);
  const touches = (op: Op): boolean =>
    operandsOf(op).some((operand) => operand.type.kind === "array" && aliases.classOf(operand) === memory);
  const start = ops.indexOf(made);
  const loopAt = ops.findIndex(
    (op, position) => position > start && (touches(op) || someOperation(asRegion(op), touches)),
  );
  const loop = ops[loopAt];
  if (loop?.kind !== "loop" || touches(loop)) return null;
  const push = onlyPush(loop, array, touches, uses);
  const [counter] = loop.body.params;
  if (push === null || counter === undefined || loop.range === null) return null;

  const block = new Block(true);
  const length = tripCount(block, loop.range);
  const inside = new Block(true);
  const isFromZero = aliases.definitions.literalOf(loop.range.from) === 0;
  const position = isFromZero ? counter : inside.apply("sub", [counter, loop.range.from]);
  const filled: LoopOp = {
    ...loop,
    body: {
      ...loop.body,
      ops: loop.body.ops.flatMap((op): readonly Op[] =>
        op === push
          ? [...inside.ops, { kind: "store", results: [], at: element(array, position), value: push.value }]
          : [op],
      ),
    },
  };
  return [
    ...ops.slice(0, start),
    ...ops.slice(start + 1, loopAt),
    ...block.ops,
    { kind: "allocate", results: [array], initial: { kind: "zeros", length } },
    filled,
    ...ops.slice(loopAt + 1),
  ];
}

const asRegion = (op: Op): Region => ({ params: [], ops: [op], exit: { kind: "yield", values: [] } });

/** The one push of a loop that counts up in steps of 1 and ends by its range alone, where nothing else there touches the array. */
function onlyPush(
  loop: LoopOp,
  array: Value,
  touches: (op: Op) => boolean,
  uses: ReadonlyMap<Value, number>,
): PushOp | null {
  const { range, body } = loop;
  if (range === null || range.step !== 1 || range.inclusive || mayStop(loop)) return null;
  // What is no integer is not counted exactly.
  if (range.from.type.kind !== "integer") return null;
  const first = body.ops.find((op): op is PushOp => op.kind === "push" && op.array === array);
  if (first === undefined || first.results.some((result) => (uses.get(result) ?? 0) > 0)) return null;
  return someOperation(body, (op) => op !== first && touches(op)) ? null : first;
}
