/**
 * A loop that is marked `@enzyme checkpoint` and goes on with a new array of numbers after each step keeps its state in
 * one array instead, so that a snapshot is a copy of it:
 *
 *   loop carrying y = y0 { ...; yield stop yNew }
 *     =>   state = copy y0; loop { ... with state for y; for j { state[j] = yNew[j] }; yield stop }
 *
 * Safe where nothing else holds the array of a step, and nothing writes it once it is filled. Arrays of another length than
 * that of the step before are refused when the derivative runs, where it is not known that there are none.
 */
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { buildRegionTree, type RegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import { Block, element, makeValue } from "../ir/build.js";
import {
  integerType,
  type ArrayType,
  type IRFunction,
  type LoopOp,
  type Op,
  type Region,
  type Value,
} from "../ir/ir.js";
import { rebuild, substitute, walk } from "../ir/traverse.js";
import { yieldsOf } from "./facts.js";
import { keepsLength } from "./kept-length.js";

/** Loops that hand on new arrays => loops that write into one. */
export function carryInPlace(primal: IRFunction, compilation: Compilation): IRFunction {
  let current = primal;
  for (;;) {
    const found = findFunctionalState(current, compilation);
    if (found === null) return current;
    current = { ...current, body: rewrite(current.body, found) };
  }
}

/** The array that a loop carries at this position is another one after each step. */
interface FunctionalState {
  /** The loop's first result, which stays the same when it is rewritten around. */
  readonly loop: LoopOp;
  readonly position: number;
  readonly type: ArrayType;
  /** Is each array certainly as long as the one before? */
  readonly keepsLength: boolean;
}

function findFunctionalState(fn: IRFunction, compilation: Compilation): FunctionalState | null {
  const marked: LoopOp[] = [];
  walk(fn.body, (op) => {
    if (op.kind === "loop" && op.checkpoint !== undefined) marked.push(op);
  });
  if (marked.length === 0) return null;
  const tree = buildRegionTree(fn);
  const aliases = analyzeAliases(fn, compilation);
  for (const loop of marked) {
    for (const [position, { type }] of loop.body.params.slice(1).entries()) {
      if (type.kind !== "array" || !isFunctional(fn, loop, position, tree, aliases)) continue;
      const keeps = keepsLength(loop, position, tree, aliases);
      // what the user has not asked for must not make his function throw
      if (keeps || isAskedFor(loop)) return { loop, position, type, keepsLength: keeps };
    }
  }
  return null;
}

const isAskedFor = ({ checkpoint }: LoopOp): boolean => checkpoint !== undefined && "snapshots" in checkpoint;

function isFunctional(fn: IRFunction, loop: LoopOp, index: number, tree: RegionTree, aliases: Aliases): boolean {
  const [param, initial] = [loop.body.params[index + 1], loop.initial[index]];
  const yields = yieldsOf(loop.body.exit);
  const final = yields[index + 1];
  if (param?.type.kind !== "array" || initial === undefined || final === undefined) return false;
  const { type } = param;
  if (type.element.kind !== "number" || type.storage === "ArrayLike") return false;
  const isSame = (value: Value): boolean => value.type.kind === "array" && value.type.storage === type.storage;
  if (!isSame(initial) || !isSame(final) || !isFresh(final, param, loop, tree)) return false;
  const memory = aliases.classOf(param);
  const isMadeHere = (base: Value): boolean => {
    const { op, region } = tree.definitionOf(base);
    return op?.kind === "allocate" && tree.isWithin(region, loop.body);
  };
  let isSafe = yields.every((value, k) => k === 0 || k === index + 1 || !isOfClass(value));
  walk(fn.body, (op) => {
    switch (op.kind) {
      case "store":
        if (isOfClass(op.value)) isSafe = false;
        if (isOfClass(op.at.base) && !isMadeHere(op.at.base) && !tree.isOverBefore(op, loop)) isSafe = false;
        return;
      case "accumulate":
        if (isOfClass(op.at.base) && !isMadeHere(op.at.base) && !tree.isOverBefore(op, loop)) isSafe = false;
        return;
      case "push":
      case "pop":
        if (isOfClass(op.array) && !isMadeHere(op.array) && !tree.isOverBefore(op, loop)) isSafe = false;
        if (op.kind === "push" && isOfClass(op.value)) isSafe = false;
        return;
      case "call":
      case "opaque":
        if ((op.kind === "call" ? op.args : op.operands).some(isOfClass)) isSafe = false;
        return;
      case "allocate":
        if (op.initial.kind === "parts" && op.initial.parts.some(isOfClass)) isSafe = false;
        return;
      default:
        return;
    }
  });
  return isSafe;

  function isOfClass(value: Value): boolean {
    return value.type.kind === "array" && aliases.classOf(value) === memory;
  }
}

/** Is a yielded array made in the step, on some path, and on all others the one that came in? */
function isFresh(final: Value, param: Value, loop: LoopOp, tree: RegionTree): boolean {
  let made = false;
  const visit = (value: Value): boolean => {
    if (value === param) return true;
    const { op, region } = tree.definitionOf(value);
    if (op?.kind === "allocate" && tree.isWithin(region, loop.body)) return (made = true);
    if (op?.kind !== "if") return false;
    return [op.then, op.else].every(({ exit }) => {
      const inner = yieldsOf(exit)[op.results.indexOf(value)];
      return inner === undefined || visit(inner);
    });
  };
  return visit(final) && made;
}

function rewrite(region: Region, found: FunctionalState): Region {
  const replaced = new Map<Value, Value>();
  const same = (value: Value): Value => value;
  const ops = region.ops.flatMap((op): readonly Op[] => {
    if (op !== found.loop) return [rebuild(op, { value: same, result: same, region: (one) => rewrite(one, found) })];
    const block = new Block(false);
    const { position, type } = found;
    const [param, initial, result] = [op.body.params[position + 1], op.initial[position], op.results[position + 2]];
    const final = yieldsOf(op.body.exit)[position + 1];
    if (param === undefined || initial === undefined || result === undefined || final === undefined) return [op];
    const from = block.constant(0);
    const to = block.length(initial);
    const state = block.allocate(type, { kind: "copy", source: initial, from, to }, param.origin);
    const length = block.length(state);
    replaced.set(result, state);
    const without = <T>(all: readonly T[], index: number): readonly T[] => all.filter((_, k) => k !== index);
    const moved = moveInto(state, final, length, found.keepsLength);
    const body = substitute(
      {
        params: without(op.body.params, position + 1),
        ops: [...op.body.ops, ...moved],
        exit: { kind: "yield", values: without(yieldsOf(op.body.exit), position + 1) },
      },
      new Map([[param, state]]),
    );
    const loop: LoopOp = {
      ...op,
      results: without(op.results, position + 2),
      initial: without(op.initial, position),
      body,
    };
    return [...block.ops, loop];
  });
  return substitute({ ...region, ops }, replaced);
}

/** `for j { state[j] = made[j] }`; where the lengths may differ, behind `if (made.length !== length) throw ...`. */
function moveInto(state: Value, made: Value, length: Value, keepsLength: boolean): readonly Op[] {
  const block = new Block(false);
  if (!keepsLength) throwUnlessEqual(block, state, block.length(made), length);
  const index = makeValue(integerType, { span: null, variable: { name: "j" }, role: "primal" });
  const inner = block.inner();
  inner.store(element(state, index), inner.load(element(made, index)));
  const range = { from: block.constant(0), to: length, step: 1, inclusive: false };
  const stop = inner.constant(false);
  block.loop(range, [], inner.yield([index], [stop]), [makeValue(integerType), makeValue(integerType)]);
  return block.ops;
}

function throwUnlessEqual(block: Block, state: Value, made: Value, length: Value): void {
  const name = state.origin.variable?.name ?? "an array";
  const thrown = block.inner();
  const text = `\`${name}\` must keep its length in a loop with @enzyme checkpoint`;
  const error = makeValue({ kind: "opaque", text: "Error" });
  thrown.append({
    kind: "opaque",
    results: [error],
    template: `new Error(${JSON.stringify(text)})`,
    operands: [],
    effects: { reads: false, writes: false, observable: false },
  });
  const differs = block.apply("ne", [made, length]);
  block.if(differs, thrown.region([], { kind: "throw", value: error }), block.inner().yield([], []), []);
}
