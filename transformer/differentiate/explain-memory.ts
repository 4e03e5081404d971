/**
 * What a derivative keeps between its two sweeps, for `ad-transform --explain`: each record with its place in
 * the source, its size as a formula of the trip counts, and the rule that asks for it. In the user's names.
 */
import type { SourceSpan } from "../diagnostics/diagnostic.js";
import { tripCount } from "../analyze/trip-counts.js";
import { printMemory } from "../memory-size.js";
import { Block } from "../ir/build.js";
import { nameOfKey } from "../ir/function-keys.js";
import type { LoopOp, Op, Range, Region, Type, Value } from "../ir/ir.js";
import { regionsOf, walk } from "../ir/traverse.js";
import { stateOf } from "./loop-state.js";
import type { Plan } from "./plan.js";
import { nestsWithin, recordsOf, type Factor, type LoopRecord } from "./records.js";
import { isSnapshot, type SplitCall } from "./shadows.js";

/** Reads the user's source. */
export interface Source {
  readonly lineOf: (span: SourceSpan) => number;
  readonly textOf: (span: SourceSpan) => string;
  /** `src/loss.ts` */
  readonly nameOf: (file: string) => string;
}

/** One line of a table: what, where, how much, why. */
type Row = readonly [place: string, name: string, size: string, why: string];

/** The functions that reverse mode makes of one primal: one for both sweeps, or one for each. */
export interface Explained {
  readonly names: readonly string[];
  readonly plan: Plan;
}

/** What a derivative keeps, as text. */
export function explainMemory({ names, plan }: Explained, source: Source): string {
  const { span } = plan.shadowed.primal;
  const place = span === null ? "" : `  (${source.nameOf(span.file)}:${source.lineOf(span)})`;
  const sections = [
    section("recorded", recordRows(plan, source)),
    section("copied, once instead of element by element", [...copyRows(plan, source), ...fieldRows(plan, source)]),
    section(
      plan.isSplit ? "on the tape of each call" : "handed from a branch to its reverse, a variable each",
      keptRows(plan, source),
    ),
    section("tapes of calls", tapeRows(plan, source)),
    section("snapshots of a loop's state, in place of records of its steps", snapshotRows(plan, source)),
    section("recorded in spite of the budget for memory, loop in", leftRows(plan, source)),
  ].flat();
  const kept = sections.length > 0 ? sections : ["  nothing is recorded"];
  return [`${names.join(", ")}${place}`, ...kept, ...spared(plan, source)].join("\n");
}

/** For functions that have one sweep only. */
export const explainForward = (name: string): string => `${name}\n  nothing is recorded: forward mode has one sweep`;

function section(title: string, rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return [];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: Row): string =>
    `    ${row.map((cell, column) => (column < 3 ? cell.padEnd(widths[column] ?? 0) : cell)).join("  ")}`.trimEnd();
  return [`  ${title}`, ...rows.map(line)];
}

// ---- what is kept -----------------------------------------------------------------

function recordRows(plan: Plan, source: Source): readonly Row[] {
  return nestsOf(plan).flatMap((root) =>
    recordsOf(root, plan.recording, plan.facts).flatMap((record) =>
      record.values.map((value): Row => [
        lineOf(value, source),
        nameOf(value, plan, source),
        sizeOf(value, record, plan, source),
        whyRecorded(value, plan, source),
      ]),
    ),
  );
}

/** The outermost loops with records, those in replayed loops too: these are made anew for each iteration, or used again. */
function nestsOf({ facts, recording }: Plan): readonly LoopOp[] {
  const within = (region: Region): readonly LoopOp[] =>
    region.ops.flatMap((op) => {
      if (op.kind !== "loop") return regionsOf(op).flatMap(within);
      return recording.isReplayed(op) ? nestsWithin(op, recording) : [op];
    });
  return within(facts.fn.body);
}

