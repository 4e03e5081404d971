/**
 * Checks of derivatives, for tests: of those that are generated, and above all of rules of one's own. They need no test
 * framework: a check throws an error that says what is wrong where, and otherwise returns what it found.
 */
import type { Rule, ScalarRule } from "./rules.js";
import { zerosLike } from "./shadow.js";

export interface CheckOptions {
  /** Of the random directions: the same seed gives the same check. */
  readonly seed?: number;
  /** How many random directions are tried for each argument: 3. */
  readonly directions?: number;
  /** The greatest difference from central differences that is let through, relative to what is compared: 1e-6. */
  readonly tolerance?: number;
  /** Positions of arguments that are not differentiated, as for `enzyme`: those declared `int` or `Const`. */
  readonly const?: readonly number[];
  /** false: what is wrong is returned in the report, not thrown. */
  readonly throws?: boolean;
}

/** The comparison that came out worst. */
export interface Deviation {
  /** "central differences", or "forward against reverse". */
  readonly check: string;
  /** Position of the argument, from 0; null where several are moved at once. */
  readonly argument: number | null;
  /** Which number of it: `[3]`, `.mass`; empty for a number, or where no single one stands out. */
  readonly place: string;
  readonly expected: number;
  readonly got: number;
  /** Relative to the greater of the two, and to 1e-3 of all that is compared. */
  readonly error: number;
}

export interface CheckReport {
  readonly passed: boolean;
  /** How many comparisons were made. */
  readonly comparisons: number;
  readonly worst: Deviation | null;
  /** All of this as a sentence. */
  readonly text: string;
}

type AnyFunction = (...args: readonly unknown[]) => unknown;
/** Of whatever signature: the types of the public functions have seen to it. */
type RuleFunction = (...args: never[]) => unknown;

/**
 * Holds a gradient against central differences of the function, in random directions, and against forward mode where
 * that is given.
 *
 *   checkGradient(loss, enzyme(loss, "gradient"), [weights, data], { const: [1] });
 */
export function checkGradient<P extends unknown[]>(
  fn: (...args: P) => number,
  gradient: (...args: P) => unknown,
  args: P,
  options: CheckOptions & { readonly forward?: (...args: never[]) => number } = {},
): CheckReport {
  const slots = slotsOf(args, options);
  const found = slotValues(gradient(...clone(args)), slots, "the gradient");
  const check = new Check(fn as AnyFunction, args, slots, options);
  const adjoints = slots.map((argument, k) => ({ argument, value: found[k] }));
  check.againstDifferences(adjoints, [1]);
  if (options.forward !== undefined) check.againstForward(options.forward as AnyFunction, adjoints, [1]);
  return check.report(fn.name);
}

/**
 * Holds a rule of one's own against central differences of its function, and its two modes against each other.
 *
 *   checkRule(solve, { reverse: solveReverse, forward: solveForward }, [A, b]);
 *   checkRule(besselJ0, (x) => -besselJ1(x), [0.7]);
 */
export function checkRule<P extends unknown[], R>(
  fn: (...args: P) => R,
  rule: Rule<P, R>,
  args: P,
  options?: CheckOptions,
): CheckReport;
export function checkRule<P extends unknown[]>(
  fn: (...args: P) => number,
  partials: ScalarRule<P>,
  args: P,
  options?: CheckOptions,
): CheckReport;
export function checkRule(
  fn: (...args: never[]) => unknown,
  rule: RuleFunction | { readonly reverse?: RuleFunction; readonly forward?: RuleFunction },
  args: readonly unknown[],
  options: CheckOptions = {},
): CheckReport {
  const slots = slotsOf(args, options);
  const check = new Check(fn as AnyFunction, args, slots, options);
  if (typeof rule === "function") {
    const found = slotValues((rule as AnyFunction)(...clone(args)), slots, "the rule");
    check.againstDifferences(
      slots.map((argument, k) => ({ argument, value: found[k] })),
      [1],
    );
    return check.report(fn.name);
  }
  const { reverse, forward } = rule;
  const { seed, shadows, seeds } = check.seedOutputs();
  const adjoints = reverse === undefined ? null : check.reverse(reverse as AnyFunction, seed, shadows);
  if (adjoints !== null) check.againstDifferences(adjoints, seeds);
  if (forward !== undefined) check.againstForward(forward as AnyFunction, adjoints, seeds);
  return check.report(fn.name);
}

interface Adjoint {
  readonly argument: number;
  readonly value: unknown;
}

