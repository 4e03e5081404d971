import { writersIn, mayWrite } from "../analyze/effects.js";
import { areDistinct } from "../analyze/distinct-references.js";
import {
  atomsIn,
  constant,
  constantDistance,
  constantOf,
  isSame,
  plus,
  powersOf,
  type Polynomial,
} from "../analyze/polynomials.js";
import { termsOf, type Terms } from "../analyze/terms.js";
import type { Compilation } from "../compilation.js";
import { makeValue } from "../ir/build.js";
import {
  numberType,
  type IRFunction,
  type LoadOp,
  type Location,
  type LoopOp,
  type Op,
  type Origin,
  type Region,
  type Value,
} from "../ir/ir.js";
import { primitives } from "../ir/primitives.js";
import { freeValues, operandsOf, regionsOf, someOperation } from "../ir/traverse.js";
import { carryMore, rewriteLoops, type Carried, type MemoryFacts } from "./carry-more.js";
import { RegionCopy } from "./region-copy.js";
import { rewriteRegion, Substitution, withRegions, yieldedBy } from "./rewrite.js";

/**
 * Reads each element once, where a loop reads neighbours in an array that it does not write.
 *
 *   for i { .. load u[i - 1] .. load u[i] .. load u[i + 1] .. }
 *     =>
 *   a = load u[from - 1]; b = load u[from]; for i carrying a, b { c = load u[i + 1]; .. ; yield b, c }
 *
 * A border that leads round (`left = i === 0 ? n - 1 : i - 1`) is a neighbour like the others: it is another element in
 * the first iteration, where what is handed on begins, or in the last one, after which nothing is. Worth it in loops that do
 * little else; typed arrays alone, for which each read checks more. A step behind all analyses, which know more of reads.
 * (Predictive commoning: Callahan, Carr and Kennedy, Improving register allocation for subscripted variables, 1990.)
 */
export function carryReads(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!hasCandidates(fn.body)) return fn;
  let terms: Terms | null = null;
  return rewriteLoops(fn, compilation, (loop, inner, facts) => {
    if (inner !== loop || !isCandidate(loop)) return [inner];
    terms ??= termsOf(facts.tree, facts.aliases, (array) => facts.bounds.keepsLength(array));
    const rows = rowsOf(loop, facts, terms);
    return rows.length === 0 ? [inner] : carry(loop, rows, facts.aliases);
  });
}

/** How many elements are handed on at most: more of them are no longer kept in registers. */
const most = 4;

/** A read of an element that may be one of a row of neighbours. */
type Read = LoadOp & { readonly at: Extract<Location, { kind: "element" }> };

/** Reads of neighbours, from the one that was read in the earliest iteration to the one that is new in each. */
type Row = readonly Read[];

interface Neighbour {
  readonly read: Read;
  /** The index without the counter, and how much the counter is moved. */
  readonly rest: Polynomial;
  /** Is it another element in one iteration? */
  readonly edge: "first" | "last" | null;
}

const isRead = (op: Op): op is Read =>
  op.kind === "load" &&
  op.at.kind === "element" &&
  op.at.base.type.kind === "array" &&
  op.at.base.type.element.kind === "number" &&
  op.at.base.type.storage !== "Array";

/** Does little else but read: what is dear hides the reads, and additions to memory take their time whatever is read. */
const isLight = (op: Op): boolean =>
  op.kind !== "loop" &&
  op.kind !== "call" &&
  op.kind !== "accumulate" &&
  (op.kind !== "apply" || primitives[op.primitive].cost === "cheap");

const isCandidate = ({ range, body }: LoopOp): boolean =>
  range !== null &&
  (range.step === 1 || range.step === -1) &&
  range.from.type.kind === "integer" &&
  range.to.type.kind === "integer" &&
  body.params[0]?.type.kind === "integer" &&
  body.ops.filter(isRead).length > 1 &&
  !someOperation(body, (op) => !isLight(op));

const hasCandidates = (region: Region): boolean =>
  region.ops.some((op) => (op.kind === "loop" && isCandidate(op)) || regionsOf(op).some(hasCandidates));

