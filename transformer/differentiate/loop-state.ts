/**
 * The state of a loop that is marked `@enzyme checkpoint`: what one of its steps takes from the steps before. A
 * snapshot holds it, and a step that runs again begins with it.
 *
 *   for i { x = f(x, u[j]); u[k] = ... }      =>      { step: i, x, u: u.slice() }
 *
 * What the loop carries is kept as it is: numbers, and references, whose objects stay the same ones. Of memory that
 * was there before the loop, what a step reads and this or a later step writes is copied, as deep as it is. Memory that
 * steps write and never read is left alone when they run again: it holds its final contents.
 */
import type { Aliases } from "../analyze/aliases.js";
import type { MemoryClass } from "../analyze/memory-class.js";
import { typeAt } from "../ir/build.js";
import { askedForHole } from "../ir/holes.js";
import { takenIn, writersIn, writesClass } from "../analyze/effects.js";
import type { Recording } from "../analyze/to-be-recorded.js";
import { nameOfKey } from "../ir/function-keys.js";
import {
  isDictionary,
  heldFields,
  isMerged,
  integerType,
  isReference,
  type LoopOp,
  type Op,
  type RecordType,
  type Type,
  type Value,
} from "../ir/ir.js";
import { freeValues, walk } from "../ir/traverse.js";
import { Refusal } from "./refusal.js";
import { isReversible, yieldsOf, type Facts } from "./facts.js";
import { copyType, type Part, type Shape } from "./state-copies.js";

export interface LoopState {
  /** What the loop carries, and how a snapshot calls it. */
  readonly carried: readonly { readonly param: Value; readonly name: string }[];
  readonly memory: readonly Memory[];
  readonly snapshot: RecordType;
  /** May a step that runs again write the memory that a reference denotes? */
  readonly mayWrite: (reference: Value) => boolean;
  /** May a step that runs again change the length of an array? The shadow of one from outside keeps its own. */
  readonly mayResize: (array: Value) => boolean;
  /** Is the memory that a reference denotes read when a step runs again? Then every write to it has to be there. */
  readonly isRead: (reference: Value) => boolean;
}

/** Memory from before the loop that has to be brought back. */
export interface Memory {
  /** Defined outside the loop, or carried by it. */
  readonly root: Value;
  readonly name: string;
  readonly shape: Shape;
  /** Do others see it, so that it has to hold its final contents again in the end? */
  readonly escapes: boolean;
}

/** The loops of a function whose steps run again from snapshots; refuses those whose steps cannot. */
export function findCheckpointed(facts: Facts, isSplit: boolean): ReadonlySet<Op> {
  const found = new Set<Op>();
  walk(facts.fn.body, (op) => {
    if (op.kind !== "loop" || op.checkpoint === undefined || !isReversible(op, facts)) return;
    if (isSplit)
      refuseAt(op)(
        "its function is called, and runs again before that call is reversed",
        "mark the loop that makes the call, or call the function where nothing follows that changes its arguments",
      );
    found.add(op);
  });
  return found;
}

export const refuseAt =
  ({ checkpoint }: LoopOp) =>
  (what: string, advice?: string): never => {
    throw new Refusal("EZ2034", advice === undefined ? { what } : { what, advice }, checkpoint?.span ?? null);
  };

