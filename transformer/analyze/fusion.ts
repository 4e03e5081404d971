/** May two loops that follow one another run as one, and is anything won by it? */
import { regionsOf, walk } from "../ir/traverse.js";
import type { LoopOp, Range, Region, Value } from "../ir/ir.js";
import { isDerivative } from "../ir/roles.js";
import type { Aliases } from "./aliases.js";
import { hasFixedLength } from "./length-changes.js";
import type { Key, MemoryClass } from "./memory-class.js";
import { carriesOnlySums } from "./free-order.js";
import type { RegionTree } from "./region-tree.js";
import { mayStop } from "./trip-counts.js";

export interface LoopFacts {
  readonly aliases: Aliases;
  readonly tree: RegionTree;
}

/** Operations in one loop beyond which V8 runs out of registers sooner than loads are saved. */
const maximalSize = 120;

/** Which of the loops runs in the direction of the other; both: upwards instead of downwards. */
export type Turning = "none" | "first" | "second" | "both";

/** How two loops run as one; null: not at all, or nothing is won. */
export function fusionOf(first: LoopOp, second: LoopOp, facts: LoopFacts): Turning | null {
  const way = compareRanges(first, second, facts);
  if (way === null || first.checkpoint !== undefined || second.checkpoint !== undefined) return null;
  if (sizeOf(first.body) + sizeOf(second.body) > maximalSize) return null;
  const [one, other] = [accessesOf(first, facts), accessesOf(second, facts)];
  if (one === null || other === null || !isDerivativeLoop(second, other)) return null;
  if (!one.some((a) => other.some((b) => isSameCell(a, b)))) return null;
  const isUp = ({ range }: LoopOp): boolean => range !== null && range.step > 0;
  const fits = (up: boolean): boolean => one.every((a) => other.every((b) => mayFollow(a, b, up)));
  const turns: readonly (readonly [Turning, boolean])[] =
    way === "same"
      ? [["none", isUp(first)], ...(first.range?.step === -1 ? ([["both", true]] as const) : [])]
      : [
          ["second", isUp(first)],
          ["first", isUp(second)],
        ];
  const turnable = {
    none: () => true,
    first: () => mayTurn(first, one, facts),
    second: () => mayTurn(second, other, facts),
    both: () => mayTurn(first, one, facts) && mayTurn(second, other, facts),
  };
  return turns.find(([turning, up]) => fits(up) && turnable[turning]())?.[0] ?? null;
}

const isDerivativeLoop = (loop: LoopOp, accesses: readonly Access[]): boolean =>
  loop.body.params.some(isDerivative) || accesses.some(({ kind, base }) => kind !== "load" && isDerivative(base));

function sizeOf(region: Region): number {
  let size = 0;
  walk(region, ({ kind }) => {
    if (kind !== "constant") size++;
  });
  return size;
}

// ---- ranges -----------------------------------------------------------------

/** Over the same counters, in the same order or in the opposite one. */
function compareRanges(first: LoopOp, second: LoopOp, facts: LoopFacts): "same" | "opposite" | null {
  const [a, b] = [first.range, second.range];
  if (a === null || b === null || mayStop(first) || mayStop(second)) return null;
  if (first.body.params[0]?.type.kind !== "integer" || second.body.params[0]?.type.kind !== "integer") return null;
  const isSame = (one: Value, other: Value): boolean => differenceOf(one, other, facts) === 0;
  if (a.step === b.step && a.inclusive === b.inclusive && isSame(a.from, b.from) && isSame(a.to, b.to)) return "same";
  if (Math.abs(a.step) !== 1 || a.step !== -b.step) return null;
  // from 0 up to n, and from n - 1 down to 0
  const ends = ({ from, to, inclusive, step }: Range): readonly [Value, Value, number] => [
    from,
    to,
    inclusive ? 0 : -step,
  ];
  const [aFrom, aTo, aEnd] = ends(a);
  const [bFrom, bTo, bEnd] = ends(b);
  const isOpposite = differenceOf(bFrom, aTo, facts) === aEnd && differenceOf(aFrom, bTo, facts) === bEnd;
  return isOpposite ? "opposite" : null;
}

/** `a - b`, where both are integers and it is known. */
function differenceOf(a: Value, b: Value, { aliases }: LoopFacts): number | null {
  if (a === b) return 0;
  if (a.type.kind !== "integer" || b.type.kind !== "integer") return null;
  const [one, other] = [aliases.definitions.affine(a), aliases.definitions.affine(b)];
  return one.root === other.root ? one.offset - other.offset : null;
}

// ---- memory -----------------------------------------------------------------

interface Access {
  readonly kind: "load" | "store" | "accumulate";
  readonly base: Value;
  readonly memory: MemoryClass;
  readonly key: Key | null;
  /** Where it is in relation to the counter. */
  readonly index: Index;
}

