import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { Definitions } from "../analyze/definitions.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { countStaticTrips, mayStop } from "../analyze/trip-counts.js";
import type { Compilation } from "../compilation.js";
import type { AllocateOp, IRFunction, LoopOp, Op, Region, Value, Variable } from "../ir/ir.js";
import { someOperation, walk } from "../ir/traverse.js";
import { RegionCopy } from "./region-copy.js";
import {
  constantOp,
  rewriteRegion,
  substituteRegion,
  Substitution,
  withBody,
  withLoopBody,
  withRegions,
  yieldedBy,
} from "./rewrite.js";

/** Iterations up to which a loop is written out. */
const maximalTrips = 4;
/** Operations up to which it always is: by hand nobody would write a loop for less. */
const smallSize = 32;
/** Operations up to which it is where an array becomes variables by that. */
const sizeForArrays = 200;
/** Elements up to which an array may become variables. */
const maximalLength = 16;

/**
 * Writes out loops of few iterations, which are known.
 *
 *   s = loop k from 0 to 3 carrying s = 0 { yield (add s (load d[k])) }   =>   add (add (add 0 d[0]) d[1]) d[2]
 *
 * It pays where the loop is small, and where it names elements of a small array of this function by its counter: they are
 * constants afterwards, the array becomes variables (scalarReplacement), and nothing of it has to be recorded. Innermost
 * loops first; in the next round those around them may be small enough. Loops that a condition may end stay.
 */
export function unrollLoops(fn: IRFunction, compilation: Compilation): IRFunction {
  const definitions = new Definitions(fn);
  const tripsIn = (op: Op): number | null => staticTrips(op, definitions);
  if (!someOperation(fn.body, (op) => tripsIn(op) !== null)) return fn;
  const pays = costsOf(fn, compilation);
  const substitution = new Substitution();
  const visit = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out) => {
      const trips = tripsIn(op);
      if (op.kind !== "loop" || trips === null || !pays(op, trips)) return void out.push(withRegions(op, visit));
      const loop = withLoopBody(op, substituteRegion(op.body, substitution));
      out.push(...written(loop, trips, definitions, substitution));
    });
  return withBody(fn, visit(fn.body));
}

/** Iterations of a loop that could be written out; null: it could not be. */
function staticTrips(op: Op, definitions: Definitions): number | null {
  if (op.kind !== "loop" || op.checkpoint !== undefined || !isStraight(op.body, definitions)) return null;
  return tripsOf(op, definitions);
}

/** Iterations of a loop that has few, whatever it does. */
function tripsOf(loop: LoopOp, definitions: Definitions): number | null {
  if (loop.range === null || mayStop(loop)) return null;
  // fractions are summed up on the way, which ends elsewhere
  if (![definitions.literalOf(loop.range.from), loop.range.step].every(Number.isSafeInteger)) return null;
  const trips = countStaticTrips(loop.range, definitions);
  return trips !== null && trips <= maximalTrips ? trips : null;
}

/** Is there nothing in a region but calculations and accesses? Of branches those alone that the counter decides. */
function isStraight({ ops, exit }: Region, definitions: Definitions): boolean {
  if (exit.kind !== "yield") return false;
  return ops.every((op) => {
    switch (op.kind) {
      case "constant":
      case "apply":
      case "allocate":
      case "length":
      case "load":
      case "store":
      case "accumulate":
        return true;
      case "if":
        return isDecided(op.test, definitions) && [op.then, op.else].every((region) => isStraight(region, definitions));
      default:
        return false;
    }
  });
}

/** Is a value known as soon as the counters of such loops are? */
function isDecided(value: Value, definitions: Definitions): boolean {
  const definition = definitions.of(value);
  if (definition?.kind === "body") {
    const { loop, position } = definition;
    return position === 0 && tripsOf(loop, definitions) !== null;
  }
  if (definition?.kind !== "result") return false;
  const { op } = definition;
  return op.kind === "constant" || (op.kind === "apply" && op.args.every((arg) => isDecided(arg, definitions)));
}

/** Is a loop better written out? */
function costsOf(fn: IRFunction, compilation: Compilation): (loop: LoopOp, trips: number) => boolean {
  let aliases: Aliases | null = null;
  let small: ReadonlySet<MemoryClass> | null = null;
  return (loop, trips) => {
    const size = trips * sizeOf(loop.body);
    if (size <= smallSize) return true;
    if (size > sizeForArrays) return false;
    aliases ??= analyzeAliases(fn, compilation);
    small ??= smallArrays(fn, aliases);
    return namesElements(loop, small, aliases);
  };
}

function sizeOf(region: Region): number {
  let size = 0;
  walk(region, (op) => {
    if (op.kind !== "constant") size++;
  });
  return size;
}

/** Does a loop name elements of such arrays by its counter? */
function namesElements({ body }: LoopOp, arrays: ReadonlySet<MemoryClass>, aliases: Aliases): boolean {
  const [counter] = body.params;
  return someOperation(
    body,
    (op) =>
      (op.kind === "load" || op.kind === "store" || op.kind === "accumulate") &&
      op.at.kind === "element" &&
      op.at.index === counter &&
      arrays.has(aliases.classOf(op.at.base)),
  );
}

/** Arrays that nobody else sees, all of which have few elements, as many as is known. */
function smallArrays(fn: IRFunction, aliases: Aliases): ReadonlySet<MemoryClass> {
  const definitions = new Definitions(fn);
  const small = new Set<MemoryClass>();
  const others = new Set<MemoryClass>();
  walk(fn.body, (op) => {
    const [result] = op.results;
    if (op.kind !== "allocate" || result?.type.kind !== "array") return;
    const memory = aliases.classOf(result);
    const length = lengthOf(op, definitions);
    (length !== null && length <= maximalLength && !memory.escapes ? small : others).add(memory);
  });
  for (const one of others) small.delete(one);
  return small;
}

function lengthOf({ initial }: AllocateOp, definitions: Definitions): number | null {
  if (initial.kind === "parts") return initial.parts.length;
  const length = initial.kind === "filled" || initial.kind === "zeros" ? definitions.literalOf(initial.length) : null;
  return typeof length === "number" ? length : null;
}

/** The iterations, one after another. */
function written(loop: LoopOp, trips: number, definitions: Definitions, substitution: Substitution): readonly Op[] {
  const { range, body, initial, results } = loop;
  const from = range === null ? null : definitions.literalOf(range.from);
  const handedOn = yieldedBy(body);
  if (range === null || typeof from !== "number" || handedOn === null) throw new Error("unrollLoops: no such loop");
  const [counter, ...carried] = body.params;
  const shared = new Set<Variable>();
  for (const { origin } of [...carried, ...results, ...initial])
    if (origin.variable !== null) shared.add(origin.variable);
  const out: Op[] = [];
  let current: readonly Value[] = initial;
  for (let k = 0; k < trips; k++) {
    const copy = new RegionCopy({ shared });
    const at = constantOp(from + k * range.step);
    out.push(at);
    if (counter !== undefined) copy.put(counter, at.results[0]);
    carried.forEach((param, i) => copy.put(param, current[i] ?? param));
    out.push(...copy.ops(body.ops));
    current = handedOn.slice(1).map(copy.look);
  }
  const count = constantOp(trips);
  out.push(count);
  const [completed, started, ...last] = results;
  for (const one of [completed, started]) if (one !== undefined) substitution.replace(one, count.results[0]);
  last.forEach((result, i) => substitution.replace(result, current[i] ?? result));
  return out;
}
