/**
 * Which values have no variable of their own: they are written where they are used.
 *
 * A cheap value (a literal, a length) is written at each use. A value used once is nested in its use, unless the user
 * gave it a name, or a loop would compute it again and again. Whether memory allows it is decided by the scheduler,
 * as it goes along.
 */
import type { IfOp, IRFunction, Op, Region, Value } from "../ir/ir.js";
import type { Memory } from "./memory.js";
import type { Use, Uses } from "./uses.js";

export interface Nesting {
  /** Written at each use, as often as it is used. */
  isFree(value: Value): boolean;
  /** May be written at its one use. */
  mayNest(value: Value): boolean;
  /** An `if` that is written as `test ? a : b`, `a && b` or `a || b`. */
  isConditional(op: Op): boolean;
  /** Does this region end in an `if` that takes the region's exit into its branches? */
  endsInBranches(region: Region): IfOp | null;
  /** The one use of a value hands it to a loop's next iteration, or out of a branch. */
  isHandedOver(value: Value): boolean;
}

/** Operations without effects, whose place does not matter but for what they read. */
export function isPlain(op: Op): boolean {
  switch (op.kind) {
    case "constant":
    case "apply":
    case "length":
    case "load":
    case "isAbsent":
    case "unwrap":
    case "allocate":
      return true;
    case "opaque":
      return !op.effects.writes && !op.effects.observable;
    default:
      return false;
  }
}

const maximalNeighbours = 6;
const maximalBranch = 5;
const maximalBranches = 7;

