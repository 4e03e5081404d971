import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { analyzeBounds, inside, type Bounds } from "../analyze/bounds.js";
import { analyzePresentElements, type PresentElements } from "../analyze/present-elements.js";
import { buildRegionTree, type RegionTree } from "../analyze/region-tree.js";
import { isPure, writesOf, type WriteLog } from "../analyze/effects.js";
import type { Compilation } from "../compilation.js";
import {
  isReference,
  type ApplyOp,
  type ConstantOp,
  type IfOp,
  type IRFunction,
  type LoadOp,
  type LoopOp,
  type Op,
  type Region,
  type Value,
} from "../ir/ir.js";
import { primitives } from "../ir/primitives.js";
import { scalarRules } from "../rules/scalar.js";
import { argument, incoming, mentions, resultTerm } from "../rules/term.js";
import { freeValues, operandsOf, regionsOf, someOperation } from "../ir/traverse.js";
import {
  substituteRegion,
  Substitution,
  withBody,
  withBranches,
  withLoopBody,
  withOps,
  withRegions,
  yieldedBy,
} from "./rewrite.js";
import { noteStops } from "./stops.js";

/**
 * Moves operations out of a loop when every iteration would compute the same value.
 *
 *   for i { a = mul x x; store y[i] a }   =>   a = mul x x; for i { store y[i] a }
 *
 * Whole inner loops and branches move, too: `out[i] = x[i] / mag(x)` becomes linear in the length. Safe because
 * only operations without effect move, so that a loop that runs zero times at worst computes something unused;
 * loads and lengths move when no operation in the loop may write there (analyze/aliases.ts), and only where they
 * cannot throw: their base is surely an object. What is dear (a transcendental function, an inner loop) or scales a
 * derivative (a product) moves out of a branch only where that branch is taken until the loop stops.
 */
export function hoistInvariants(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!someOperation(fn.body, ({ kind }) => kind === "loop")) return fn;
  return withBody(fn, new Hoisting(fn, analyzeAliases(fn, compilation)).function(fn));
}

/** What is known of the function before anything moved. */
interface Places {
  readonly tree: RegionTree;
  readonly bounds: Bounds;
  readonly present: PresentElements;
}

interface LoopScope {
  /** The loop, as it was before anything moved. */
  readonly op: LoopOp;
  readonly depth: number;
  readonly writes: WriteLog;
  /** What leaves the loop, to stand before it. */
  readonly moved: Op[];
  /** Copies of constants that what moved takes along. */
  readonly constants: Map<Value, Value>;
}

class Hoisting {
  /** How many loops are around the definition of a value. */
  private readonly depths = new Map<Value, number>();
  /** References that were read through where the walk stands, and in how many loops: they are objects. */
  private readonly present = new Map<Value, number>();

  private places: Places | null = null;

  constructor(
    private readonly fn: IRFunction,
    private readonly aliases: Aliases,
  ) {}

  /** Does a load give an object for sure, also in front of the loop? */
  private givesObject(value: Value, loop: LoopScope): boolean {
    if ((this.depths.get(value) ?? loop.depth) >= loop.depth) return false;
    const load = this.aliases.definitions.opOf(value);
    const { tree, present } = this.placesBefore();
    return load?.kind === "load" && tree.definitionOf(value).op === load && present.isPresentAt(loop.op, load);
  }

  /**
   * Does a load find an element in front of the loop, if it does in the loop? The last one of an array is not there where
   * the loop does not run (`for (i < n) s += x[n - 1]`), and what is multiplied by it has no derivative then.
   */
  private findsElement(op: LoadOp, loop: LoopScope, surely: boolean): boolean {
    const [result] = op.results;
    const { type } = op.at.base;
    if (op.at.kind === "field" || type.kind !== "array" || result === undefined) return true;
    // the others have no derivative
    if (result.type.kind !== "number" && result.type.kind !== "optional") return true;
    const { tree, bounds } = this.placesBefore();
    const load = tree.definitionOf(result).op;
    if (load?.kind !== "load") return true;
    const before = bounds.placeAt(loop.op, load.at);
    // a test around it may be there to ask for that, and so may the end of the loop
    const within = surely && !this.endsWith(loop.op, load.at.base) ? bounds.placeOf(load) : inside;
    return (before.notBeforeStart || !within.notBeforeStart) && (before.notBehindEnd || !within.notBehindEnd);
  }

  /** Does the length of an array say how often a loop runs? */
  private endsWith({ range }: LoopOp, array: Value): boolean {
    const { definitions } = this.aliases;
    const comesFrom = (value: Value): boolean => {
      const op = definitions.opOf(value);
      return op?.kind === "length" ? op.array === array : op?.kind === "apply" && op.args.some(comesFrom);
    };
    return range !== null && [range.from, range.to].some(comesFrom);
  }

  private placesBefore(): Places {
    if (this.places === null) {
      const tree = buildRegionTree(this.fn);
      const bounds = analyzeBounds(tree, this.aliases);
      this.places = { tree, bounds, present: analyzePresentElements(tree, this.aliases, bounds) };
    }
    return this.places;
  }