function copyRows(plan: Plan, source: Source): readonly Row[] {
  const rows: Row[] = [];
  walk(plan.facts.fn.body, (op, region) => {
    if (op.kind !== "allocate" || !isSnapshot(op) || plan.facts.shadowOps.has(op)) return;
    const base = op.initial.source;
    const name = nameOf(base, plan, source);
    const around = plan.facts.tree.loopsAround(region).at(-1);
    const size = `${name}.length * ${bytesOf(base.type.kind === "array" ? base.type.element : base.type, false)}`;
    const often = around === undefined ? "" : `, each iteration of the loop in ${loopPlace(around, source)}`;
    rows.push([lineOf(base, source), name, `${size}${often}`, "its elements are read often, and written later"]);
  });
  return rows;
}

/** Fields of the objects in an array. */
function fieldRows(plan: Plan, source: Source): readonly Row[] {
  const rows: Row[] = [];
  const { tree } = plan.facts;
  const copies = new Set([...plan.copies.values()].map(({ base }) => base));
  walk(plan.facts.fn.body, (op, region) => {
    if (op.kind !== "store" || !copies.has(op.at.base)) return;
    const { op: read } = tree.definitionOf(op.value);
    const object = read?.kind === "load" ? tree.definitionOf(read.at.base).op : null;
    if (read?.kind !== "load" || read.at.kind !== "field" || object?.kind !== "load") return;
    const array = object.at.base;
    rows.push([
      lineOf(array, source),
      `${nameOf(array, plan, source)}[].${read.at.field}`,
      `${productOf(tree.loopsAround(region), plan, source)} * ${bytesOf(op.value.type, true)}`,
      "it is read often, and written later",
    ]);
  });
  return rows;
}

/** What leaves a branch as one more result; in a function that is split, what goes onto its tape. */
function keptRows(plan: Plan, source: Source): readonly Row[] {
  const { facts, recording, isSplit } = plan;
  const rows: Row[] = [];
  const note = (region: Region): void => {
    const owner = facts.tree.ownerOf(region);
    if (owner?.kind === "loop" || recording.scopeOf(region) !== region) return;
    for (const value of recording.recordedIn(region)) {
      rows.push([
        lineOf(value, source),
        nameOf(value, plan, source),
        isTapeOfCall(value, plan) ? "1 tape" : bytesOf(value.type, false),
        whyRecorded(value, plan, source),
      ]);
    }
  };
  if (isSplit) note(facts.fn.body);
  walk(facts.fn.body, (op) => regionsOf(op).forEach(note));
  return rows;
}

function tapeRows(plan: Plan, source: Source): readonly Row[] {
  return [...plan.facts.splits.values()].map((split: SplitCall): Row => {
    const { derivative, primal } = split;
    const loops = plan.facts.tree.loopsAround(plan.facts.tree.placeOf(callOf(split, plan)).region);
    const often = loops.length === 0 ? "1 tape" : `${productOf(loops, plan, source)} * 1 tape`;
    return [
      lineOf(primal.results[0] ?? split.tape, source),
      `${nameOfKey(derivative.callee)}()`,
      often,
      `a ${derivative.tape}: see ${nameOfKey(derivative.augmentedPrimal)}`,
    ];
  });
}

function snapshotRows(plan: Plan, source: Source): readonly Row[] {
  const rows: Row[] = [];
  walk(plan.facts.fn.body, (op) => {
    if (op.kind !== "loop" || op.checkpoint === undefined || !plan.recording.isReplayed(op)) return;
    const { carried, memory } = stateOf(op, plan.facts, plan.recording);
    const parts = [
      ...carried.map(({ param }) => nameOf(param, plan, source)),
      ...memory.map(({ root }) => `a copy of ${nameOf(root, plan, source)}`),
    ];
    const state = parts.length === 0 ? "its number" : parts.join(", ");
    const [most, why] =
      "bytes" in op.checkpoint
        ? [`as many as fit into ${printMemory(op.checkpoint.bytes)}`, "the budget for memory"]
        : [`at most ${op.checkpoint.snapshots}`, "asked for by @enzyme checkpoint"];
    rows.push([loopPlace(op, source), most, state, why]);
  });
  return rows;
}