/** Decides for each value whether it stands where it is used. */
export function decideNesting(fn: IRFunction, uses: Uses, memory: Memory, sunk: ReadonlySet<Value>): Nesting {
  const parameters = new Set(fn.params.map(({ value }) => value));
  const conditionals = new Map<Op, boolean>();

  const isFree = (value: Value): boolean => {
    const op = uses.definition(value)?.op;
    if (op?.kind === "constant") return true;
    if (op?.kind === "apply" && op.primitive === "neg") {
      const [x] = op.args;
      return x !== undefined && uses.definition(x)?.op.kind === "constant" && value.origin.variable === null;
    }
    if (value.origin.variable !== null && !uses.isOfCounter(value)) return false;
    return (op?.kind === "length" && isFixed(op.array)) || isNeighbour(value, op);
  };
  /** `i + 1`, `n - 1`: an index beside another. */
  const isNeighbour = (value: Value, op: Op | undefined): boolean => {
    if (op?.kind !== "apply" || (op.primitive !== "add" && op.primitive !== "sub")) return false;
    const isReversed = op.primitive === "add" && isConstant(op.args[0]);
    const [base, offset] = isReversed ? [op.args[1], op.args[0]] : op.args;
    if (base === undefined || offset === undefined || value.type.kind !== "integer") return false;
    const definition = uses.definition(base)?.op;
    // A counter is counted up at the end of an iteration, behind all uses.
    const isStable = definition === undefined || (definition.kind === "length" && isFree(base)) || !mayNest(base);
    if (!isStable || !isConstant(offset) || (uses.loopOf(base) !== null && !isCounter(base))) return false;
    return uses.of(value).length <= maximalNeighbours;
  };
  const isConstant = (value: Value | undefined): boolean =>
    value !== undefined && uses.definition(value)?.op.kind === "constant";
  const isCounter = (value: Value): boolean => {
    const loop = uses.loopOf(value);
    return loop !== null && loop.body.params[0] === value;
  };
  /** An array in a variable that is never assigned again, whose length never changes. */
  const isFixed = (array: Value): boolean => {
    const kind = uses.definition(array)?.op.kind;
    const stays = parameters.has(array) || ((kind === "allocate" || kind === "load") && uses.of(array).length > 1);
    return stays && memory.keepsLength(array);
  };

  /** The `if` at the end of a region whose results are used by the region's exit alone. */
  const lastIf = (region: Region): IfOp | null => {
    const last = region.ops.at(-1);
    if (last?.kind !== "if" || region.exit.kind === "throw") return null;
    const ours = last.results.every((result) =>
      uses.of(result).every((use) => use.op === null && use.region === region),
    );
    return ours ? last : null;
  };
  const endsInBranches = (region: Region): IfOp | null => {
    const last = lastIf(region);
    if (last === null || region.exit.kind === "throw" || isConditional(last)) return null;
    if (isReturned(region)) {
      const { values } = region.exit;
      const isOurs = (value: Value): boolean => last.results.includes(value);
      const isWhole = values.some(isOurs) && values.every((value) => isOurs(value) || isAtHand(value));
      return isWhole || (last.results.length > 0 && leavesByThrowing(last)) ? last : null;
    }
    const stop = stopOf(region);
    return stop !== null && last.results.includes(stop) ? last : null;
  };
  /** Is what a region hands over what the function returns? */
  const isReturned = (region: Region): boolean => {
    if (region.exit.kind === "return") return true;
    const owner = uses.ownerOf(region);
    return owner?.op.kind === "if" && isReturned(owner.region) && endsInBranches(owner.region) === owner.op;
  };
  /** A literal, or a value that has a variable: it may be named at each way out. */
  const isAtHand = (value: Value): boolean => {
    const definition = uses.definition(value);
    return definition === null || definition.op.kind === "constant" || uses.of(value).length > 1;
  };
  /** The value that decides whether a loop ends, in its body or in a branch at the end of it. */
  const stopOf = (region: Region): Value | null => {
    const owner = uses.ownerOf(region);
    if (owner === null || region.exit.kind !== "yield") return null;
    if (owner.op.kind === "loop") return region.exit.values[0] ?? null;
    if (owner.op.kind !== "if" || endsInBranches(owner.region) !== owner.op) return null;
    const outer = stopOf(owner.region);
    const position = outer === null ? -1 : owner.op.results.indexOf(outer);
    return region.exit.values[position] ?? null;
  };

  /** Where a value arrives that branches hand on to the exit of the region around them. */
  const destinations = (use: Use): readonly Use[] => {
    if (use.op !== null) return [use];
    const owner = uses.ownerOf(use.region);
    if (owner?.op.kind !== "if" || endsInBranches(owner.region) !== owner.op) return [use];
    const result = owner.op.results[use.position];
    return result === undefined ? [] : uses.of(result).flatMap(destinations);
  };
  const onlyUse = (value: Value): Use | null => {
    const [use, second] = uses.of(value);
    if (use === undefined || second !== undefined) return null;
    const arrivals = destinations(use);
    return arrivals.length === 1 ? use : null;
  };

  const isHandedOver = (value: Value): boolean => {
    const use = onlyUse(value);
    if (use === null || use.op !== null) return false;
    const [arrival] = destinations(use);
    return arrival !== undefined && arrival.region.exit.kind === "yield" && !isStop(use);
  };
  const isStop = (use: Use): boolean => {
    const stop = stopOf(use.region);
    return stop !== null && use.region.exit.kind === "yield" && use.position === use.region.exit.values.indexOf(stop);
  };

  const mayNest = (value: Value): boolean => {
    const definition = uses.definition(value);
    const use = onlyUse(value);
    if (definition === null || use === null || definition.op.results.length !== 1) return false;
    const { op, region } = definition;
    if (op.kind === "loop" || (op.kind === "if" && !isConditional(op))) return false;
    if (uses.crossesLoop(region, use.region)) return false;
    if (use.op?.kind === "apply" && use.op.primitive === "guard" && use.position === 0) return false;
    // A region's exit that goes into its branches is written several times.
    const branches = use.op === null ? endsInBranches(use.region) : null;
    if (branches !== null) return false;
    const plain = isPlain(op) || op.kind === "if";
    if (!plain && use.region !== region) return false;
    if (use.op === null) return mayLeave(value, use, plain);
    if (op.kind === "allocate" && (use.op.kind === "load" || use.op.kind === "length")) return false;
    return !isNamed(value);
  };
  /** May a value that a region hands over be written at the region's very end? */
  const mayLeave = (value: Value, use: Use, plain: boolean): boolean => {
    const owner = uses.ownerOf(use.region);
    if (use.region.exit.kind === "throw" || owner === null) return true;
    if (owner.op.kind === "if" && isConditional(owner.op)) {
      const result = owner.op.results[use.position];
      return !isNamed(value) || (result !== undefined && isVersionOf(value, result));
    }
    if (isStop(use)) return !isNamed(value);
    if (isHandedOver(value)) return plain && sunk.has(value);
    // What has effects is written down before the next one that has.
    return true;
  };
  const isNamed = (value: Value): boolean =>
    value.origin.variable !== null &&
    value.origin.role !== "adjoint" &&
    uses.definition(value)?.op.kind !== "unwrap" &&
    !uses.isOfCounter(value);

  const isConditional = (op: Op): boolean => {
    if (op.kind !== "if" || op.results.length !== 1) return false;
    const known = conditionals.get(op);
    if (known !== undefined) return known;
    // Until it is decided: branches inside look outwards.
    conditionals.set(op, true);
    const sizes = [sizeOf(op.then), sizeOf(op.else)];
    const [a = Infinity, b = Infinity] = sizes;
    const answer = a <= maximalBranch && b <= maximalBranch && a + b <= maximalBranches && !keepsVariable(op, uses);
    conditionals.set(op, answer);
    return answer;
  };
  /** How many operations an expression for this region has; infinite if there is none. */
  const sizeOf = (region: Region): number => {
    if (region.exit.kind !== "yield") return Infinity;
    let size = 0;
    for (const op of region.ops) {
      const [result] = op.results;
      if (result === undefined) return Infinity;
      if (op.kind === "if") {
        if (!isConditional(op)) return Infinity;
        size += sizeOf(op.then) + sizeOf(op.else) + 2;
      } else if (!isPlain(op) || op.kind === "allocate") return Infinity;
      if (isFree(result)) continue;
      if (!mayNest(result)) return Infinity;
      size++;
    }
    return size;
  };

  return { isFree, mayNest, isConditional, endsInBranches, isHandedOver };
}