/** What a snapshot of a loop holds; refused where its steps cannot run again. */
export function stateOf(loop: LoopOp, facts: Facts, recording: Recording): LoopState {
  const { aliases, tree } = facts;
  const refuse = refuseAt(loop);
  const shadows = new Set(facts.shadowOf.values());
  const roots = [...freeValues(loop.body), ...loop.body.params.slice(1)].filter(
    (value) => isReference(value.type) && !shadows.has(value),
  );
  const outside = reachableFrom(roots, aliases);
  const outsideShadows = reachableFrom(
    [...freeValues(loop.body), ...loop.body.params].filter((value) => shadows.has(value)),
    aliases,
  );
  const reached = recording.reachedIn(loop);
  const read = readIn(loop, reached, facts);
  const writers = writersIn(facts.fn.body).filter((op) => !facts.shadowOps.has(op));
  const later = writers.filter((op) => !tree.isOverBefore(op, loop));
  const inLoop = later.filter((op) => tree.isWithin(tree.placeOf(op).region, loop.body));
  const byCalls = inLoop.filter(({ kind }) => kind === "call");
  const isState = (memory: MemoryClass): boolean =>
    outside.has(memory) &&
    ((read.has(memory) && later.some((op) => writesClass(op, memory, aliases))) ||
      byCalls.some((op) => writesClass(op, memory, aliases)));
  checkSteps(loop, facts, outside, refuse);

  const names = new Set(["step"]);
  const nameOf = (value: Value, word: string): string => {
    const stem = value.origin.variable?.name ?? word;
    const base = value.origin.role === "adjoint" ? `d${stem.charAt(0).toUpperCase()}${stem.slice(1)}` : stem;
    let name = base;
    for (let count = 2; names.has(name); count++) name = `${base}${count}`;
    names.add(name);
    return name;
  };
  const carried = loop.body.params
    .slice(1)
    .filter((param) => reached.has(param))
    .map((param) => ({ param, name: nameOf(param, isReference(param.type) ? "array" : "value") }));
  const isResized = (memory: MemoryClass): boolean =>
    memory.resized &&
    later.some((op) => op.kind !== "store" && op.kind !== "accumulate" && writesClass(op, memory, aliases));
  const of: StateMemory = { isState, isResized, aliases, refuse };
  const covered = new Set<MemoryClass>();
  const whole = roots.filter((root) => !loop.body.params.includes(root) && !facts.arrays.isPrivateTo(loop, root));
  const memory = roots.flatMap((root): readonly Memory[] => {
    if (isPartOfOther(root, whole, facts)) return [];
    // what each step fills before it reads it does not come from the step before
    // what nobody asks for, and nobody reads or writes when steps run again, need not be brought back
    const isForgotten = loop.body.params.includes(root) && !carried.some(({ param }) => param === root);
    if (isForgotten || facts.arrays.isPrivateTo(loop, root)) {
      covered.add(aliases.classOf(root));
      return [];
    }
    const shape = shapeOf(root.type, aliases.classOf(root), of, covered, []);
    if (shape === null) return [];
    return [{ root, name: nameOf(root, "array"), shape, escapes: escapes(root, outside, aliases) }];
  });
  for (const one of outside.keys()) {
    if (isState(one) && !covered.has(one))
      refuse(
        "what it reads and writes is reached in a way that cannot be copied",
        "keep its state in arrays of numbers",
      );
  }
  const type: RecordType = {
    kind: "record",
    name: null,
    fields: [
      { name: "step", type: integerType },
      ...carried.map(({ param, name }) => ({ name, type: param.type })),
      ...memory.map(({ name, shape }) => ({ name, type: copyType(shape) })),
    ],
  };
  const mayWrite = (reference: Value): boolean => {
    const one = aliases.classOf(reference);
    return !outside.has(one) || isState(one);
  };
  return {
    carried,
    memory,
    snapshot: type,
    mayWrite,
    mayResize: (array) => mayWrite(array) && !outsideShadows.has(aliases.classOf(array)),
    isRead: (reference) => read.has(aliases.classOf(reference)),
  };
}

/** Is it a field of a root that is copied whole, the same object at any time? Then it is copied with that one. */
function isPartOfOther(root: Value, whole: readonly Value[], facts: Facts): boolean {
  const { tree, aliases } = facts;
  const { op } = tree.definitionOf(root);
  if (op?.kind !== "load" || op.at.kind !== "field") return false;
  const { base, field } = op.at;
  if (base.type.kind === "optional" || aliases.classOf(base).isWritten(field)) return false;
  return whole.includes(base) || isPartOfOther(base, whole, facts);
}

/** Classes of memory, and the types under which each is known. */
type Reachable = ReadonlyMap<MemoryClass, readonly Type[]>;

const holdsReference = (types: readonly Type[], key: string | number): boolean =>
  types.some((type) => partsOf(type).some((part) => part.key === key && isReference(part.type)));