class Check {
  private readonly random: () => number;
  private readonly tolerance: number;
  private readonly deviations: (Deviation & { readonly allowed: number })[] = [];
  /** Positions of arguments that the function writes into: outputs, besides its result. */
  private written: readonly number[] = [];

  constructor(
    private readonly fn: AnyFunction,
    private readonly args: readonly unknown[],
    private readonly slots: readonly number[],
    private readonly options: CheckOptions,
  ) {
    this.random = randomNumbers(options.seed ?? 1);
    this.tolerance = options.tolerance ?? (args.some(holdsSingle) ? 1e-2 : 1e-6);
  }

  /** The same containers, with random numbers. */
  randomLike(value: unknown): unknown {
    const made: { value: unknown } = { value: typeof value === "number" ? 0 : zerosLike(value) };
    for (const { path } of numbersIn(made.value)) write(made, ["value", ...path], 2 * this.random() - 1);
    return made.value;
  }

  /** Random seeds of all outputs: of the result, and, in the shadows of arguments that are written into, of those. */
  seedOutputs(): { readonly seed: unknown; readonly shadows: readonly unknown[]; readonly seeds: readonly number[] } {
    const after = clone(this.args);
    const seed = this.randomLike(this.fn(...after));
    const isChanged = (k: number): boolean => {
      const [before, now] = [this.args[k], after[k]].map(numbersIn);
      return now?.some(({ value }, at) => !Object.is(value, before?.[at]?.value)) === true;
    };
    this.written = this.slots.filter(isChanged);
    const shadows = this.slots.map((k) =>
      this.written.includes(k)
        ? this.randomLike(this.args[k])
        : typeof this.args[k] === "number"
          ? null
          : zerosLike(this.args[k]),
    );
    const own = this.written.map((k) => shadows[this.slots.indexOf(k)]);
    return { seed, shadows, seeds: [seed, ...own].flatMap(numbersIn).map(({ value }) => value) };
  }

  /** All outputs as one list: the result, and what the function wrote into. */
  private outputs(args: readonly unknown[]): readonly number[] {
    const result = this.fn(...args);
    return [result, ...this.written.map((k) => args[k])].flatMap(numbersIn).map(({ value }) => value);
  }

  /** Calls the rule for reverse mode: what is in the shadows then, and what it returns for the numbers. */
  reverse(rule: AnyFunction, seed: unknown, given: readonly unknown[]): readonly Adjoint[] {
    const args = clone(this.args);
    const shadows = clone(given);
    const list = args.flatMap((arg, k) => {
      const shadow = shadows[this.slots.indexOf(k)];
      return shadow === undefined || shadow === null ? [arg] : [arg, shadow];
    });
    const returned = rule(...list, seed);
    const active = this.slots.filter((k) => typeof args[k] === "number");
    const numbers = active.length === 0 ? [] : slotValues(returned, active, "the reverse rule");
    return this.slots.map((argument, k) => ({
      argument,
      value: shadows[k] ?? numbers[active.indexOf(argument)],
    }));
  }

  /** For each argument, along random directions: the slope of the seeded outputs, and what the adjoints say it is. */
  againstDifferences(adjoints: readonly Adjoint[], seeds: readonly number[]): void {
    for (const { argument, value } of adjoints) {
      const places = placesOf(this.args[argument], value);
      if (places.length === 0) continue;
      for (let k = 0; k < (this.options.directions ?? 3); k++) {
        // of a single number the derivative itself is compared
        const direction = places.map(() => (places.length === 1 ? 1 : 2 * this.random() - 1));
        const got = dot(
          places.map((place) => place.value),
          direction,
        );
        const scale = Math.sqrt(
          dot(
            places.map((place) => place.value),
            places.map((place) => place.value),
          ),
        );
        const moved = places.map(({ path }, at) => ({ path: [argument, ...path], by: direction[at] ?? 0 }));
        const deviation = this.compare(
          "central differences",
          argument,
          "",
          this.slope(moved, seeds, got, scale),
          got,
          scale,
        );
        if (deviation.error > this.tolerance) return this.findPlace(argument, places, seeds);
      }
    }
  }

  /** An argument is wrong as a whole: which of its numbers is worst? */
  private findPlace(argument: number, places: readonly Place[], seeds: readonly number[]): void {
    for (const { path, value } of places.slice(0, 1000)) {
      const expected = this.slope([{ path: [argument, ...path], by: 1 }], seeds, value, 0);
      this.compare("central differences", argument, nameOf(path), expected, value, 0);
    }
  }