function leavesByThrowing(op: IfOp): boolean {
  return op.then.exit.kind === "throw" || op.else.exit.kind === "throw";
}

/**
 * `if (c) x = f(x);` rather than `x = c ? f(x) : x`: one branch leaves the variable as it was.
 */
function keepsVariable(op: IfOp, uses: Uses): boolean {
  const [result] = op.results;
  if (result === undefined) return false;
  const [use] = uses.of(result);
  const slot =
    use?.op === null && uses.of(result).length === 1 && uses.ownerOf(use.region)?.op.kind === "loop"
      ? use.region.params[use.position]
      : undefined;
  return [op.then, op.else].some(({ ops, exit }) => {
    const value = exit.kind === "yield" ? exit.values[0] : undefined;
    if (value === undefined || ops.some((one) => one.results[0] === value)) return false;
    if (value === slot) return true;
    return isVersionOf(value, result) && value.type.kind === result.type.kind && !comesFromOutside(value, op, uses);
  });
}

/** Was it calculated before a loop around the operation? Then each iteration needs it, and it cannot be overwritten. */
function comesFromOutside(value: Value, op: IfOp, uses: Uses): boolean {
  const outer = uses.definition(value)?.region;
  const inner = uses.ownerOf(op.then)?.region;
  return outer !== undefined && inner !== undefined && uses.crossesLoop(outer, inner);
}

/** Is it another version of the same variable? */
const isVersionOf = ({ origin }: Value, of: Value): boolean =>
  origin.variable !== null && origin.variable === of.origin.variable && origin.role === of.origin.role;
