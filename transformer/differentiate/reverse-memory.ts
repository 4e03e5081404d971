/**
 * The reverse of operations on memory, as operations on its shadow:
 *
 *   v = load a[i]        =>   da[i] += dv
 *   store a[i] v         =>   dv += da[i]; da[i] = 0       (dv += da[i] ?? 0, where i may be beyond the end)
 *   accumulate a[i] v    =>   dv += da[i]
 *   push a v             =>   dv += pop da
 *   a = [v, w]           =>   dv += da[0]; dw += da[1]
 *
 * A stored reference has no adjoint: its shadow was stored beside it, and is put back.
 */
import { element, field, makeValue, typeAt, type Block } from "../ir/build.js";
import {
  booleanType,
  isDictionary,
  isReference,
  numberType,
  type AccumulateOp,
  type AllocateOp,
  type Location,
  type Op,
  type StoreOp,
  type Value,
} from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import type { Place } from "../analyze/bounds.js";
import { isWholeCopy } from "../analyze/whole-copy.js";
import { isActiveNumber, mayBeBeyond, mayBeIgnored, mayFindNothing, mayLackKey } from "./facts.js";
import { keepsPart } from "./shadows.js";
import { beside, shadowType } from "./shadow-type.js";
import { addAdjoint, takeAdjoint, twinOf, type Site, type Sweep } from "./sweep.js";

type ElementLocation = Extract<Location, { kind: "element" }>;
type MemoryOp = Extract<Op, { kind: "load" | "store" | "accumulate" | "push" | "pop" | "allocate" }>;

/** Emits the reverse of an operation on memory. */
export function reverseMemory(sweep: Sweep, op: MemoryOp, site: Site): void {
  const { facts } = sweep;
  const { block } = site;
  const shadow = (reference: Value): Value => {
    const found = facts.shadowOf.get(reference);
    if (found === undefined) throw new Error("an active reference has no shadow");
    return twinOf(site, found);
  };
  const shadowCell = (at: Location): Location =>
    at.kind === "element" ? element(shadow(at.base), twinOf(site, at.index)) : field(shadow(at.base), at.field);
  /** What a cell of a shadow holds for the value that was written there. */
  const takenFrom = (cell: Location, write: StoreOp | AccumulateOp): Value => {
    const origin = beside(write.value, "adjoint");
    const held = block.load(cell, origin, numberType);
    return mayBeIgnored(write, facts) ? block.apply("orZero", [held], origin) : held;
  };
  const [result] = op.results;

  switch (op.kind) {
    case "load": {
      const adjoint = result === undefined ? null : takeAdjoint(site, result);
      if (adjoint === null || result === undefined) return;
      const cell = shadowCell(op.at);
      // what is beyond the end is absent, too
      if (cell.kind === "element" && mayBeBeyond(op, facts) && typeAt(cell).kind !== "optional")
        accumulateInside(site, cell, facts.bounds.placeOf(op), adjoint);
      else if (cell.kind === "element" && mayLackKey(op, facts))
        ifKnown(site, twinOf(site, op.at.base), cell, (at) => addTo(at, cell, adjoint));
      else addTo(site, cell, adjoint);
      return;
    }
    case "store": {
      const displaced = facts.displaced.get(op);
      if (displaced !== undefined) {
        if (facts.aliases.classOf(op.at.base).escapes) block.store(shadowCell(op.at), twinOf(site, displaced.shadow));
        return;
      }
      const cell = shadowCell(op.at);
      const isOptional = typeAt(cell).kind === "optional";
      const wasAbsent = facts.filled.get(op);
      if (isActiveNumber(op.value, facts)) {
        const adjoint = isOptional ? presentIn(block, block.load(cell), op.value) : takenFrom(cell, op);
        if (wasAbsent === undefined) block.store(cell, block.constant(0));
        else clear(block, cell, twinOf(site, wasAbsent));
        addAdjoint(site, op.value, adjoint);
      } else if (wasAbsent !== undefined) {
        clear(block, cell, twinOf(site, wasAbsent));
      } else if (isOptional) {
        ifPresent(block, cell, (inner) => inner.store(cell, inner.constant(0)));
      } else {
        block.store(cell, block.constant(0));
      }
      return;
    }
    case "accumulate":
      return addAdjoint(site, op.value, takenFrom(shadowCell(op.at), op));
    case "push": {
      const array = shadow(op.array);
      if (isReference(op.value.type)) {
        // an array of a union takes each of its members
        const held = array.type.kind === "array" ? array.type.element : shadowType(op.value.type);
        block.pop(array, held, beside(op.value, "adjoint"));
        return;
      }
      const type =
        array.type.kind === "array" && array.type.element.kind === "optional" ? array.type.element : numberType;
      const held = block.pop(array, type, beside(op.value, "adjoint"));
      if (!isActiveNumber(op.value, facts)) return;
      addAdjoint(site, op.value, type === numberType ? held : presentIn(block, held, op.value));
      return;
    }
    case "pop": {
      const reference = result !== undefined && isReference(result.type) ? facts.shadowOf.get(result) : undefined;
      const adjoint = result === undefined || reference !== undefined ? null : takeAdjoint(site, result);
      const back = reference === undefined ? (adjoint ?? block.constant(0)) : twinOf(site, reference);
      if (result === undefined || !mayFindNothing(op, facts)) {
        block.push(shadow(op.array), back);
        return;
      }
      const [absent, otherwise] = [makeValue(booleanType), block.inner()];
      block.append({ kind: "isAbsent", results: [absent], value: twinOf(site, result) });
      otherwise.push(shadow(op.array), back);
      block.if(absent, block.inner().yield([], []), otherwise.yield([], []), []);
      return;
    }
    case "allocate":
      return reverseAllocate(sweep, op, site, shadow);
  }
}