  /** The tangent of the outputs against central differences, and seeded against the adjoints: ⟨ȳ, J ẋ⟩ = ⟨Jᵀ ȳ, ẋ⟩. */
  againstForward(forward: AnyFunction, adjoints: readonly Adjoint[] | null, seeds: readonly number[]): void {
    for (let k = 0; k < (this.options.directions ?? 3); k++) {
      const tangents = this.slots.map((position) => this.randomLike(this.args[position]));
      const moving = clone(tangents);
      const list = clone(this.args).flatMap((arg, position) => {
        const slot = this.slots.indexOf(position);
        return slot < 0 ? [arg] : [arg, moving[slot]];
      });
      const tangent = forward(...list);
      const ofWritten = this.written.map((position) => moving[this.slots.indexOf(position)]);
      const answer = [tangent, ...ofWritten].flatMap(numbersIn).map(({ value }) => value);
      const got = dot(seeds, answer);
      const scale = Math.sqrt(dot(answer, answer) * dot(seeds, seeds));
      const moved = tangents.flatMap((tangent, slot) =>
        numbersIn(tangent).map(({ path, value }) => ({ path: [this.slots[slot] ?? 0, ...path], by: value })),
      );
      this.compare("central differences of forward mode", null, "", this.slope(moved, seeds, got, scale), got, scale);
      if (adjoints === null) continue;
      const expected = adjoints.reduce((sum, { value }, slot) => {
        const own = numbersIn(tangents[slot]);
        return sum + numbersIn(value).reduce((part, one, at) => part + one.value * (own[at]?.value ?? 0), 0);
      }, 0);
      this.compare("forward against reverse", null, "", expected, got, scale, 1e-4 * this.tolerance);
    }
  }

  /** The slope of the seeded outputs along a direction, by the step that comes closest to `got`. */
  private slope(moved: readonly Move[], seeds: readonly number[], got: number, scale: number): number {
    const at = (h: number): number => {
      const args = clone(this.args);
      for (const { path, by } of moved) write(args, path, Number(read(args, path)) + h * by);
      return dot(seeds, this.outputs(args));
    };
    const size = Math.max(1, ...moved.map(({ path }) => Math.abs(Number(read(this.args, path)))));
    let best = NaN;
    for (const relative of [1e-3, 1e-4, 1e-5, 1e-2]) {
      const h = relative * size;
      const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      if (Number.isNaN(best) || Math.abs(slope - got) < Math.abs(best - got)) best = slope;
      if (errorOf(best, got, scale) <= 0.01 * this.tolerance) break;
    }
    return best;
  }

  private compare(
    check: string,
    argument: number | null,
    place: string,
    expected: number,
    got: number,
    scale: number,
    allowed = this.tolerance,
  ): Deviation {
    const deviation = { check, argument, place, expected, got, error: errorOf(expected, got, scale) };
    this.deviations.push({ ...deviation, allowed });
    return deviation;
  }

  report(name: string): CheckReport {
    const called = name === "" ? "the function" : `\`${name}\``;
    const comparisons = this.deviations.length;
    const wrong = this.deviations.filter(({ error, allowed }) => !(error <= allowed));
    // the single number that is wrong says more than the direction that found it
    const places = wrong.filter(({ place }) => place !== "");
    const [worst = null] = [...(places.length > 0 ? places : wrong.length > 0 ? wrong : this.deviations)].sort(
      (a, b) => b.error - a.error,
    );
    const passed = wrong.length === 0 && comparisons > 0;
    const where =
      worst === null || worst.argument === null ? "" : ` with respect to argument ${worst.argument}${worst.place}`;
    const text =
      worst === null
        ? `nothing to check: ${called} has no argument that holds numbers`
        : passed
          ? `the derivative of ${called} agrees in ${comparisons} comparisons, to ${worst.error.toExponential(1)}`
          : `the derivative of ${called}${where} is wrong (${worst.check}${worst.argument === null ? ", along a random direction" : ""}): expected ${worst.expected}, got ${worst.got}`;
    if (!passed && this.options.throws !== false) throw new Error(text);
    return { passed, comparisons, worst, text };
  }
}

interface Move {
  readonly path: readonly PropertyKey[];
  readonly by: number;
}

/** Relative; a sum that nearly cancels is held against what it is a sum of. */
function errorOf(expected: number, got: number, scale: number): number {
  if (expected === got || (Number.isNaN(expected) && Number.isNaN(got))) return 0;
  const error = Math.abs(expected - got) / Math.max(Math.abs(expected), Math.abs(got), 1e-3 * scale, 1e-6);
  return Number.isNaN(error) ? Infinity : error;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);