function rowsOf(loop: LoopOp, { tree, aliases }: MemoryFacts, terms: Terms): readonly Row[] {
  const writers = writersIn(loop.body);
  const staysAsItIs = (at: Read["at"]): boolean =>
    writers.every((op) =>
      op.kind === "store" || op.kind === "accumulate"
        ? areDistinct(op.at.base, at.base, tree, aliases)
        : !mayWrite(op, at, aliases),
    );
  const reads = loop.body.ops
    .filter(isRead)
    .filter(({ at }) => !tree.isWithin(tree.definitionOf(at.base).region, loop.body));
  const rows: Row[] = [];
  let carried = 0;
  for (const base of new Set(reads.map(({ at }) => at.base))) {
    const own = reads.filter(({ at }) => at.base === base);
    const [first] = own;
    if (own.length < 2 || first === undefined || !staysAsItIs(first.at)) continue;
    const neighbours = own.flatMap((read) => neighbourOf(read, loop, terms) ?? []);
    for (const row of inRows(neighbours, loop)) {
      if (carried + row.length - 1 > most) continue;
      carried += row.length - 1;
      rows.push(row);
    }
  }
  return rows;
}

/** How an index follows from the counter of a loop; null where it is not moved by a constant. */
function neighbourOf(read: Read, { body, range }: LoopOp, terms: Terms): Neighbour | null {
  const [counter] = body.params;
  if (counter === undefined || range === null) return null;
  const place = terms.polynomialOf(read.at.index);
  const isFixed = (a: Polynomial): boolean => [...atomsIn(a)].every((one) => !terms.isDefinedIn(one, body));
  const counterAtom = terms.atomOf("value", counter);
  /** What is left of `a` without an atom that stands in it once, by itself. */
  const without = (a: Polynomial, number: number): Polynomial | null => {
    const [rest, factor, ...higher] = powersOf(a, number);
    return rest !== undefined && factor !== undefined && higher.length === 0 && constantOf(factor) === 1 ? rest : null;
  };
  const rest = without(place, counterAtom);
  if (rest !== null) return isFixed(rest) ? { read, rest, edge: null } : null;

  // t + (i === 0 ? n - 1 : i - 1)
  const [moved, ...others] = [...atomsIn(place)].filter((one) => terms.isDefinedIn(one, body));
  const chosen = moved === undefined || others.length > 0 ? undefined : terms.atomAt(moved)?.value;
  const around = moved === undefined ? null : without(place, moved);
  const by = body.ops.find((op) => chosen !== undefined && op.results.includes(chosen));
  if (chosen === undefined || around === null || by?.kind !== "if" || !isFixed(around)) return null;
  const test = body.ops.find((op) => op.results.includes(by.test));
  if (test?.kind !== "apply" || test.primitive !== "eq") return null;
  const [a, b] = test.args;
  const asked = a === counter ? b : b === counter ? a : undefined;
  const inside = yieldedBy(by.else)?.[by.results.indexOf(chosen)];
  if (asked === undefined || inside === undefined) return null;
  const step = without(terms.polynomialOf(inside), counterAtom);
  if (step === null || constantOf(step) === null) return null;
  const [from, to] = [terms.polynomialOf(range.from), terms.polynomialOf(range.to)];
  const last = range.inclusive ? to : plus(to, constant(-range.step));
  const at = terms.polynomialOf(asked);
  const edge = isSame(at, from) ? "first" : isSame(at, last) ? "last" : null;
  return edge === null ? null : { read, rest: plus(around, step), edge };
}

