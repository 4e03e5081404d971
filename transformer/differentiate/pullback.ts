/**
 * The value of a function, and its reverse sweep as a function of the seed: split reversal, handed to the user.
 *
 *   f(x) -> y     =>     f_vjp(x) -> y, tape          f_pullback(tape)(dY) -> dx
 *
 * A pullback may be called several times, in any order, after the user has written to the arguments and to the result:
 * all that it reads is on its tape, and the shadows that it adds to are its own.
 */
import type { Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { reachableMemory } from "../analyze/reachable-memory.js";
import type { Compilation } from "../compilation.js";
import { Block, field, makeValue } from "../ir/build.js";
import {
  isReference,
  isTape,
  type IRFunction,
  type Parameter,
  type RecordType,
  type Type,
  type Value,
} from "../ir/ir.js";
import { insideOf } from "../ir/recursive.js";
import { walk } from "../ir/traverse.js";
import { Refusal } from "./refusal.js";
import { Cells, Twins } from "./cells.js";
import { shapeOfMany, type ResultShape } from "./derivative.js";
import type { Derivatives } from "./derivatives.js";
import { isActiveNumber } from "./facts.js";
import { emitForward, firstRun, record } from "./forward-sweep.js";
import { planReverse, resultsOf, type Plan } from "./plan.js";
import { addSeed, adjointOf, adjointOfSeed, seedFor } from "./reverse.js";
import { emitJoined, emitReversed } from "./reverse-sweep.js";
import { beside, shadowType } from "./shadow-type.js";
import { isShadowed } from "./shadows.js";
import { makeSweep, twinOf, unneeded, type Site, type Sweep } from "./sweep.js";
import { tapeOrigin, tapeType } from "./tape.js";

export interface Pullback {
  /** Gives the value and the tape. */
  readonly forward: IRFunction;
  /** Takes the tape and the seed. */
  readonly pullback: IRFunction;
  /** Of the gradient. */
  readonly shape: ResultShape;
  readonly defaults: ReadonlyMap<Value, string>;
}

export interface PullbackNames {
  readonly forward: string;
  readonly pullback: string;
  readonly tape: string;
}

const openSite = (): Site => ({ block: new Block(true), twins: new Twins(), cells: new Cells(), frame: null });

/** Splits a function into one that gives its value and a tape, and one that takes the tape and the seed. */
export function differentiatePullback(
  primal: IRFunction,
  names: PullbackNames,
  compilation: Compilation,
  derivatives: Derivatives,
): Pullback {
  const promises = { stable: primal.params.map(() => false), ownShadows: true } as const;
  const options = {
    name: names.forward,
    takesShadows: true,
    caller: "derivative",
    apart: { promises },
    givesValue: true,
    seed: null,
    addSeed: () => undefined,
  } as const;
  const plan = planReverse(primal, options, compilation, derivatives);
  const { shadowed, facts } = plan;
  const sweep = makeSweep(plan, { joined: emitJoined, reversed: emitReversed }, derivatives);
  const [result] = resultsOf(shadowed.primal);
  if (result === undefined) throw new Error("a function without a result has no pullback");
  refuseSharing(primal, result, facts.aliases);
  for (const { value } of primal.params)
    if (isReference(value.type) && isRestructured(facts.aliases.classOf(value), value.type, facts.aliases))
      throw keepsTooMuch();
  // What a call is split into is handed the arguments of the call again.
  if (facts.splits.size > 0) throw keepsTooMuch();
  // The shadows that the pullback makes have not the cells that the forward sweep gave to others.
  if ([...facts.shadowOps].some(({ kind }) => kind === "if" || kind === "loop")) throw keepsTooMuch();

  const split: Split = { primal, names, plan, sweep, result, shadows: ownShadows(primal, plan) };
  const { forward, tape } = forwardHalf(split);
  return { forward, ...reverseHalf(split, tape) };
}

interface Split {
  readonly primal: IRFunction;
  readonly names: PullbackNames;
  readonly plan: Plan;
  readonly sweep: Sweep;
  readonly result: Value;
  /** The shadow of each argument that has one: made by the forward half, and again by the pullback. */
  readonly shadows: ReadonlyMap<Value, Value>;
}

function ownShadows(primal: IRFunction, { shadowed }: Plan): ReadonlyMap<Value, Value> {
  const found = new Map<Value, Value>();
  for (const { value } of primal.params) {
    const shadow = shadowed.shadows.get(value);
    if (shadow !== undefined && shadowed.fn.params.some((param) => param.value === shadow)) found.set(value, shadow);
  }
  return found;
}

/** What the forward half hands to the pullback, in the order of the fields. */
interface Tape {
  readonly type: RecordType;
  readonly kept: readonly { readonly key: object; readonly value: Value }[];
  /** Of the arguments the pullback needs the shape, for the gradient: a shadow that nobody adds to. */
  readonly shapes: readonly { readonly shadow: Value; readonly value: Value }[];
}

/** The forward sweep: the value, and the tape. */
function forwardHalf({ primal, names, plan, sweep, result, shadows }: Split): { forward: IRFunction; tape: Tape } {
  const { params: withShadows, body } = plan.shadowed.fn;
  const site = openSite();
  for (const [value, shadow] of shadows)
    site.block.append({ kind: "allocate", results: [shadow], initial: { kind: "zerosLike", of: value } });
  for (const { value } of withShadows) site.twins.set(value, value);
  for (const { value } of withShadows) record(sweep, value, site, firstRun);
  emitForward(sweep, body.ops, site, firstRun);
  const kept = site.cells.changed().flatMap((key) => {
    const value = site.cells.get(key);
    return value === null ? [] : [{ key, value }];
  });
  const shapes = [...shadows].map(([value, shadow]) => ({
    shadow,
    value: site.block.allocate(shadow.type, { kind: "zerosLike", of: value }, { ...value.origin, role: "residual" }),
  }));
  const parts = [...kept, ...shapes].map(({ value }) => value);
  const type = tapeType(
    names.tape,
    parts.map((value) => ({ stem: value.origin.variable?.name ?? "residual", type: value.type })),
  );
  const tape = makeValue(type, tapeOrigin);
  site.block.append({ kind: "allocate", results: [tape], initial: { kind: "parts", parts } });
  const value = twinOf(site, result);
  const { exit } = plan.shadowed.primal.body;
  const forward: IRFunction = {
    name: names.forward,
    params: primal.params,
    results: [value.type, type],
    body: site.block.region([], exit.kind === "throw" ? exit : { kind: "return", values: [value, tape] }),
    derivation: { of: primal.name, mode: "augmentedPrimal" },
    span: primal.span,
  };
  return { forward, tape: { type, kept, shapes } };
}

/** The reverse sweep: the adjoints of the arguments, from the tape and the seed. */
function reverseHalf(
  { primal, names, plan: { shadowed, facts }, sweep, result, shadows }: Split,
  { type, kept, shapes }: Tape,
): Omit<Pullback, "forward"> {
  const site = openSite();
  const tape = makeValue(type, tapeOrigin);
  const seed = seedFor(primal.results[0] ?? result.type, "user");
  const params: Parameter[] = [{ value: tape, name: "tape", activity: "const", typeText: null }, seed];
  const fieldAt = (index: number): string => type.fields[index]?.name ?? "";
  kept.forEach(({ key, value: residual }, index) => {
    site.cells.set(key, site.block.load(field(tape, fieldAt(index)), residual.origin, residual.type));
  });
  shapes.forEach(({ shadow }, index) => {
    const like = site.block.load(field(tape, fieldAt(kept.length + index)));
    site.twins.set(shadow, site.block.allocate(shadow.type, { kind: "zerosLike", of: like }, shadow.origin));
  });
  const resultShadow = resultsOf(shadowed.fn).find((one) => one !== result && isReference(one.type));
  if (resultShadow !== undefined && isShadowed(result)) {
    if (site.twins.get(resultShadow) === null) {
      const origin = beside(result, "adjoint");
      const fresh = site.block.allocate(shadowType(result.type), { kind: "zerosLike", of: seed.value }, origin);
      site.twins.set(resultShadow, fresh);
    }
    addSeed(seed.value, twinOf(site, resultShadow), site.block);
  } else if (isActiveNumber(result, facts)) site.cells.set(result, adjointOfSeed(seed.value, site.block));
  emitReversed(sweep, shadowed.fn.body, site);
  const adjoints = primal.params.flatMap((param): readonly Value[] => {
    if (param.activity === "const") return [];
    if (!isReference(param.value.type)) return [adjointOf(param.value, site, "user")];
    const shadow = shadows.get(param.value);
    return shadow === undefined ? [] : [twinOf(site, shadow)];
  });
  const pullback: IRFunction = {
    name: names.pullback,
    params,
    results: adjoints.map((one) => one.type),
    body: site.block.region([], { kind: "return", values: adjoints }),
    derivation: { of: primal.name, mode: "reversePass" },
    span: primal.span,
  };
  const defaults = new Map(seed.value.type.kind === "number" ? [[seed.value, "1"] as const] : []);
  return { pullback, shape: shapeOfMany(adjoints.length), defaults };
}

/** The seed of what is an argument as well, or a part of one, or of arrays inside of objects, meets other shadows than its own. */
function refuseSharing(primal: IRFunction, result: Value, aliases: Aliases): void {
  const isNested = (type: Type): boolean => insideOf(type).some(isReference);
  const given = isReference(result.type) ? aliases.classOf(result) : null;
  const holders = primal.params.flatMap(({ value }) => {
    if (given === null || !isReference(value.type)) return [];
    const own = aliases.classOf(value);
    return reachableMemory(own, value.type, aliases).has(given) ? [own] : [];
  });
  const absent = primal.params.find(({ value, activity }) => activity === "active" && value.type.kind === "optional");
  if (absent !== undefined) {
    throw new Refusal("EZ2084", { what: `takes \`${absent.name}\`, which may be left out,` });
  }
  if (holders.length === 0 && !isNested(result.type) && result.type.kind !== "optional") return;
  const what = `returns ${whatIsGiven(given, holders)}`;
  throw new Refusal("EZ2084", { what });
}

function whatIsGiven(given: MemoryClass | null, holders: readonly MemoryClass[]): string {
  if (holders.length === 0) return "arrays or objects inside of others, or perhaps nothing,";
  return holders.some((one) => one === given) ? "one of its arguments" : "a part of one of its arguments";
}

/**
 * Are rows exchanged, other objects or absent fields put in, or lists inside of others lengthened? A gradient has the shape that its
 * argument had before, and the pullback makes its shadows in the shape that the argument has afterwards.
 */
function isRestructured(memory: MemoryClass, type: Type, aliases: Aliases, seen = new Set<MemoryClass>()): boolean {
  if (type.kind === "optional") return isRestructured(memory, type.of, aliases, seen);
  if (seen.has(memory)) return false;
  seen.add(memory);
  const isChanged = (key: string | number, part: Type): boolean => {
    // a field that may be absent has a slot only where it was there before
    if (part.kind === "optional" && memory.isWritten(key)) return true;
    if (!isReference(part)) return false;
    const content = aliases.contentOf(memory, key);
    return (
      memory.isWritten(key) || (content !== null && (content.resized || isRestructured(content, part, aliases, seen)))
    );
  };
  switch (type.kind) {
    case "array":
      return isChanged("element", type.element);
    case "tuple":
      return type.elements.some((part, index) => isChanged(index, part) || isChanged("element", part));
    case "record":
      return type.fields.some((one) => isChanged(one.name, one.type));
    default:
      return false;
  }
}

const keepsTooMuch = (): Refusal => new Refusal("EZ2084", { what: "keeps rows, objects, or the records of calls," });

/** Would the pullback need something that is neither on the tape nor its own? */
export function checkComplete({ body }: IRFunction): void {
  walk(body, (op) => {
    if (op.kind === "constant" && op.text === unneeded) throw keepsTooMuch();
  });
}

/**
 * What is left on a tape when what nobody reads is gone. A shadow on it would be added to by each call of the pullback.
 */
export function checkTape(forward: IRFunction, tape: RecordType): void {
  walk(forward.body, (op) => {
    if (op.kind !== "allocate" || op.initial.kind !== "parts") return;
    const [made] = op.results;
    if (made === undefined || !isTape(made.type) || made.type.name !== tape.name) return;
    op.initial.parts.forEach((part, index) => {
      const type = tape.fields[index]?.type ?? part.type;
      const present = type.kind === "optional" ? type.of : type;
      const isShadow = isReference(present) && part.origin.role === "adjoint";
      const holdsReferences =
        part.origin.role === "residual" && present.kind === "array" && isReference(present.element);
      const isShape = isMadeAsShape(forward, part);
      if (isShadow || (holdsReferences && !isShape) || present.kind === "opaque") {
        throw keepsTooMuch();
      }
    });
  });
}

/** The shape of an argument, which nobody adds to. */
function isMadeAsShape({ body }: IRFunction, part: Value): boolean {
  return body.ops.some((op) => op.results[0] === part && op.kind === "allocate" && op.initial.kind === "zerosLike");
}