/** Loops that a budget for memory does not change. */
const leftRows = (plan: Plan, source: Source): readonly Row[] =>
  plan.left.map(({ loop, why }): Row => [loopPlace(loop, source), why, "", ""]);

const isTapeOfCall = (value: Value, { facts }: Plan): boolean =>
  [...facts.splits.values()].some(({ tape }) => tape === value);

/** The call of the augmented primal, which stands where the call of the primal stood. */
const callOf = ({ tape }: SplitCall, { facts }: Plan): Op => {
  const { op } = facts.tree.definitionOf(tape);
  if (op === null) throw new Error("a tape is made by a call");
  return op;
};

// ---- what is not -----------------------------------------------------------------

/** Values that the reverse sweep needs and comes by without a record. */
function spared(plan: Plan, source: Source): readonly string[] {
  const again = new Set<string>();
  const atHand = new Set<string>();
  walkValues(plan.facts.fn.body, (value) => {
    const why = plan.recording.why(value);
    const isConstant = plan.facts.tree.definitionOf(value).op?.kind === "constant";
    if (why?.startsWith("recomputed") === true && value.origin.role === "primal" && !isConstant)
      again.add(nameOf(value, plan, source));
  });
  for (const { value } of plan.shadowed.primal.params) {
    if (plan.recording.why(value)?.startsWith("available") === true) atHand.add(nameOf(value, plan, source));
  }
  const replayed: string[] = [];
  walk(plan.facts.fn.body, (op) => {
    if (op.kind === "loop" && plan.recording.isReplayed(op)) replayed.push(loopPlace(op, source));
  });
  const list = (title: string, all: ReadonlySet<string>): readonly string[] => {
    const names = [...all].filter((name) => !name.includes(nameless) && !/^[\d.]+$/.test(name));
    if (names.length === 0) return [];
    const rest = names.length > 8 ? `, and ${names.length - 8} more` : "";
    return [`  ${title}: ${names.slice(0, 8).join(", ")}${rest}`];
  };
  return [
    ...list("iterations run again, loop in", new Set(replayed)),
    ...list("computed again", again),
    ...list("at hand", atHand),
  ];
}

function walkValues(region: Region, visit: (value: Value) => void): void {
  region.params.forEach(visit);
  for (const op of region.ops) {
    op.results.forEach(visit);
    for (const inner of regionsOf(op)) walkValues(inner, visit);
  }
}

// ---- how it is said -----------------------------------------------------------------

const nameless = "(unnamed)";

/** A variable's name, or the user's text where a value has none. */
function nameOf(value: Value, { facts }: Plan, source: Source): string {
  const { variable, span, role } = value.origin;
  const { op } = facts.tree.definitionOf(value);
  if (op?.kind === "loop" && op.results.indexOf(value) < 2) return `the count of ${loopPlace(op, source)}`;
  const text = span === null ? null : clipped(source.textOf(span));
  const name = variable?.name ?? (op === null ? null : text) ?? nameless;
  if (role === "adjoint") return `the shadow of ${name}`;
  return value.type.kind === "boolean" && variable === null ? `the test ${name}` : name;
}

const clipped = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 32 ? `${line.slice(0, 31)}…` : line;
};

function lineOf(value: Value, source: Source): string {
  const { span } = value.origin;
  return span === null ? "" : `line ${source.lineOf(span)}`;
}

function loopPlace(loop: LoopOp, source: Source): string {
  const spans = [...loop.body.params, ...loop.results].flatMap(({ origin }) =>
    origin.span === null ? [] : [origin.span],
  );
  const lines = spans.map((span) => source.lineOf(span));
  return lines.length === 0 ? "a loop" : `line ${Math.min(...lines)}`;
}

function sizeOf(value: Value, { loop, layout, factors }: LoopRecord, plan: Plan, source: Source): string {
  const bytes = isTapeOfCall(value, plan) ? "1 tape" : bytesOf(value.type, layout !== "grown");
  if (layout !== "grown") return `${factors.map((factor) => timesOf(factor, plan, source)).join(" * ")} * ${bytes}`;
  return `${countOf({ ...loop, range: null }, plan, source)} * ${bytes}, grown`;
}