/** Adds to a cell of a shadow; what is absent in the primal is absent in its shadow, and stays so. */
function addTo({ block }: Site, cell: Location, adjoint: Value): void {
  if (isDictionary(cell.base.type) && typeAt(cell).kind !== "optional") return addUnder(block, cell, adjoint);
  if (typeAt(cell).kind !== "optional") return block.accumulate(cell, adjoint);
  ifPresent(block, cell, (inner, before) =>
    inner.store(cell, inner.apply("add", [presentIn(inner, before, adjoint), adjoint], adjoint.origin)),
  );
}

/** A key that the primal has put in is not yet in the shadow: what is not there counts as zero. */
function addUnder(block: Block, cell: Location, adjoint: Value): void {
  const before = block.apply("orZero", [block.load(cell, adjoint.origin, numberType)], adjoint.origin);
  block.store(cell, block.apply("add", [before, adjoint], adjoint.origin));
}

function ifKnown(site: Site, dictionary: Value, { index }: ElementLocation, then: (inner: Site) => void): void {
  const known = makeValue(booleanType);
  site.block.append({
    kind: "opaque",
    results: [known],
    template: "$0 in $1",
    operands: [index, dictionary],
    effects: readsOnly,
  });
  const block = site.block.inner();
  then({ ...site, block });
  site.block.if(known, block.yield([], []), site.block.inner().yield([], []), []);
}

/** What a shadow holds before anything is written: nothing where its primal has nothing, else 0. */
function clear(block: Block, cell: Location, wasAbsent: Value): void {
  const type = typeAt(cell);
  const [then, otherwise] = [block.inner(), block.inner()];
  then.store(cell, then.constant(type.kind === "optional" && type.absence === "null" ? null : undefined));
  otherwise.store(cell, otherwise.constant(0));
  block.if(wasAbsent, then.yield([], []), otherwise.yield([], []), []);
}

function ifPresent(block: Block, cell: Location, then: (inner: Block, before: Value) => void): void {
  const before = block.load(cell);
  const absent = makeValue(booleanType);
  block.append({ kind: "isAbsent", results: [absent], value: before });
  const otherwise = block.inner();
  then(otherwise, before);
  block.if(absent, block.inner().yield([], []), otherwise.yield([], []), []);
}

/** The number in a cell that is known to hold one. */
function presentIn(block: Block, before: Value, value: Value): Value {
  const present = makeValue(numberType, beside(value, "adjoint"));
  block.append({ kind: "unwrap", results: [present], value: before });
  return present;
}

