/**
 * Which parameters an array may be, or be part of: inclusion-based points-to analysis (Andersen 1994). It costs more
 * than the classes of aliases.ts and knows directions: where a parameter flows into a variable that may also be a local
 * array, the local array is still no parameter.
 *
 *   c = allocate parts; push c v; m = if flag { yield x } else { yield c }     only c is resized, x is not
 */
import { isReference, type IRFunction, type Location, type Op, type Type, type Value } from "../ir/ir.js";
import { exitOperands, walk } from "../ir/traverse.js";
import type { Compilation } from "../compilation.js";
import { analyzeAliases, type Aliases } from "./aliases.js";
import type { Key } from "./memory-class.js";

/** An allocation, or a parameter with all that is reachable from it. */
interface Source {
  readonly parameter: number | null;
  /** What its fields may hold; a parameter holds itself. */
  readonly contents: Map<Key, Set<Source>>;
}

/**
 * Positions of the parameters whose own length, or that of an array within, an operation may change. A callee is asked
 * in the same way: one that hands a longer copy to itself does not change what it was given.
 */
export function resizedParameters(fn: IRFunction, aliases: Aliases, compilation: Compilation): ReadonlySet<number> {
  const known = new Map<string, ReadonlySet<number>>();
  const count = (): number => [...known.values()].reduce((sum, { size }) => sum + size, 0);
  for (;;) {
    const before = count();
    const asked = new Set<string>();
    const inCallee = (name: string): ReadonlySet<number> | null => {
      const callee = compilation.functions.get(name);
      if (callee === undefined || callee.external !== undefined) return null;
      if (!asked.has(name)) {
        asked.add(name);
        known.set(name, resizedIn(callee, analyzeAliases(callee, compilation), inCallee));
      }
      return known.get(name) ?? new Set();
    };
    const found = resizedIn(fn, aliases, inCallee);
    if (count() === before) return found;
  }
}