function bytesOf(type: Type, isCounted: boolean): string {
  switch (type.kind) {
    case "number":
    case "integer":
      return "8 bytes";
    case "boolean":
      return isCounted ? "1 byte" : "8 bytes";
    case "optional":
      return bytesOf(type.of, isCounted);
    default:
      return "1 reference";
  }
}

/** How often the innermost of these loops runs, as the user would write it. */
function productOf(loops: readonly LoopOp[], plan: Plan, source: Source): string {
  return loops.map((loop) => countOf(loop, plan, source)).join(" * ");
}

function timesOf(factor: Factor, plan: Plan, source: Source): string {
  if (!("inner" in factor)) return countOf(factor, plan, source);
  const { outer, bound, offset } = factor;
  const end = endText(bound, plan, source);
  const ends = offset === 0 ? end : `(${end} ${offset < 0 ? "-" : "+"} ${Math.abs(offset)})`;
  return `${countOf(outer, plan, source)} * ${ends} / 2`;
}

function endText(value: Value, plan: Plan, source: Source): string {
  const { op } = plan.facts.tree.definitionOf(value);
  if (op?.kind === "constant") return String(op.value);
  return op?.kind === "length" ? `${nameOf(op.array, plan, source)}.length` : nameOf(value, plan, source);
}

function countOf(loop: LoopOp, plan: Plan, source: Source): string {
  const { range } = loop;
  if (range === null) return `iterations of ${loopPlace(loop, source)}`;
  const fixed = staticCount(range, plan);
  if (fixed !== null) return String(fixed);
  const bound = (value: Value): string => endText(value, plan, source);
  const [low, high] = range.step > 0 ? [bound(range.from), bound(range.to)] : [bound(range.to), bound(range.from)];
  const isCountdown = range.step < 0;
  const span = low === "0" ? high : `${high} - ${wrapped(low)}`;
  const last = range.inclusive ? `${span} + 1` : span;
  const stepped = Math.abs(range.step) === 1 ? last : `${wrapped(last)} / ${Math.abs(range.step)}`;
  return isCountdown && low === "0" && range.inclusive ? wrapped(`${high} + 1`) : wrapped(stepped);
}

function staticCount(range: Range, { facts }: Plan): number | null {
  const [from, to] = [range.from, range.to].map((bound) => facts.tree.definitionOf(bound).op);
  if (from?.kind !== "constant" || to?.kind !== "constant") return null;
  const block = new Block(false);
  const count = tripCount(block, { ...range, from: block.constant(from.value), to: block.constant(to.value) });
  const literal = block.literalOf(count);
  return typeof literal === "number" ? literal : null;
}

const wrapped = (text: string): string => (/^[\w.$]+$/.test(text) ? text : `(${text})`);

/** Why it cannot be computed again, and who asks for it. */
function whyRecorded(value: Value, plan: Plan, source: Source): string {
  const cause = causeOf(value, plan);
  const need = plan.recording.needOf(value);
  if (need === null) return cause;
  const by =
    need.by === null || need.by.origin.span === null ? "" : ` (${clipped(source.textOf(need.by.origin.span))})`;
  return `${cause}; ${need.reason}${by}`;
}

function causeOf(value: Value, { facts }: Plan): string {
  const { op, region } = facts.tree.definitionOf(value);
  switch (op?.kind) {
    case undefined:
      return facts.tree.ownerOf(region)?.kind === "loop" ? "the loop changes it" : "handed in with the forward sweep";
    case "load":
    case "length":
      return "what it is read from is written later";
    case "apply":
      return "dear to compute again";
    case "random":
      return "drawn once";
    case "call":
      return "given by a call";
    case "loop":
      return "left by a loop";
    case "if":
      return "depends on a branch";
    case "allocate":
      return "made in this iteration";
    default:
      return "known in the forward sweep only";
  }
}
