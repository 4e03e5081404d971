/**
 * Memory that counts as two although it may be one: what `stopGradient` gives, and what a function gives whose source
 * is not looked into. That is right as long as nothing writes it under either name from then on.
 *
 *   y = opaque "stopGradient($0)" x ; detached      store y[i] ...        refused
 *                                                   store x[i] ...        refused behind it, not ahead of it
 */
import type { IRFunction, Op, Value } from "../ir/ir.js";
import { isReference } from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import type { MemoryClass } from "./memory-class.js";
import { writersIn, writesClass } from "./effects.js";
import { reachableMemory } from "./reachable-memory.js";
import { buildRegionTree, type RegionTree } from "./region-tree.js";

/** An operation that gives a reference, and what it may have taken that from. */
interface Detaching {
  readonly op: Op;
  readonly given: Value;
  readonly taken: readonly Value[];
}

/**
 * The references that are written although they count as memory of their own. What a callee hands out may be written
 * by its caller (`isCallee`).
 */
export function writtenDetached(fn: IRFunction, aliases: Aliases, isCallee: boolean): readonly Value[] {
  const detaching: Detaching[] = [];
  walk(fn.body, (op) => {
    const [given] = op.results;
    if (op.kind !== "opaque" || op.detached !== true || given === undefined) return;
    detaching.push({ op, given, taken: op.operands.filter(({ type }) => isReference(type)) });
  });
  if (detaching.length === 0) return [];
  const tree = buildRegionTree(fn);
  const writers = writersIn(fn.body);
  const reached = (value: Value): readonly MemoryClass[] => [
    ...reachableMemory(aliases.classOf(value), value.type, aliases),
  ];
  const { exit } = fn.body;
  const returned = new Set(
    exit.kind === "return" ? exit.values.filter(({ type }) => isReference(type)).flatMap(reached) : [],
  );
  const isHandedOut = (memory: MemoryClass): boolean => memory.parameter !== null || returned.has(memory);
  const isWritten = ({ op, given, taken }: Detaching): boolean => {
    const own = reached(given);
    return (
      own.some((memory) => memory.written || (isCallee && isHandedOut(memory))) ||
      taken.some((value) =>
        reached(value).some((memory) =>
          writers.some((writer) => writesClass(writer, memory, aliases) && mayRunLater(writer, op, value, tree)),
        ),
      )
    );
  };
  return detaching.filter(isWritten).map(({ given }) => given);
}

/** May `writer` run after `op` did, and meet the same `value`? */
export function mayRunLater(writer: Op, op: Op, value: Value, tree: RegionTree): boolean {
  const [from, to] = [tree.placeOf(op).region, tree.placeOf(writer).region];
  const home = tree.definitionOf(value);
  const around = tree.loopsAround(from).filter((loop) => tree.isWithin(to, loop.body));
  // made anew in each iteration, and written under its own name: not by a later iteration
  const isOwn = (writer.kind === "store" || writer.kind === "accumulate") && writer.at.base === value;
  const isFresh = home.op?.kind === "allocate" && isOwn;
  if (around.some((loop) => !isFresh || !tree.isWithin(home.region, loop.body))) return true;
  return !tree.isOverBefore(writer, op) && !standApart(from, to, tree);
}

/** In two branches of one `if`: one of them runs. */
function standApart(a: IRFunction["body"], b: IRFunction["body"], tree: RegionTree): boolean {
  if (tree.isWithin(a, b) || tree.isWithin(b, a)) return false;
  const pathA = tree.pathTo(a);
  const pathB = tree.pathTo(b);
  const fork = pathA.findIndex((region, depth) => region !== pathB[depth]);
  const [one, other] = [pathA[fork], pathB[fork]];
  return one !== undefined && other !== undefined && tree.ownerOf(one) === tree.ownerOf(other);
}
