import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { isPure } from "../analyze/effects.js";
import type { Definitions } from "../analyze/definitions.js";
import { fusionOf, type LoopFacts, type Turning } from "../analyze/fusion.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import type { IRFunction, LoopOp, Op, Range, Region, Value } from "../ir/ir.js";
import { freeValues, operandsOf, someOperation } from "../ir/traverse.js";
import { Substitution, substituteRegion, withBody, withOps, withRegions, yieldedBy } from "./rewrite.js";

/**
 * Lets loops of a derivative that run over the same counters and touch the same elements run as one.
 *
 *   for i from 0 to n { out[i] = x[i] / r }
 *   for i from n - 1 down to 0 { dx[i] += dout[i] / r; ds -= dout[i] * x[i] }
 *   =>
 *   for i from 0 to n { out[i] = x[i] / r; dx[i] += dout[i] / r; ds -= dout[i] * x[i] }
 *
 * Both loops may touch an element only where no iteration of the second one has to wait for a later iteration of the
 * first: at the same index in both, or beyond the counter in the first. One of them may be turned round, or both, where
 * their iterations do not depend on each other apart from sums of derivatives. What stands between the loops and is
 * needed by the second one moves before both, if it is pure; everything else there must be indifferent to the second loop.
 */
export function fuseLoops(fn: IRFunction, compilation: Compilation): IRFunction {
  if (fn.derivation === null || !someRegion(fn.body, hasPair)) return fn;
  const aliases = analyzeAliases(fn, compilation);
  const facts: LoopFacts = { aliases, tree: buildRegionTree(fn) };
  const substitution = new Substitution();
  const visit = (region: Region): Region => {
    const ops = region.ops.map((op) => withRegions(op, visit));
    // of loops that have changed inside nothing is known any more
    const isKnown = ops.every((op, k) => op === region.ops[k]);
    return withOps(region, isKnown ? fuseFirst(ops, facts, substitution) : ops);
  };
  const body = visit(fn.body);
  return withBody(fn, substituteRegion(body, substitution));
}

const hasPair = ({ ops }: Region): boolean => ops.filter(({ kind }) => kind === "loop").length > 1;

function someRegion(region: Region, test: (region: Region) => boolean): boolean {
  return (
    test(region) ||
    someOperation(region, (op) => {
      if (op.kind === "loop") return test(op.body);
      return op.kind === "if" && (test(op.then) || test(op.else));
    })
  );
}

/** Fuses the first two loops of a region that can be; the new one may go on with the next in another round. */
function fuseFirst(ops: readonly Op[], facts: LoopFacts, substitution: Substitution): readonly Op[] {
  for (const [at, first] of ops.entries()) {
    if (first.kind !== "loop") continue;
    const distance = ops.slice(at + 1).findIndex(({ kind }) => kind === "loop" || kind === "if" || kind === "call");
    const second = distance < 0 ? undefined : ops[at + 1 + distance];
    if (second?.kind !== "loop") continue;
    const between = split(first, second, ops.slice(at + 1, at + 1 + distance), facts.aliases);
    const turns = between === null ? null : fusionOf(first, second, facts);
    const fused = turns === null ? null : join(first, second, turns, facts.aliases.definitions, substitution);
    if (between === null || fused === null) continue;
    return [...ops.slice(0, at), ...between.needed, fused, ...between.rest, ...ops.slice(at + 2 + distance)];
  }
  return ops;
}

interface Between {
  /** The second loop needs it: it moves before both. */
  readonly needed: readonly Op[];
  readonly rest: readonly Op[];
}

/** What stands between two loops; null where the second one cannot pass it. */
function split(first: LoopOp, second: LoopOp, ops: readonly Op[], aliases: Aliases): Between | null {
  const wanted = new Set<Value>([...operandsOf(second), ...freeValues(second.body)]);
  const needed: Op[] = [];
  const rest: Op[] = [];
  for (const op of [...ops].reverse()) {
    if (op.results.some((result) => wanted.has(result))) {
      if (!isPure(op)) return null;
      needed.unshift(op);
      for (const operand of operandsOf(op)) wanted.add(operand);
    } else rest.unshift(op);
  }
  if (first.results.some((result) => wanted.has(result))) return null;
  const touched = touchedBy(second, aliases);
  return rest.every((op) => isIndifferent(op, touched, aliases)) ? { needed, rest } : null;
}

interface Touched {
  readonly read: ReadonlySet<object>;
  readonly written: ReadonlySet<object>;
}

function touchedBy(loop: LoopOp, aliases: Aliases): Touched {
  const read = new Set<object>();
  const written = new Set<object>();
  someOperation(loop.body, (op) => {
    if (op.kind === "load") read.add(aliases.classOf(op.at.base));
    if (op.kind === "store" || op.kind === "accumulate") written.add(aliases.classOf(op.at.base));
    return false;
  });
  return { read, written };
}

/** Is it all the same whether an operation runs before or after the second loop? */
function isIndifferent(op: Op, { read, written }: Touched, aliases: Aliases): boolean {
  if (isPure(op)) return true;
  switch (op.kind) {
    case "load":
      return !written.has(aliases.classOf(op.at.base));
    case "store":
    case "accumulate": {
      const memory = aliases.classOf(op.at.base);
      return !read.has(memory) && !written.has(memory);
    }
    case "allocate":
      return op.initial.kind === "zeros";
    default:
      return false;
  }
}

/** From n - 1 down to 0, in steps of one, is from 0 up to n. */
function turned({ from, to, inclusive }: Range, definitions: Definitions): Range | null {
  if (!inclusive) return null;
  const last = definitions.opOf(from);
  const [length, one] = last?.kind === "apply" && last.primitive === "sub" ? last.args : [];
  return length !== undefined && one !== undefined && definitions.isLiteral(one, 1)
    ? { from: to, to: length, step: 1, inclusive: false }
    : { from: to, to: from, step: 1, inclusive: true };
}

function join(
  first: LoopOp,
  second: LoopOp,
  turns: Turning,
  definitions: Definitions,
  substitution: Substitution,
): LoopOp | null {
  const [one, other] = [yieldedBy(first.body), yieldedBy(second.body)];
  const [counter] = first.body.params;
  const [otherCounter, ...otherCarried] = second.body.params;
  const [completed, started] = first.results;
  const [otherCompleted, otherStarted, ...otherResults] = second.results;
  if (one === null || other === null || counter === undefined || otherCounter === undefined) return null;
  if (completed === undefined || started === undefined) return null;
  if (otherCompleted === undefined || otherStarted === undefined) return null;
  const range = {
    none: first.range,
    second: first.range,
    first: second.range,
    both: first.range === null ? null : turned(first.range, definitions),
  }[turns];
  if (range === null) return null;
  const inner = new Substitution();
  inner.replace(otherCounter, counter);
  const body = substituteRegion({ ...second.body, params: [] }, inner);
  substitution.replace(otherCompleted, completed);
  substitution.replace(otherStarted, started);
  return {
    kind: "loop",
    range,
    initial: [...first.initial, ...second.initial],
    body: {
      params: [...first.body.params, ...otherCarried],
      ops: [...first.body.ops, ...body.ops],
      exit: { kind: "yield", values: [...one, ...other.slice(1).map(inner.look)] },
    },
    results: [...first.results, ...otherResults],
  };
}