/** All classes of memory that can be reached from references, through what they hold. */
function reachableFrom(roots: readonly Value[], aliases: Aliases): Reachable {
  const found = new Map<MemoryClass, Type[]>();
  const visit = (type: Type, memory: MemoryClass): void => {
    const types = found.get(memory) ?? [];
    if (types.includes(type)) return;
    found.set(memory, [...types, type]);
    for (const { key, type: part } of partsOf(type)) {
      const content = isReference(part) ? aliases.contentOf(memory, key) : null;
      if (content !== null) visit(part, content);
    }
  };
  for (const root of roots) visit(root.type, aliases.classOf(root));
  return found;
}

function partsOf(type: Type): readonly { readonly key: string | number; readonly type: Type }[] {
  switch (type.kind) {
    case "array":
      return [{ key: "element", type: type.element }];
    case "tuple":
      return type.elements.map((one, key) => ({ key, type: one }));
    case "record":
      return heldFields(type).map(({ name, type: one }) => ({ key: name, type: one }));
    case "optional":
      return partsOf(type.of);
    default:
      return [];
  }
}

function escapes(root: Value, outside: Reachable, aliases: Aliases): boolean {
  const own = reachableFrom([root], aliases);
  return [...outside.keys()].some((one) => own.has(one) && one.escapes);
}

/** The classes of memory from which an iteration reads what is asked for, itself or in what it calls. */
function readIn(loop: LoopOp, reached: ReadonlySet<Value>, { aliases }: Facts): ReadonlySet<MemoryClass> {
  const found = new Set<MemoryClass>();
  walk(loop.body, (op) => {
    if (op.kind !== "call" && !op.results.some((result) => reached.has(result))) return;
    if (op.kind === "load") found.add(aliases.classOf(op.at.base));
    // what a push gives is a length
    if (op.kind === "push" || op.kind === "pop" || op.kind === "length") found.add(aliases.classOf(op.array));
    for (const memory of takenIn(op, aliases)) found.add(memory);
  });
  return found;
}

type Refuse = (what: string, advice?: string) => never;

/** Does a step do what it may do once only, or what a copy of the state would not bring back? */
function checkSteps(loop: LoopOp, facts: Facts, outside: Reachable, refuse: Refuse): void {
  const { aliases, shadowOps } = facts;
  const called = (value: Value): string => `\`${value.origin.variable?.name ?? "an array"}\``;
  const isOutside = (reference: Value): boolean => outside.has(aliases.classOf(reference));
  walk(loop.body, (op) => {
    if (shadowOps.has(op)) return;
    switch (op.kind) {
      case "random":
        return refuse("it draws random numbers", "draw them before the loop, into an array");
      case "opaque":
        if (askedForHole(op) !== null) refuse("it asks for holes of an array, which a copy does not keep");
        if (op.effects.observable || op.effects.writes || op.effects.reads)
          refuse(`it does what may happen once only (${op.template.slice(0, 40)})`, "do it before or after the loop");
        return;
      case "call": {
        const effects = aliases.effectsOfCall(op);
        if (effects.observable || effects.writesEverything || effects.resizes.some((one) => outside.has(one)))
          refuse(
            `it calls \`${nameOfKey(op.callee)}\`, which may throw, print, draw random numbers or change an array's length`,
          );
        if (effects.writes.some(({ memory, key }) => holdsReference(outside.get(memory) ?? [], key)))
          refuse(`it calls \`${nameOfKey(op.callee)}\`, which may put another array or object into what it is given`);
        return;
      }
      case "push":
      case "pop":
        if (isOutside(op.array) && !holdsNumbers(op.array.type))
          refuse(
            `it changes the length of ${called(op.array)}`,
            "make the array as long as it gets, or keep numbers in arrays of their own",
          );
        return;
      case "store": {
        const { base } = op.at;
        if (!isOutside(base)) return;
        if (isReference(typeAt(op.at)))
          refuse(`it puts another array or object into ${called(base)}`, "write into the one that is there, in place");
        return;
      }
      default:
        return;
    }
  });
  const yielded = yieldsOf(loop.body.exit).slice(1);
  yielded.forEach((value) => {
    if (isReference(value.type) && !shadowOps.has(definer(value, facts)) && !isKept(value, facts))
      refuse(
        `it makes a new array or object in each step, and goes on with it (${called(value)})`,
        "write into one that is made before the loop",
      );
  });
}