/** What was read beyond the end of an array has no shadow: adding to it would lengthen the array. */
function accumulateInside(
  { block }: Site,
  cell: ElementLocation,
  { notBeforeStart, notBehindEnd }: Place,
  adjoint: Value,
): void {
  const { base, index } = cell;
  const tests = [
    ...(notBeforeStart ? [] : [block.apply("ge", [index, block.constant(0)])]),
    ...(notBehindEnd ? [] : [block.apply("lt", [index, block.length(base)])]),
  ];
  const then = block.inner();
  then.accumulate(cell, adjoint);
  block.if(
    tests.reduce((both, test) => block.apply("and", [both, test])),
    then.yield([], []),
    block.inner().yield([], []),
    [],
  );
}

function reverseAllocate(sweep: Sweep, op: AllocateOp, site: Site, shadow: (reference: Value) => Value): void {
  const [result] = op.results;
  if (result === undefined) return;
  const { block } = site;
  const { initial } = op;
  switch (initial.kind) {
    case "parts":
      initial.parts.forEach((part, index) => {
        const { type } = result;
        if (!isActiveNumber(part, sweep.facts) || !keepsPart(type, index)) return;
        const at =
          type.kind === "record"
            ? field(shadow(result), type.fields[index]?.name ?? index)
            : type.kind === "tuple"
              ? field(shadow(result), index)
              : element(shadow(result), block.constant(index));
        const adjoint = block.load(at, beside(part, "adjoint"));
        // The part is a number, and so is what stands beside it.
        addAdjoint(site, part, adjoint.type.kind === "optional" ? presentIn(block, adjoint, part) : adjoint);
      });
      return;
    case "filled": {
      const array = shadow(result);
      const sum = makeValue(numberType, beside(initial.value, "adjoint"));
      const total = makeValue(numberType, beside(initial.value, "adjoint"));
      overElements(site, block.length(array), [block.constant(0)], [sum], [total], (inner, index) => [
        inner.block.apply("add", [
          sum,
          inner.block.load(element(array, index), beside(initial.value, "adjoint"), numberType),
        ]),
      ]);
      return addAdjoint(site, initial.value, total);
    }
    case "copy": {
      const [from, to] = [shadow(result), shadow(initial.source)];
      const start = twinOf(site, initial.from);
      return overElements(site, copiedLength(sweep, op, from, to, site), [], [], [], (inner, index) => {
        const [into, cell] = [element(to, inner.block.apply("add", [start, index])), element(from, index)];
        if (typeAt(cell).kind === "optional")
          ifPresent(inner.block, cell, (at, held) =>
            addTo({ ...inner, block: at }, into, presentIn(at, held, initial.source)),
          );
        else inner.block.accumulate(into, inner.block.load(cell));
        return [];
      });
    }
    case "zeros":
    case "zerosLike":
      return;
  }
}

/** How many elements a copy took: its shadow may be longer by then, where it was written behind its end. */
function copiedLength({ facts }: Sweep, copy: AllocateOp, shadow: Value, ofSource: Value, site: Site): Value {
  const { block } = site;
  const [result] = copy.results;
  const { bounds, aliases } = facts;
  const { initial } = copy;
  if (result === undefined || initial.kind !== "copy" || bounds.keepsLength(result) || aliases.classOf(result).resized)
    return block.length(shadow);
  if (isWholeCopy(initial, aliases.definitions) && bounds.keepsLength(initial.source)) return block.length(ofSource);
  return block.apply("min", [
    block.length(shadow),
    block.apply("sub", [block.length(ofSource), twinOf(site, initial.from)]),
  ]);
}

/** A loop from 0 to `length`, carrying values. */
export function overElements(
  site: Site,
  length: Value,
  initial: readonly Value[],
  params: readonly Value[],
  results: readonly Value[],
  body: (inner: Site, index: Value) => readonly Value[],
): void {
  const { block } = site;
  const index = makeValue({ kind: "integer" });
  const inner: Site = { ...site, block: block.inner() };
  const values = body(inner, index);
  const stop = inner.block.constant(false);
  block.loop(
    { from: block.constant(0), to: length, step: 1, inclusive: false },
    initial,
    inner.block.yield([index, ...params], [stop, ...values]),
    [makeValue({ kind: "integer" }), makeValue({ kind: "integer" }), ...results],
  );
}