  function(fn: IRFunction): Region {
    for (const { value } of fn.params) this.depths.set(value, 0);
    return this.region(fn.body, null, true);
  }

  private define(values: readonly Value[], depth: number): void {
    for (const value of values) this.depths.set(value, depth);
  }

  /** `surely`: this region runs in every iteration of the loop around it, or until the loop stops. */
  private region(region: Region, loop: LoopScope | null, surely: boolean): Region {
    const depth = loop?.depth ?? 0;
    this.define(region.params, depth);
    const ops: Op[] = [];
    const noted: Value[] = [];
    const place = (op: Op): void => {
      if (loop !== null && this.moves(op, loop, surely)) return this.move(op, loop);
      this.define(op.results, depth);
      const base = dereferenced(op);
      if (base !== null && !this.present.has(base)) {
        this.present.set(base, depth);
        noted.push(base);
      }
      ops.push(op);
    };
    for (const op of region.ops) {
      if (op.kind === "loop") {
        // what leaves the inner loop may leave this one, too
        const { moved, rest } = this.loop(op, depth);
        moved.forEach(place);
        place(rest);
      } else place(op.kind === "if" ? this.branches(op, loop, surely) : op);
    }
    for (const value of noted) this.present.delete(value);
    return withOps(region, ops);
  }

  private move(op: Op, loop: LoopScope): void {
    const substitution = new Substitution();
    const free = regionsOf(op).flatMap((region) => freeValues(region));
    for (const value of [...operandsOf(op), ...free]) {
      const source = this.constantInside(value, loop);
      if (source === null) continue;
      let copy = loop.constants.get(value);
      if (copy === undefined) {
        copy = { type: value.type, origin: value.origin };
        loop.constants.set(value, copy);
        const made: Op = { ...source, results: [copy] };
        this.aliases.definitions.update(made);
        this.define(made.results, loop.depth - 1);
        loop.moved.push(made);
      }
      substitution.replace(value, copy);
    }
    const moved = withRegions(substitution.operands(op), (region) => substituteRegion(region, substitution));
    this.aliases.definitions.update(moved);
    this.redefine(moved, loop.depth - 1);
    loop.moved.push(moved);
  }

  /** The operation that makes a constant within the loop. */
  private constantInside(value: Value, loop: LoopScope): ConstantOp | null {
    const op = this.aliases.definitions.opOf(value);
    return op?.kind === "constant" && (this.depths.get(value) ?? 0) >= loop.depth ? op : null;
  }

  private redefine(op: Op, depth: number): void {
    this.define(op.results, depth);
    const inner = op.kind === "loop" ? depth + 1 : depth;
    for (const region of regionsOf(op)) {
      this.define(region.params, inner);
      for (const nested of region.ops) this.redefine(nested, inner);
    }
  }

  private loop(op: LoopOp, depth: number): { readonly moved: readonly Op[]; readonly rest: Op } {
    noteStops(yieldedBy(op.body)?.[0], this.aliases.definitions, this.stopValues);
    const scope: LoopScope = {
      op,
      depth: depth + 1,
      writes: writesOf(op.body, this.aliases),
      moved: [],
      constants: new Map(),
    };
    const body = this.region(op.body, scope, true);
    return { moved: scope.moved, rest: withLoopBody(op, body) };
  }

  private branches(op: IfOp, loop: LoopScope | null, surely: boolean): Op {
    // a branch whose other side ends the loop or the function is where the loop goes on
    const goesOn = (other: Region): boolean => surely && (other.exit.kind === "throw" || this.stops(op, other));
    const then = this.region(op.then, loop, goesOn(op.else));
    return withBranches(op, then, this.region(op.else, loop, goesOn(op.then)));
  }

  /** Does this branch yield the constant true in the place that the loop around takes for its stop? */
  private stops(op: IfOp, branch: Region): boolean {
    if (branch.exit.kind !== "yield") return false;
    const other = branch === op.then ? op.else : op.then;
    const yielded = branch.exit.values;
    return yielded.some((value, k) => {
      const continuing = other.exit.kind === "yield" ? other.exit.values[k] : undefined;
      return (
        this.stopValues.has(op.results[k] ?? value) &&
        this.aliases.definitions.isLiteral(value, true) &&
        continuing !== undefined &&
        !this.aliases.definitions.isLiteral(continuing, true)
      );
    });
  }

  private readonly stopValues = new Set<Value>();

  private isOutside(value: Value, loop: LoopScope): boolean {
    const depth = this.depths.get(value);
    return (depth !== undefined && depth < loop.depth) || this.constantInside(value, loop) !== null;
  }

