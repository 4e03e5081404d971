/**
 * Activity: what is varied (depends differentiably on an active input) and useful (influences an
 * active output). Active is both (Griewank & Walther, ch. 6.2; Hascoët, Naumann & Pascual 2005).
 *
 * Varied is what the inputs reach in the graph of `derivative-flow.ts`, useful is what reaches the outputs.
 */
import { carriesDerivative, isReference, type IRFunction, type Type, type Value } from "../ir/ir.js";
import { regionsOf, walk } from "../ir/traverse.js";
import type { Aliases } from "./aliases.js";
import { DerivativeFlow, isPlain, type Node } from "./derivative-flow.js";
import type { MemoryClass } from "./memory-class.js";

export interface Activity {
  isVaried(value: Value): boolean;
  /** Is anything varied in the memory that a reference leads to? */
  holdsVaried(reference: Value): boolean;
  isUseful(value: Value): boolean;
  /** For a number: varied and useful. For a reference: does it need a shadow? */
  isActive(value: Value): boolean;
  /** Why a value is not active, or is. */
  why(value: Value): string;
}

export interface ActivityQuestion {
  /** Are the contents of duplicated parameters seeds too (`reverse` with out parameters), or the results only? */
  readonly outputsInMemory: boolean;
  /**
   * Do others go on with what is returned? They may make it active; so where results share memory, or hold some, its shadow
   * is made beside it, not for each result anew.
   */
  readonly handsOut?: boolean;
}

/** Which values of a function have derivatives that count. */
export function analyzeActivity(fn: IRFunction, aliases: Aliases, question: ActivityQuestion): Activity {
  const flow = new DerivativeFlow(fn, aliases);
  const inputs: Node[] = [];
  const outputs: Node[] = [];
  for (const { value, activity } of fn.params) {
    if (activity === "const") continue;
    const nodes = isPlain(value.type) ? [value] : flow.cellsOf(value);
    inputs.push(...nodes);
    if (question.outputsInMemory && isReference(value.type)) outputs.push(...nodes);
  }
  const returned = fn.body.exit.kind === "return" ? fn.body.exit.values : [];
  outputs.push(...returned.flatMap((value) => flow.nodesOf(value)));
  flow.joinElements();
  const varied = flow.reachedFrom(inputs);
  const useful = flow.leadingTo(outputs);
  const handedOut = question.handsOut === true ? sharedByResults(returned, flow, aliases) : new Set<MemoryClass>();

  // The same memory has several types: a circle and a square are members of one union. It has a shadow for all or for none,
  // and so has what holds it: a list of circles, where only squares have what is active.
  const types = typesOfMemory(fn, aliases);
  const activeMemory = new Map<MemoryClass, boolean>();
  const needsShadow = (memory: MemoryClass): boolean => {
    const known = activeMemory.get(memory);
    if (known !== undefined) return known;
    const reached = new Set([memory]);
    let needed = false;
    for (const one of reached) {
      for (const cell of flow.cellsIn(one, types.get(one) ?? [])) {
        needed ||= handedOut.has(cell.memory) || (varied.has(cell) && useful.has(cell));
        reached.add(cell.memory);
      }
      if (needed) break;
    }
    activeMemory.set(memory, needed);
    return needed;
  };
  const isActive = (value: Value): boolean => {
    if (!carriesDerivative(value.type)) return false;
    if (isReference(value.type)) return needsShadow(aliases.classOf(value));
    return varied.has(value) && useful.has(value);
  };
  return {
    isVaried: (value) => varied.has(value),
    holdsVaried: (reference) => flow.cellsOf(reference).some((cell) => varied.has(cell)),
    isUseful: (value) => useful.has(value),
    isActive,
    why: (value) =>
      isActive(value)
        ? "active"
        : !carriesDerivative(value.type)
          ? "const: its type carries no derivative"
          : isReference(value.type)
            ? "const: holds nothing active"
            : !varied.has(value)
              ? "const: does not depend on an active input"
              : "const: does not influence the result",
  };
}

/** Memory that several results reach, or that one of them does not hold flat. */
function sharedByResults(returned: readonly Value[], flow: DerivativeFlow, aliases: Aliases): ReadonlySet<MemoryClass> {
  const found = new Set<MemoryClass>();
  const results = returned.filter(({ type }) => isReference(type) && carriesDerivative(type));
  const held = results.map((result) => new Set(flow.cellsOf(result).map(({ memory }) => memory)));
  results.forEach((result, index) => {
    const isShared = (memory: MemoryClass): boolean => held.some((one, at) => at !== index && one.has(memory));
    const own = held[index] ?? new Set();
    const isFlat = own.size === 1 && own.has(aliases.classOf(result)) && !aliases.classOf(result).collapsed;
    if (!isFlat || [...own].some(isShared)) own.forEach((memory) => found.add(memory));
  });
  return found;
}

/** The types by which values of a function lead to each memory. */
function typesOfMemory(fn: IRFunction, aliases: Aliases): ReadonlyMap<MemoryClass, ReadonlySet<Type>> {
  const types = new Map<MemoryClass, Set<Type>>();
  const note = (values: readonly Value[]): void => {
    for (const value of values) {
      if (!isReference(value.type) || !carriesDerivative(value.type)) continue;
      const memory = aliases.classOf(value);
      types.set(memory, (types.get(memory) ?? new Set<Type>()).add(value.type));
    }
  };
  note(fn.params.map(({ value }) => value));
  walk(fn.body, (op) => {
    note(op.results);
    for (const { params } of regionsOf(op)) note(params);
  });
  return types;
}
