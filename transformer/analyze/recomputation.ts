/**
 * What the reverse sweep computes again instead of recording it: cheap operations on what it has, loads from memory
 * that still holds what was loaded (`stability.ts`), and values that the program itself keeps (`kept-in-memory.ts`).
 */
import type { ApplyOp, Location, Op, Region, Value } from "../ir/ir.js";
import { primitives, type Primitive } from "../ir/primitives.js";
import { freeValues, operandsOf } from "../ir/traverse.js";
import { isPure } from "./effects.js";
import { irreplaceableReferences } from "./handed-on.js";
import type { MemoryClass } from "./memory-class.js";
import type { RecordingInput } from "./recording-input.js";
import type { Scopes } from "./scopes.js";

export interface Recomputation {
  /** May the reverse of a scope compute this operation again, if its operands are there? */
  isRecomputable(op: Op, scope: Region): boolean;
  /** Where the program itself keeps a value of a scope, so that it is loaded again. */
  keptAt(value: Value, scope: Region): Location | null;
  /** What a value is computed from again, or where it is kept; null where it is recorded or lost. */
  sourcesOf(value: Value, op: Op | null, scope: Region): readonly Value[] | null;
  /** Is it slow to compute again, and kept by the program? */
  isSlowButKept(value: Value, scope: Region): boolean;
  /** From now on these are loaded, although they could be computed again; or no longer. */
  preferLoads(values: readonly Value[], prefers: boolean): void;
}

/** How the values of each scope may be computed again. */
export function analyzeRecomputation(input: RecordingInput, scopes: Scopes): Recomputation {
  const { fn, tree, aliases, stability, needs } = input;
  const reloaded = new Set<Value>();
  const loadsOf = new Map<Region, ReadonlyMap<Op, readonly Op[]>>();
  let irreplaceable: ReadonlySet<Value> | null = null;
  let readAnyway: ReadonlySet<MemoryClass> | null = null;

  const isRecomputable = (op: Op, scope: Region): boolean => {
    if (op.kind === "constant") return true;
    if (input.recordEverything) return false;
    switch (op.kind) {
      case "apply":
        return (
          primitives[op.primitive].cost === "cheap" &&
          !(isSlow(op.primitive) && isHandedOut(scope)) &&
          !isReloaded(op, scope)
        );
      case "load":
        return stability.isStable(op, scopes.replayedAround(scope)) && !isMadeIn(scope, op.at.base);
      case "length":
        return stability.isStable(op, scopes.replayedAround(scope)) && !isMadeIn(scope, op.array);
      case "unwrap":
      case "isAbsent":
        return true;
      case "opaque":
        // a test: of a class, of a text
        return isPure(op) && op.results.every(({ type }) => type.kind === "boolean");
      case "allocate":
        return input.shadowOps.has(op) && op.results.every(isReplaceable);
      case "if":
        return [op.then, op.else].every(
          (branch) => branch.exit.kind === "yield" && branch.ops.every((inner) => isRecomputable(inner, scope)),
        );
      default:
        return false;
    }
  };

  /**
   * Does a new shadow do in the place of this one? What the forward run pushed onto it, or put into it, would be
   * missing from a new one; and a row that other memory holds is the one that the reverse sweep adds to.
   */
  const isReplaceable = (shadow: Value): boolean => {
    const { escapes, resized } = aliases.classOf(shadow);
    if (escapes || resized) return false;
    irreplaceable ??= irreplaceableReferences(fn);
    return !irreplaceable.has(shadow);
  };

  const keptAt = (value: Value, scope: Region): Location | null => {
    if (input.recordEverything) return null;
    const place = input.kept.placeOf(value, scopes.replayedAround(scope));
    return place === null || isMadeIn(scope, place.base) ? null : place;
  };

  const isMadeIn = (region: Region, base: Value): boolean => {
    const { op, region: home } = tree.definitionOf(base);
    return op?.kind === "allocate" && tree.isWithin(home, region) && !aliases.classOf(base).escapes;
  };

  /** Is what a scope records just one more result of a branch, in a loop where time matters? */
  const isHandedOut = (scope: Region): boolean =>
    tree.ownerOf(scope)?.kind === "if" && tree.loopsAround(scope).length > 0;

  /** Is it cheaper to load a value from where the program keeps it, in memory that the reverse sweep reads anyway? */
  const isReloaded = (op: ApplyOp, scope: Region): boolean => {
    const [result] = op.results;
    if (result !== undefined && reloaded.has(result)) return true;
    if (result?.type.kind !== "number" || (loadsBehind(scope).get(op)?.length ?? 0) < 2) return false;
    const place = keptAt(result, scope);
    if (place === null) return false;
    readAnyway ??= findReadAnyway();
    return readAnyway.has(aliases.classOf(place.base));
  };

  /** Loads that each value of a scope is computed from, there: two of them, where there are more. */
  const loadsBehind = (scope: Region): ReadonlyMap<Op, readonly Op[]> => {
    const known = loadsOf.get(scope);
    if (known !== undefined) return known;
    const found = new Map<Op, readonly Op[]>();
    for (const op of scope.ops) {
      if (op.kind === "load") found.set(op, [op]);
      if (op.kind !== "apply") continue;
      const loads = op.args.flatMap((arg) => {
        const from = tree.definitionOf(arg).op;
        return from === null ? [] : (found.get(from) ?? []);
      });
      found.set(op, [...new Set(loads)].slice(0, 2));
    }
    loadsOf.set(scope, found);
    return found;
  };

  /** Memory from which the reverse sweep loads what it needs. */
  const findReadAnyway = (): ReadonlySet<MemoryClass> =>
    new Set(
      needs.flatMap(({ value }) => {
        const { op, region } = tree.definitionOf(value);
        if (op?.kind !== "load" || op.results[0]?.type.kind !== "number") return [];
        return stability.isStable(op, scopes.replayedAround(region)) ? [aliases.classOf(op.at.base)] : [];
      }),
    );

  return {
    isRecomputable,
    keptAt,
    sourcesOf(value, op, scope) {
      if (op !== null && isRecomputable(op, scope))
        return op.kind === "if" ? [op.test, ...freeValues(op.then), ...freeValues(op.else)] : operandsOf(op);
      const place = keptAt(value, scope);
      if (place === null) return null;
      return place.kind === "element" ? [place.base, place.index] : [place.base];
    },
    isSlowButKept(value, scope) {
      const { op } = tree.definitionOf(value);
      if (op?.kind !== "apply" || !isSlow(op.primitive)) return false;
      return isRecomputable(op, scope) && keptAt(value, scope) !== null;
    },
    preferLoads(values, prefers) {
      for (const value of values) {
        if (prefers) reloaded.add(value);
        else reloaded.delete(value);
      }
    },
  };
}

/** Slower than to hand a value out of a branch, though not than to keep it in an array. */
const isSlow = (primitive: Primitive): boolean => slow.has(primitive);
const slow: ReadonlySet<Primitive> = new Set(["div", "mod", "sqrt", "hypot"]);