/** Reads of which each is, one iteration later, what another one was before. */
function inRows(neighbours: readonly Neighbour[], { range }: LoopOp): readonly Row[] {
  const step = range?.step ?? 1;
  /** Where the element lies that `one` is in the next iteration, seen from `other`. */
  const follows = (one: Neighbour, other: Neighbour): boolean =>
    constantDistance(other.rest, one.rest) === step && one.edge !== "last" && other.edge !== "first";
  const rows: Row[] = [];
  const taken = new Set<Neighbour>();
  for (const start of neighbours) {
    if (taken.has(start) || neighbours.some((other) => follows(other, start))) continue;
    const row = [start];
    for (let next: Neighbour | undefined = start; next !== undefined;) {
      const before: Neighbour = next;
      next = row.length > most ? undefined : neighbours.find((other) => !taken.has(other) && follows(before, other));
      if (next !== undefined) row.push(next);
    }
    for (const one of row) taken.add(one);
    if (row.length > 1) rows.push(row.map(({ read }) => read));
  }
  return rows;
}

/** The loop with all but the newest read of each row handed on. */
function carry(loop: LoopOp, rows: readonly Row[], aliases: MemoryFacts["aliases"]): readonly Op[] {
  const { body, range } = loop;
  const [counter] = body.params;
  if (range === null || counter === undefined) return [loop];
  const before: Op[] = [];
  const substitution = new Substitution();
  const gone = new Set<Op>();
  const carried: Carried[] = [];
  for (const row of rows) {
    const params = row.map((read, k) => makeValue(numberType, originOf(read, k === 0 ? "Before" : "Here")));
    row.forEach((read, k) => {
      const [value] = read.results;
      const [param, following, newer] = [params[k], params[k + 1], row[k + 1]?.results[0]];
      if (value === undefined || param === undefined || newer === undefined) return;
      const next = k + 2 < row.length && following !== undefined ? following : newer;
      before.push(...atStart(read, loop, counter, aliases));
      const initial = lastResult(before);
      if (initial === undefined) return;
      carried.push({ initial, param, next, result: makeValue(numberType, param.origin) });
      substitution.replace(value, param);
      gone.add(read);
    });
  }
  const inside = (region: Region): Region =>
    rewriteRegion(region, substitution, (op, out) => void out.push(withRegions(op, inside)));
  const rewritten = rewriteRegion(body, substitution, (op, out) => {
    if (!gone.has(op)) out.push(withRegions(op, inside));
  });
  if (rewritten.exit.kind !== "yield") return [loop];
  return [...before, carryMore(loop, rewritten.ops, rewritten.exit.values, carried)];
}

const lastResult = (ops: readonly Op[]): Value | undefined => ops.at(-1)?.results[0];

/** The other one of two; null where neither or both are `value`. */
function otherThan(value: Value, [a, b]: readonly Value[]): Value | null {
  if (a === b) return null;
  return (a === value ? b : b === value ? a : null) ?? null;
}

/** A read as the first iteration would do it, in front of the loop. */
function atStart(
  read: Read,
  { body, range }: LoopOp,
  counter: Value,
  { definitions }: MemoryFacts["aliases"],
): readonly Op[] {
  const isZero = range !== null && definitions.isLiteral(range.from, 0);
  const needed = new Set<Value>([read.at.index]);
  const kept: Op[] = [];
  for (const op of body.ops.slice(0, body.ops.indexOf(read)).reverse()) {
    if (!op.results.some((one) => needed.has(one))) continue;
    kept.unshift(op);
    for (const one of operandsOf(op)) needed.add(one);
    for (const region of regionsOf(op)) for (const one of freeValues(region)) needed.add(one);
  }
  // t + 0
  const copy: RegionCopy = new RegionCopy({
    replace: (op) => {
      const other = isZero && op.kind === "apply" && op.primitive === "add" ? otherThan(counter, op.args) : null;
      const [result] = op.results;
      if (other === null || result === undefined) return false;
      copy.put(result, copy.look(other));
      return true;
    },
  });
  if (range !== null) copy.put(counter, range.from);
  return copy.ops([...kept, read]);
}

/** What is handed on is called what it was called; `uBefore` or `uHere` otherwise. */
function originOf({ results: [value], at }: Read, relation: string): Origin {
  const { variable, role } = value?.origin ?? at.base.origin;
  const name = variable?.name ?? `${at.base.origin.variable?.name ?? "element"}${relation}`;
  return { span: null, variable: { name }, role };
}