  private moves(op: Op, loop: LoopScope, surely: boolean): boolean {
    if (op.kind === "constant") return false; // costs nothing where it stands
    if (!operandsOf(op).every((value) => this.isOutside(value, loop))) return false;
    switch (op.kind) {
      case "if":
      case "loop":
        if (!surely || op.results.length === 0) return false;
        if (regionsOf(op).some((region) => freeValues(region).some((value) => !this.isOutside(value, loop))))
          return false;
        return this.isInvariant(op, loop, new Set());
      case "apply":
        return surely || (primitives[op.primitive].cost === "cheap" && !scalesDerivative(op));
      case "unwrap":
        // in a branch it is there: what is computed from it outside would have a derivative where it is not
        return surely;
      case "opaque":
        // of a text that is not there nothing can be read
        return (surely || !readsMember(op)) && this.isInvariant(op, loop, new Set());
      case "call":
        return surely && op.results.every(({ type }) => !isReference(type)) && this.isInvariant(op, loop, new Set());
      case "load":
        return this.isInvariant(op, loop, new Set()) && this.findsElement(op, loop, surely);
      default:
        return this.isInvariant(op, loop, new Set());
    }
  }

  /** `within`: references defined inside the operation that moves, and read through there. */
  private isInvariant(op: Op, loop: LoopScope, within: Set<Value>): boolean {
    switch (op.kind) {
      case "constant":
      case "apply":
      case "isAbsent":
      case "unwrap":
        return true;
      case "opaque":
        // an object is another one each time
        return isPure(op) && op.results.every(({ type }) => type.kind !== "opaque" && !isReference(type));
      case "load":
        return this.isPresent(op.at.base, loop, within) && !loop.writes.writtenSince(op.at);
      case "length":
        return this.isPresent(op.array, loop, within) && !loop.writes.resizedSince(op.array);
      case "call": {
        const effects = this.aliases.effectsOfCall(op);
        return (
          !effects.observable &&
          !effects.writesEverything &&
          effects.writes.length === 0 &&
          effects.resizes.length === 0 &&
          op.args.every((arg) => !isReference(arg.type) || this.isPresent(arg, loop, within)) &&
          effects.reads.every(({ memory }) => !loop.writes.classWrittenSince(memory))
        );
      }
      case "loop":
        // one without a range might not end, where it would not have been reached
        if (op.range === null) return false;
        return this.areInvariant(op.body, loop, within);
      case "if":
        return this.areInvariant(op.then, loop, within) && this.areInvariant(op.else, loop, within);
      default:
        return false;
    }
  }

  private areInvariant(region: Region, loop: LoopScope, within: Set<Value>): boolean {
    return region.exit.kind === "yield" && region.ops.every((inner) => this.isInvariant(inner, loop, within));
  }

  /** Is the reference surely an object, so that reading through it cannot throw? */
  private isPresent(reference: Value, loop: LoopScope, within: Set<Value>): boolean {
    if ((this.present.get(reference) ?? loop.depth) < loop.depth) return true;
    if (reference.type.kind === "optional") return false;
    const definition = this.aliases.definitions.of(reference);
    if (definition === null) return false;
    if (definition.kind === "parameter") return true;
    if (definition.kind === "body")
      return this.isPresentThroughLoop(definition.loop, definition.position - 1, loop, within);
    const { op, position } = definition;
    switch (op.kind) {
      case "allocate":
      case "grow":
        return true;
      case "load":
        // a field of a declared type holds one; an element may be behind the end
        return op.at.kind === "field" ? this.isPresent(op.at.base, loop, within) : this.givesObject(reference, loop);
      case "if":
        return [op.then, op.else].every((branch) => {
          const value = branch.exit.kind === "yield" ? branch.exit.values[position] : undefined;
          return value === undefined || this.isPresent(value, loop, within);
        });
      case "loop":
        return this.isPresentThroughLoop(op, position - 2, loop, within);
      default:
        return false;
    }
  }

  private isPresentThroughLoop(carrier: LoopOp, k: number, loop: LoopScope, within: Set<Value>): boolean {
    const param = carrier.body.params[k + 1];
    if (param === undefined || k < 0) return false;
    if (within.has(param)) return true; // round the loop
    const seen = new Set(within).add(param);
    const next = carrier.body.exit.kind === "yield" ? carrier.body.exit.values[k + 1] : undefined;
    return [carrier.initial[k], next].every((value) => value !== undefined && this.isPresent(value, loop, seen));
  }
}

/**
 * Does an operand scale the derivative? `0 * w` is NaN for an infinite w: outside of `if (isFinite(w)) y = w * x` the
 * product would have a derivative where the program has none.
 */
function scalesDerivative({ primitive, args, results }: ApplyOp): boolean {
  if (results.every(({ type }) => type.kind !== "number")) return false;
  const scales = scalarRules[primitive](
    args.map((_, index) => argument(index)),
    resultTerm,
  );
  return scales.some((scale) => {
    if (scale === null) return false;
    const { args, result } = mentions(scale(incoming));
    return result || args.size > 0;
  });
}

function dereferenced(op: Op): Value | null {
  switch (op.kind) {
    case "load":
    case "store":
    case "accumulate":
      return op.at.base;
    case "length":
    case "push":
    case "pop":
      return op.array;
    default:
      return null;
  }
}

/** `$0.length`, `$0[$1]`, `$0.startsWith("x")` */
const readsMember = ({ template }: Extract<Op, { kind: "opaque" }>): boolean => /\$\d+[.[]/.test(template);
