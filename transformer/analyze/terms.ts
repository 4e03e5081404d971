/**
 * Integers of a function, and the lengths of its arrays, as polynomials over what cannot be taken apart any further:
 * counters, parameters, what is read from memory.
 *
 *   const size = n * m;  i * m + j      n * m;  i * m + j
 */
import type { Region, Value } from "../ir/ir.js";
import type { Aliases } from "./aliases.js";
import { findMakers, type Makers } from "./makers.js";
import type { MemoryClass } from "./memory-class.js";
import {
  atom,
  atomsIn,
  constant,
  denominatorOf,
  isSame,
  minus,
  plus,
  scaled,
  times,
  type Polynomial,
} from "./polynomials.js";
import type { RegionTree } from "./region-tree.js";
import { isWholeCopy } from "./whole-copy.js";

/** What a polynomial is made of: a value, or the length of an array. */
export interface Atom {
  readonly kind: "value" | "length";
  readonly value: Value;
}

export interface Terms {
  /** The number under which polynomials know an atom. */
  readonly atomOf: (kind: Atom["kind"], value: Value) => number;
  readonly atomAt: (number: number) => Atom | undefined;
  /** Another atom of the same kind, that may have another value: that of another iteration. */
  readonly copyOf: (number: number) => number;
  readonly polynomialOf: (value: Value) => Polynomial;
  /** How long an array is: of one that may change its length, only that it has one. */
  readonly lengthOf: (array: Value) => Polynomial;
  /** How long it was made; null: that is not known. */
  readonly lengthWhenMade: (array: Value) => Polynomial | null;
  readonly isIntegral: (a: Polynomial) => boolean;
  readonly isDefinedIn: (number: number, region: Region) => boolean;
  /** What was found rests on an assumption about lengths that has fallen. */
  readonly forget: () => void;
}

/** Polynomials are made to this depth of a value's definition. */
export const deepest = 16;