type Index =
  /** `counter + plus + offset` */
  | { readonly kind: "own"; readonly plus: Value | null; readonly offset: number }
  /** Always more than `counter + plus`. */
  | { readonly kind: "beyond"; readonly plus: Value | null }
  | { readonly kind: "any" };

/** All elements and fields that a loop touches; null where it does something else that others could see. */
function accessesOf(loop: LoopOp, facts: LoopFacts): readonly Access[] | null {
  const { aliases } = facts;
  const found: Access[] = [];
  const lengths: Value[] = [];
  const visit = (region: Region): boolean =>
    region.exit.kind === "yield" &&
    region.ops.every((op) => {
      switch (op.kind) {
        case "constant":
        case "apply":
        case "isAbsent":
        case "unwrap":
          return true;
        case "load":
        case "store":
        case "accumulate": {
          const { memory, key } = aliases.cellOf(op.at);
          const index: Index = op.at.kind === "element" ? indexOf(op.at.index, loop, facts) : { kind: "any" };
          found.push({ kind: op.kind, base: op.at.base, memory, key, index });
          return op.kind === "load" || !aliases.mayLengthen(op.at);
        }
        case "length":
          lengths.push(op.array);
          return true;
        case "allocate":
          return op.initial.kind === "zeros" || op.initial.kind === "parts";
        case "if":
        case "loop":
          return regionsOf(op).every(visit);
        default:
          return false;
      }
    });
  return visit(loop.body) && lengths.every(hasFixedLength) ? found : null;
}

function indexOf(index: Value, loop: LoopOp, facts: LoopFacts): Index {
  const counter = loop.body.params[0];
  const { definitions } = facts.aliases;
  const relative = (value: Value, plus: Value | null): Index | null => {
    const { root, offset } = definitions.affine(value);
    if (root === counter) return { kind: "own", plus, offset };
    return isBeyond(value, loop, facts) ? { kind: "beyond", plus } : null;
  };
  const op = definitions.opOf(index);
  const [a, b] = op?.kind === "apply" && op.primitive === "add" && index.type.kind === "integer" ? op.args : [];
  const inRow = (value: Value | undefined, plus: Value | undefined): Index | null =>
    value !== undefined && plus?.type.kind === "integer" && isOutside(plus, loop, facts) ? relative(value, plus) : null;
  return relative(index, null) ?? inRow(a, b) ?? inRow(b, a) ?? { kind: "any" };
}

/** Is it the counter of an inner loop over what comes after the outer counter? */
function isBeyond(index: Value, loop: LoopOp, { aliases, tree }: LoopFacts): boolean {
  const { op, region } = tree.definitionOf(index);
  const inner = op === null ? tree.ownerOf(region) : null;
  if (inner?.kind !== "loop" || inner === loop || inner.range === null || region.params[0] !== index) return false;
  const { from, to, step, inclusive } = inner.range;
  const least = aliases.definitions.affine(step > 0 ? from : to);
  return least.root === loop.body.params[0] && least.offset + (step > 0 || inclusive ? 0 : 1) > 0;
}

const isOutside = (value: Value, loop: LoopOp, { tree }: LoopFacts): boolean =>
  !tree.isWithin(tree.definitionOf(value).region, loop.body);

const isSameCell = (a: Access, b: Access): boolean =>
  a.base === b.base && a.key === b.key && isSameIndex(a.index, b.index);

const isSameIndex = (a: Index, b: Index): boolean =>
  a.kind === "own" && b.kind === "own" && a.plus === b.plus && a.offset === b.offset;

const isApart = (a: Access, b: Access): boolean =>
  a.memory !== b.memory || (a.key !== null && b.key !== null && a.key !== b.key);

const bothAdd = (a: Access, b: Access): boolean =>
  a.kind === "accumulate" && b.kind === "accumulate" && isDerivative(a.base) && isDerivative(b.base);

/** May every `b` of the second loop come before the `a` of later iterations of the first one? */
function mayFollow(a: Access, b: Access, isUp: boolean): boolean {
  if ((a.kind === "load" && b.kind === "load") || isApart(a, b) || bothAdd(a, b) || isSameCell(a, b)) return true;
  // what comes after the counter has not been passed
  if (!isUp || a.base !== b.base || a.index.kind !== "beyond" || b.index.kind !== "own") return false;
  return a.index.plus === b.index.plus && b.index.offset <= 0;
}

// ---- direction -----------------------------------------------------------------

/** Do the iterations of a loop depend on each other by nothing but sums of derivatives? */
function mayTurn(loop: LoopOp, accesses: readonly Access[], { tree }: LoopFacts): boolean {
  const sums = carriesOnlySums(loop, { isActive: () => true, tree });
  if (!sums || !loop.body.params.slice(1).every((param) => isDerivative(param) && param.type.kind === "number"))
    return false;
  return accesses.every((a) =>
    accesses.every(
      (b) => (a.kind === "load" && b.kind === "load") || isApart(a, b) || bothAdd(a, b) || isSameCell(a, b),
    ),
  );
}