/** `inCallee`: the positions as far as they are known; null: nothing is known of it. */
function resizedIn(
  fn: IRFunction,
  aliases: Aliases,
  inCallee: (name: string) => ReadonlySet<number> | null,
): ReadonlySet<number> {
  const sources = new Map<Value, Set<Source>>();
  const fresh = new Map<Op, Source>();
  /** How often something new has flowed somewhere. */
  let flows = 0;

  const sourcesOf = (value: Value): Set<Source> => {
    const known = sources.get(value);
    if (known !== undefined) return known;
    const made = new Set<Source>();
    sources.set(value, made);
    return made;
  };
  const flow = (from: Iterable<Source>, to: Set<Source>): void => {
    for (const source of from) {
      if (to.has(source)) continue;
      to.add(source);
      flows++;
    }
  };
  const flowInto = (value: Value | undefined, to: Value | undefined): void => {
    if (value !== undefined && to !== undefined && isReference(to.type)) flow(sourcesOf(value), sourcesOf(to));
  };
  const held = (source: Source, key: Key): Set<Source> => {
    const known = source.contents.get(key);
    if (known !== undefined) return known;
    const made = new Set<Source>(source.parameter === null ? [] : [source]);
    source.contents.set(key, made);
    return made;
  };
  // which position of a tuple, does not matter here
  const keyOf = (at: Location): Key => (at.kind === "field" && typeof at.field === "string" ? at.field : "element");
  const reachable = (start: Iterable<Source>): ReadonlySet<Source> => {
    const found = new Set<Source>(start);
    for (const source of found) for (const inner of source.contents.values()) for (const one of inner) found.add(one);
    return found;
  };

  fn.params.forEach(({ value }, parameter) => {
    if (isReference(value.type)) sourcesOf(value).add({ parameter, contents: new Map() });
  });

  const connect = (op: Op): void => {
    const [result] = op.results;
    switch (op.kind) {
      case "allocate":
        return connectAllocation(op);
      case "load":
        if (result === undefined || !isReference(result.type)) return;
        for (const base of sourcesOf(op.at.base)) flow(held(base, keyOf(op.at)), sourcesOf(result));
        return;
      case "store":
        if (!isReference(op.value.type)) return;
        for (const base of sourcesOf(op.at.base)) flow(sourcesOf(op.value), held(base, keyOf(op.at)));
        return;
      case "push":
        if (!isReference(op.value.type)) return;
        for (const base of sourcesOf(op.array)) flow(sourcesOf(op.value), held(base, "element"));
        return;
      case "pop":
        if (result === undefined || !isReference(result.type)) return;
        for (const base of sourcesOf(op.array)) flow(held(base, "element"), sourcesOf(result));
        return;
      case "grow":
        return flowInto(op.array, result);
      case "unwrap":
        return flowInto(op.value, result);
      case "apply":
        return op.args.forEach((arg) => flowInto(arg, result));
      case "if":
        return op.results.forEach((value, k) => {
          for (const { exit } of [op.then, op.else]) if (exit.kind === "yield") flowInto(exit.values[k], value);
        });
      case "loop":
        return op.initial.forEach((initial, k) => {
          for (const from of [initial, op.body.exit.kind === "yield" ? exitOperands(op.body.exit)[k + 1] : undefined]) {
            flowInto(from, op.body.params[k + 1]);
            flowInto(from, op.results[k + 2]);
          }
        });
      case "call":
      case "opaque":
        return connectUnknown(op.kind === "call" ? op.args : op.operands, op);
      default:
        return;
    }
  };

  const connectAllocation = (op: Extract<Op, { kind: "allocate" }>): void => {
    const [result] = op.results;
    if (result === undefined) return;
    const source = fresh.get(op) ?? { parameter: null, contents: new Map<Key, Set<Source>>() };
    fresh.set(op, source);
    flow([source], sourcesOf(result));
    const { initial } = op;
    if (initial.kind === "parts") {
      initial.parts.forEach((part, k) => {
        const name = result.type.kind === "record" ? result.type.fields[k]?.name : undefined;
        if (isReference(part.type)) flow(sourcesOf(part), held(source, name ?? "element"));
      });
    } else if (initial.kind === "filled" && isReference(initial.value.type)) {
      flow(sourcesOf(initial.value), held(source, "element"));
    } else if (initial.kind === "copy") {
      for (const from of sourcesOf(initial.source)) flow(held(from, "element"), held(source, "element"));
    }
  };

  /** What is called may put anything that it reaches anywhere, and give it back, or something new. */
  const connectUnknown = (operands: readonly Value[], op: Op): void => {
    const results = op.results.filter(({ type }) => isReference(type));
    const own = fresh.get(op) ?? { parameter: null, contents: new Map<Key, Set<Source>>() };
    fresh.set(op, own);
    const all = reachable([...operands.flatMap((value) => [...sourcesOf(value)]), own]);
    const holders = operands.filter(({ type }) => holdsReferences(type)).flatMap((value) => [...sourcesOf(value)]);
    const isHolder = results.some(({ type }) => holdsReferences(type));
    for (const source of reachable(isHolder ? [...holders, own] : holders)) {
      flow(all, held(source, "element"));
      for (const key of source.contents.keys()) flow(all, held(source, key));
    }
    for (const result of results) flow(all, sourcesOf(result));
  };

  for (let before = -1; before < flows;) {
    before = flows;
    walk(fn.body, connect);
  }

  const resized = new Set<number>();
  const note = (found: Iterable<Source>): void => {
    for (const { parameter } of found) if (parameter !== null) resized.add(parameter);
  };
  walk(fn.body, (op) => {
    if (op.kind === "push" || op.kind === "pop" || op.kind === "grow") note(sourcesOf(op.array));
    else if (op.kind === "call") {
      const { resizes, writesEverything } = aliases.effectsOfCall(op);
      if (!writesEverything && resizes.length === 0) return;
      const positions = writesEverything ? null : inCallee(op.callee);
      const args = op.args.filter((_, position) => positions?.has(position) ?? true);
      note(reachable(args.flatMap((arg) => [...sourcesOf(arg)])));
    } else if (op.kind === "opaque" && op.effects.writes) {
      note(reachable(op.operands.flatMap((value) => [...sourcesOf(value)])));
    }
  });
  return resized;
}

/** Arrays of numbers hold nothing else, whoever has them. */
function holdsReferences(type: Type): boolean {
  if (type.kind === "optional") return holdsReferences(type.of);
  return type.kind === "array" ? isReference(type.element) : isReference(type);
}