/** `keepsLength`: is an array as long at every time as at any other? */
export function termsOf(tree: RegionTree, aliases: Aliases, keepsLength: (array: Value) => boolean): Terms {
  const { definitions } = aliases;
  const atoms: Atom[] = [];
  const numbers = { value: new Map<Value, number>(), length: new Map<Value, number>() };
  const polynomials = new Map<Value, Polynomial>();

  const atomOf = (kind: Atom["kind"], value: Value): number => {
    const known = numbers[kind].get(value);
    if (known !== undefined) return known;
    numbers[kind].set(value, atoms.length);
    return atoms.push({ kind, value }) - 1;
  };
  const polynomialOf = (value: Value, depth = 0): Polynomial => {
    const known = polynomials.get(value);
    if (known !== undefined) return known;
    const found = (depth < deepest ? compute(value, depth + 1) : null) ?? atom(atomOf("value", value));
    polynomials.set(value, found);
    return found;
  };
  const compute = (value: Value, depth: number): Polynomial | null => {
    const { op } = tree.definitionOf(value);
    if (op?.kind === "constant") return Number.isSafeInteger(op.value) ? constant(Number(op.value)) : null;
    if (op?.kind === "length") return keepsLength(op.array) ? lengthOf(op.array, depth) : null;
    if (op?.kind !== "apply") return null;
    const args = op.args.map((arg) => polynomialOf(arg, depth));
    const [a, b] = args;
    if (a === undefined) return null;
    if (op.primitive === "neg") return scaled(a, -1);
    if (b === undefined) return null;
    switch (op.primitive) {
      case "add":
        return plus(a, b);
      case "sub":
        return minus(a, b);
      case "mul":
        return a.size * b.size <= 16 ? times(a, b) : null;
      case "div": {
        const divisor = definitions.literalOf(op.args[1] ?? value);
        return typeof divisor === "number" && divisor > 0 && divisor <= 64 ? scaled(a, 1 / divisor) : null;
      }
      default:
        return null;
    }
  };

  /** How long an array is: of one that may change its length, only that it has one. */
  const lengthOf = (array: Value, depth = 0): Polynomial =>
    (depth < deepest && keepsLength(array) ? lengthFrom(array, depth + 1, new Set()) : null) ??
    atom(atomOf("length", array));
  /** `circle`: carried arrays that are being looked through; what comes round to them adds nothing. */
  const lengthFrom = (array: Value, depth: number, circle: Set<Value>): Polynomial | null => {
    const { op, region } = tree.definitionOf(array);
    const agreed = (sources: readonly (Value | undefined)[]): Polynomial | null => {
      let common: Polynomial | null = null;
      for (const source of sources) {
        if (source === undefined || depth >= deepest) return null;
        if (circle.has(source)) continue;
        const one: Polynomial = lengthFrom(source, depth + 1, circle) ?? atom(atomOf("length", source));
        if (common !== null && !isSame(common, one)) return null;
        common = one;
      }
      return common;
    };
    if (op === null) {
      const loop = tree.ownerOf(region);
      const position = region.params.indexOf(array);
      if (loop?.kind !== "loop" || position < 1 || region.exit.kind !== "yield") return null;
      circle.add(array);
      const found = agreed([loop.initial[position - 1], region.exit.values[position]]);
      circle.delete(array);
      // what the loop itself computes is another number in every iteration
      const isFixed = found !== null && [...atomsIn(found)].every((one) => !isDefinedIn(one, region));
      return isFixed ? found : null;
    }
    if (op.kind === "loop") {
      const position = op.results.indexOf(array);
      const param = op.body.params[position - 1];
      return param === undefined ? null : lengthFrom(param, depth + 1, circle);
    }
    if (op.kind === "if") {
      const position = op.results.indexOf(array);
      const yields = [op.then, op.else].flatMap(({ exit }) => (exit.kind === "yield" ? [exit.values[position]] : []));
      return agreed(yields);
    }
    if (op.kind === "load" || op.kind === "unwrap") return rowLengthOf(array, depth);
    if (op.kind !== "allocate") return null;
    const { initial } = op;
    switch (initial.kind) {
      case "zeros":
      case "filled": {
        const length = polynomialOf(initial.length, depth);
        return isIntegral(length) ? length : null;
      }
      case "parts":
        return constant(initial.parts.length);
      case "zerosLike":
        return lengthOf(initial.of, depth);
      case "copy": {
        const whole = lengthOf(initial.source, depth);
        const isWhole =
          isWholeCopy(initial, definitions) ||
          (definitions.isLiteral(initial.from, 0) && isSame(polynomialOf(initial.to, depth), whole));
        return isWhole ? whole : null;
      }
    }
  };

  /** Of an array taken out of another one: the length of all that were ever put there, where that is one. */
  const rowLengthOf = (row: Value, depth: number): Polynomial | null => {
    const makers = makersOf(aliases.classOf(row));
    if (makers === null || depth >= deepest) return null;
    const [first, ...others] = makers.map((made) => lengthFrom(made, depth + 1, new Set()));
    if (first === undefined || first === null || !others.every((one) => one !== null && isSame(one, first)))
      return null;
    // what a loop computes is another number in every iteration
    const isFixed = [...atomsIn(first)].every((one) => {
      const value = atoms[one]?.value;
      return value !== undefined && tree.definitionOf(value).region === tree.root;
    });
    return isFixed ? first : null;
  };
  /** All that make arrays of a class; null where one may come from elsewhere. */
  const makersOf = (memory: MemoryClass): readonly Value[] | null => {
    makers ??= findMakers(tree, aliases);
    return makers.get(memory) ?? null;
  };
  let makers: Makers | null = null;

  const isDefinedIn = (number: number, region: Region): boolean => {
    const value = atoms[number]?.value;
    return value === undefined || tree.isWithin(tree.definitionOf(value).region, region);
  };

  const isIntegral = (a: Polynomial): boolean =>
    denominatorOf(a) === 1 &&
    [...atomsIn(a)].every((one) => atoms[one]?.kind === "length" || atoms[one]?.value.type.kind === "integer");

  return {
    atomOf,
    atomAt: (number) => atoms[number],
    copyOf: (number) => {
      const one = atoms[number];
      return one === undefined ? number : atoms.push(one) - 1;
    },
    polynomialOf,
    lengthOf,
    lengthWhenMade: (array) => lengthFrom(array, 0, new Set()),
    isIntegral,
    isDefinedIn,
    forget: () => polynomials.clear(),
  };
}
