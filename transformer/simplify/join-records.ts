import { Block, element } from "../ir/build.js";
import {
  isReference,
  type AllocateOp,
  type IRFunction,
  type LoadOp,
  type Op,
  type Origin,
  type Region,
  type StoreOp,
  type Value,
} from "../ir/ir.js";
import { exitOperands, mapExit, operandsOf, rebuild, regionsOf, walk } from "../ir/traverse.js";
import { withBody } from "./rewrite.js";

/** From so many records on it pays: fewer stay as they are, with names of their own. */
const leastRecords = 3;

/**
 * Lays records that are written side by side into one array.
 *
 *   a = zeros n; b = zeros n; c = zeros n; .. store a[t] x; store b[t] y; store c[t] z
 *     =>   kept = zeros (3 * n); .. store kept[3 * t] x; store kept[3 * t + 1] y; store kept[3 * t + 2] z
 *
 * Each array is an address, a length and a check of its own that the engine keeps at hand in a loop, and a stretch of
 * memory of its own. The last step before a derivative is written down: what is differentiated again still has its records
 * apart, where analyses see more.
 *
 * `nameOf`: what a value that is read back is called.
 */
export function joinRecords(fn: IRFunction, nameOf: (value: Value) => string): IRFunction {
  const places = new Map<Value, Place>();
  findGroups(fn).forEach((group, number) => {
    group.forEach(({ op }, offset) => {
      const [record] = op.results;
      if (record !== undefined) places.set(record, { group: number, offset, size: group.length });
    });
  });
  return places.size === 0
    ? fn
    : withBody(fn, rewrite(fn.body, { places, named: nameLoads(fn, places, nameOf), shared: new Map() }));
}

/** Where the entries of a record go: at `size * index + offset` of what its group shares. */
interface Place {
  readonly group: number;
  readonly offset: number;
  readonly size: number;
}

type Zeros = AllocateOp & { readonly initial: Extract<AllocateOp["initial"], { kind: "zeros" }> };

interface Candidate {
  readonly op: Zeros;
  readonly home: Region;
  /** Where its entries are written; null where that is in several places, or something else is done with it. */
  written: { readonly region: Region; readonly index: Value } | null;
}

/** Records of one length that are made in one region and written at one index in another, and only written and read. */
function findGroups(fn: IRFunction): readonly (readonly Candidate[])[] {
  const candidates = new Map<Value, Candidate>();
  const spoiled = new Set<Value>();
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      const [result] = op.results;
      if (result !== undefined && isRecordOfNumbers(op)) candidates.set(result, { op, home: region, written: null });
      const accessed = op.kind === "load" || op.kind === "store" ? op.at.base : null;
      for (const operand of operandsOf(op)) if (isReference(operand.type) && operand !== accessed) spoiled.add(operand);
      const candidate = op.kind === "store" ? candidates.get(op.at.base) : undefined;
      if (op.kind === "store" && op.at.kind === "element" && candidate !== undefined) {
        if (candidate.written !== null) spoiled.add(op.at.base);
        candidate.written = { region, index: op.at.index };
      }
      regionsOf(op).forEach(visit);
    }
    for (const value of exitOperands(region.exit)) if (isReference(value.type)) spoiled.add(value);
  };
  visit(fn.body);

  const groups: Candidate[][] = [];
  for (const [record, candidate] of candidates) {
    if (spoiled.has(record) || candidate.written === null) continue;
    const group = groups.find((others) => others.every((other) => areTogether(other, candidate)));
    if (group === undefined) groups.push([candidate]);
    else group.push(candidate);
  }
  return groups.filter(({ length }) => length >= leastRecords);
}

const areTogether = (one: Candidate, other: Candidate): boolean =>
  one.home === other.home &&
  one.op.initial.length === other.op.initial.length &&
  one.written?.region === other.written?.region &&
  one.written?.index === other.written?.index;

function isRecordOfNumbers(op: Op): op is Zeros {
  const [result] = op.results;
  if (op.kind !== "allocate" || op.initial.kind !== "zeros" || result?.origin.role !== "residual") return false;
  return result.type.kind === "array" && result.type.storage === "Float64Array";
}

interface Joining {
  readonly places: ReadonlyMap<Value, Place>;
  /** What is read back, under a name. */
  readonly named: ReadonlyMap<Value, Value>;
  /** The array of each group, once it is made. */
  readonly shared: Map<number, Value>;
}

function rewrite(region: Region, joining: Joining): Region {
  const look = (value: Value): Value => joining.named.get(value) ?? value;
  const ops = region.ops.flatMap((op): readonly Op[] => {
    const [result] = op.results;
    const made = result === undefined ? undefined : joining.places.get(result);
    if (made !== undefined && isRecordOfNumbers(op)) return allocate(op, made, joining);
    const again = rebuild(op, { value: look, result: look, region: (inner) => rewrite(inner, joining) });
    return again.kind === "load" || again.kind === "store" ? access(again, joining) : [again];
  });
  return { params: region.params, ops, exit: mapExit(region.exit, look) };
}

function allocate({ results, initial }: Zeros, { group, size }: Place, { shared }: Joining): readonly Op[] {
  const [record] = results;
  if (record === undefined || shared.has(group)) return [];
  const block = new Block(true);
  const length = block.apply("mul", [block.constant(size), initial.length]);
  const origin: Origin = { span: null, variable: { name: "kept" }, role: "primal" };
  shared.set(group, block.allocate(record.type, { kind: "zeros", length }, origin));
  return block.ops;
}

function access(op: LoadOp | StoreOp, { places, shared }: Joining): readonly Op[] {
  const place = places.get(op.at.base);
  const base = place === undefined ? undefined : shared.get(place.group);
  if (place === undefined || base === undefined || op.at.kind !== "element") return [op];
  const block = new Block(true);
  const first = block.apply("mul", [block.constant(place.size), op.at.index]);
  const at = element(base, block.apply("add", [first, block.constant(place.offset)]));
  return [...block.ops, { ...op, at }];
}

/** What is read back takes its name along. */
function nameLoads(
  fn: IRFunction,
  places: ReadonlyMap<Value, Place>,
  nameOf: (value: Value) => string,
): ReadonlyMap<Value, Value> {
  const named = new Map<Value, Value>();
  walk(fn.body, (op) => {
    const [result] = op.results;
    if (op.kind !== "load" || result === undefined || !places.has(op.at.base)) return;
    const { type, origin } = result;
    if (origin.variable === null)
      named.set(result, { type, origin: { ...origin, variable: { name: nameOf(result) } } });
  });
  return named;
}