// ---- Arguments ------------------------------------------------------------------------------------------------------

/** Positions of the arguments that hold numbers and are not const. */
function slotsOf(args: readonly unknown[], { const: left = [] }: CheckOptions): readonly number[] {
  return args.flatMap((arg, k) => {
    const shape = typeof arg === "number" ? 0 : zerosLike(arg);
    return left.includes(k) || numbersIn(shape).length === 0 ? [] : [k];
  });
}

/** One gradient bare, several as a tuple. */
function slotValues(value: unknown, slots: readonly number[], what: string): readonly unknown[] {
  if (slots.length === 1) return [value];
  if (Array.isArray(value) && value.length === slots.length) return value as readonly unknown[];
  throw new Error(
    `${what} is no tuple of ${slots.length}, one for each of the arguments ${slots.join(", ")}: ` +
      "name those that are declared int or Const, { const: [1] }",
  );
}

// ---- Numbers inside of values -----------------------------------------------------------------------------------------

interface Place {
  readonly path: readonly PropertyKey[];
  readonly value: number;
}

const isObject = (value: unknown): value is Record<PropertyKey, unknown> => typeof value === "object" && value !== null;

/** Every number in a value, an object that is met twice once. */
function numbersIn(value: unknown): readonly Place[] {
  const places: Place[] = [];
  const seen = new Set<unknown>();
  const visit = (at: unknown, path: readonly PropertyKey[]): void => {
    if (typeof at === "number") places.push({ path, value: at });
    if (!isObject(at) || seen.has(at)) return;
    seen.add(at);
    if (Array.isArray(at) || at instanceof Float64Array || at instanceof Float32Array) {
      at.forEach((one: unknown, k) => visit(one, [...path, k]));
    } else if (!ArrayBuffer.isView(at)) {
      for (const [key, one] of Object.entries(at)) visit(one, [...path, key]);
    }
  };
  visit(value, []);
  return places;
}

/**
 * The numbers of an argument, each with its adjoint: NaN where one is missing. What an object's gradient leaves out
 * is declared to carry none.
 */
function placesOf(argument: unknown, adjoint: unknown): readonly Place[] {
  const like = typeof argument === "number" ? 0 : zerosLike(argument);
  return numbersIn(like).flatMap(({ path }) => {
    const value = read(adjoint, path);
    const holder = path.length === 0 ? null : read(adjoint, path.slice(0, -1));
    const isLeftOut = isObject(holder) && !Array.isArray(holder) && !ArrayBuffer.isView(holder);
    if (value === undefined && (isLeftOut || (path.length > 1 && holder === undefined))) return [];
    return [{ path, value: typeof value === "number" ? value : NaN }];
  });
}

function read(from: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((at: unknown, key) => (isObject(at) ? at[key] : undefined), from);
}

function write(into: unknown, path: readonly PropertyKey[], value: number): void {
  const holder = read(into, path.slice(0, -1));
  const key = path.at(-1);
  if (isObject(holder) && key !== undefined) holder[key] = value;
}

const nameOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");

const holdsSingle = (value: unknown): boolean =>
  value instanceof Float32Array ||
  (isObject(value) && !ArrayBuffer.isView(value) && Object.values(value).some(holdsSingle));

/** A copy that keeps classes, sharing and cycles: functions may write into what they are given. */
function clone<T>(value: T): T;
function clone(value: unknown): unknown {
  const known = new Map<object, unknown>();
  const copy = (at: unknown): unknown => {
    if (!isObject(at)) return at;
    if (known.has(at)) return known.get(at);
    if (at instanceof Float64Array || at instanceof Float32Array) return remember(at, at.slice());
    if (ArrayBuffer.isView(at) || at instanceof Date || at instanceof Map || at instanceof Set) {
      return remember(at, structuredClone(at));
    }
    const made: object = remember(
      at,
      Array.isArray(at) ? [] : (Object.create(Object.getPrototypeOf(at) as object) as object),
    );
    for (const [key, one] of Object.entries(at)) Reflect.set(made, key, copy(one));
    return made;
  };
  const remember = <M>(at: object, made: M): M => {
    known.set(at, made);
    return made;
  };
  return copy(value);
}

/** Numbers in [0, 1), the same for the same seed (splitmix32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let t = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 4294967296;
  };
}