/** Numbers alone come and go as often as steps run again: there is no telling one from another. */
const holdsNumbers = (type: Type): boolean =>
  type.kind === "array" && type.storage === "Array" && !isReference(type.element) && type.element.kind !== "optional";

const nothing: Op = { kind: "random", results: [] };
const definer = (value: Value, { tree }: Facts): Op => tree.definitionOf(value).op ?? nothing;

/** Does a reference come from outside the loop, directly, by a branch, or out of memory that was there before? */
function isKept(value: Value, facts: Facts): boolean {
  const { op } = facts.tree.definitionOf(value);
  switch (op?.kind) {
    case undefined:
    case "load":
    case "constant":
      return true;
    case "unwrap":
      return isKept(op.value, facts);
    case "if":
      return [op.then, op.else].every(({ exit }) => {
        const inner = yieldsOf(exit)[op.results.indexOf(value)];
        return inner === undefined || isKept(inner, facts);
      });
    case "loop": {
      const k = op.results.indexOf(value);
      const [initial, inner] = [op.initial[k - 2], yieldsOf(op.body.exit)[k - 1]];
      return initial !== undefined && inner !== undefined && isKept(initial, facts) && isKept(inner, facts);
    }
    default:
      return false;
  }
}

/** What belongs to the state of a loop, by classes of memory. */
interface StateMemory {
  readonly isState: (memory: MemoryClass) => boolean;
  /** May its length be another one when steps run again? */
  readonly isResized: (memory: MemoryClass) => boolean;
  readonly aliases: Aliases;
  readonly refuse: Refuse;
}

/** What has to be copied of a value of this type; null where nothing has. */
function shapeOf(
  type: Type,
  memory: MemoryClass,
  of: StateMemory,
  covered: Set<MemoryClass>,
  around: readonly Type[],
): Shape | null {
  const { isState, isResized, aliases, refuse } = of;
  const inner = (part: Type, key: string | number): Shape | null => {
    const content = aliases.contentOf(memory, key);
    return content === null ? null : shapeOf(part, content, of, covered, [...around, type]);
  };
  const here = isState(memory);
  covered.add(memory);
  switch (type.kind) {
    case "array": {
      if (isDictionary(type)) return refuse("its state holds an object with open keys", "keep it in arrays");
      if (!isReference(type.element))
        return here
          ? {
              kind: "numbers",
              type,
              changesLength:
                type.storage === "Array" && (isResized(memory) || (memory.lengthened && memory.parameter === null)),
            }
          : null;
      const of = inner(type.element, "element");
      return of === null ? null : { kind: "rows", type, of };
    }
    case "record":
    case "tuple": {
      if (around.includes(type)) return refuse("its state holds objects that hold each other", "keep it in arrays");
      if (type.kind === "record" && !isMerged(type))
        return refuse(
          "its state holds objects that keep unlike things under one name",
          "give these fields names of their own",
        );
      const entries =
        type.kind === "record"
          ? type.fields.map((one) => ({
              key: one.name,
              name: one.name,
              part: one.type,
              mayBeLeftOut: one.mayBeLeftOut === true,
            }))
          : type.elements.map((part, key) => ({ key, name: `_${key}`, part, mayBeLeftOut: false }));
      const parts = entries.flatMap(({ key, name, part, mayBeLeftOut }): readonly Part[] => {
        const isWritten = type.kind === "record" ? memory.isWritten(key) : memory.written;
        if (mayBeLeftOut && here && isWritten)
          refuse(`it writes \`${name}\`, which may be left out`, "give it a value before the loop");
        if (!isReference(part)) return here && isWritten ? [{ key, name, shape: null }] : [];
        const shape = inner(part, key);
        return shape === null ? [] : [{ key, name, shape }];
      });
      if (parts.length === 0) return null;
      const fields = parts.map(({ key, name, shape }) => ({
        name,
        type: shape === null ? (entries.find((one) => one.key === key)?.part ?? integerType) : copyType(shape),
      }));
      return { kind: "parts", type: { kind: "record", name: null, fields }, parts };
    }
    case "optional":
      return here ? refuse("its state may be undefined", "give it a value before the loop") : null;
    default:
      return null;
  }
}
