/**
 * Holds generated derivatives against their primal and against each other: the dot-product test, central differences,
 * forward against reverse, the primal's value and effects bit for bit.
 */
import { randomNumbers } from "./random.js";
import {
  deepClone,
  difference,
  isContainer,
  isTyped,
  leavesOf,
  readLeaves,
  shadowOf,
  type Leaf,
  type Shape,
} from "./shape.js";

export type AnyFunction = (...args: readonly unknown[]) => unknown;

/** The generated functions that there are. */
export interface Derivatives {
  readonly gradient?: AnyFunction;
  readonly valueAndGradient?: AnyFunction;
  readonly reverse?: AnyFunction;
  readonly reverseWithPrimal?: AnyFunction;
  readonly forward?: AnyFunction;
  readonly forwardWithPrimal?: AnyFunction;
}

export interface GradientCase {
  readonly primal: AnyFunction;
  readonly derivatives: Derivatives;
  /** One for each parameter; a `const` one has no slot. */
  readonly parameters: readonly Shape[];
  readonly result: Shape;
  readonly args: readonly unknown[];
  /** The expected gradient where a convention decides; central differences are left out then. */
  readonly gradient?: unknown;
  /** false: central differences do not apply. */
  readonly differences?: boolean;
  /** Are numbers rounded to single precision on the way? */
  readonly single?: boolean;
  readonly seed?: number;
}

/** What one check found, to hold one build of a function against another. */
export interface GradientReport {
  /** The adjoints of all differentiable numbers, for seeds that depend on `seed` alone. */
  readonly adjoints: readonly number[];
  readonly paths: readonly string[];
}

/** Throws an error that says which check failed where. */
export function checkGradient(one: GradientCase): GradientReport {
  return new Check(one).run();
}

/** The two reports of one function built in two ways agree to 1e-12 of the sum of what they hold. */
export function compareReports(a: GradientReport, b: GradientReport, what: string, tolerance = 1e-12): void {
  if (a.adjoints.length !== b.adjoints.length) throw new Error(`${what}: gradients of different length`);
  const scale = sumOfAbsolutes(a.adjoints) + sumOfAbsolutes(b.adjoints);
  a.adjoints.forEach((value, k) => {
    const other = b.adjoints[k] ?? NaN;
    if (!agree(value, other, tolerance * scale)) throw new Error(`${what}: ${a.paths[k] ?? ""}: ${value} and ${other}`);
  });
}

const sumOfAbsolutes = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + (Number.isFinite(value) ? Math.abs(value) : 0), 0);
const agree = (a: number, b: number, allowed: number): boolean =>
  a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= allowed;

interface Outcome {
  readonly value: unknown;
  readonly thrown: unknown;
  readonly failed: boolean;
  /** What was printed, and how many random numbers were drawn. */
  readonly printed: readonly unknown[];
  readonly drawn: number;
}

/** Runs a function with console and random numbers under control. */
function observe(fn: AnyFunction, args: readonly unknown[], seed: number): Outcome {
  const printed: unknown[] = [];
  const random = randomNumbers(seed);
  let drawn = 0;
  const { log } = console;
  const draw = Math.random;
  console.log = (...said: unknown[]): void => void printed.push(deepClone(said));
  Math.random = () => {
    drawn++;
    return random();
  };
  try {
    return { value: fn(...args), thrown: undefined, failed: false, printed, drawn };
  } catch (thrown) {
    return { value: undefined, thrown, failed: true, printed, drawn };
  } finally {
    console.log = log;
    Math.random = draw;
  }
}

const isFunction = (value: unknown): value is AnyFunction => typeof value === "function";
/** Field of an object of unknown type. */
const fieldOf = (value: unknown, name: string): unknown => (isContainer(value) ? value[name] : undefined);

class Check {
  private readonly random: () => number;
  private readonly args: readonly unknown[];
  private readonly single: boolean;
  private readonly tolerance: number;
  /** The primal's run: its outcome, and its arguments afterwards. */
  private readonly after: readonly unknown[];
  private readonly expected: Outcome;

  constructor(private readonly one: GradientCase) {
    this.random = randomNumbers(one.seed ?? 1);
    // Arguments that were left out are passed as undefined, so that what follows them has a place.
    this.args = one.parameters.map((_, k) => one.args[k]);
    this.single = one.single === true || containsSingle(one.args);
    this.tolerance = this.single ? 1e-5 : 1e-12;
    this.after = deepClone(this.args);
    this.expected = observe(one.primal, this.after, 7);
  }

  run(): GradientReport {
    const { derivatives } = this.one;
    if (this.expected.failed) {
      this.checkThrows();
      return { adjoints: [], paths: [] };
    }
    const seeds = this.seeds();
    const reverse = derivatives.reverse === undefined ? null : this.reverse("reverse", seeds);
    const withPrimal = derivatives.reverseWithPrimal === undefined ? null : this.reverse("reverseWithPrimal", seeds);
    if (reverse !== null && withPrimal !== null) this.close("reverseWithPrimal", withPrimal.adjoints, reverse);
    const swept = reverse ?? withPrimal;
    this.checkGradients(swept === null ? null : this.plainSeeds());
    if (swept !== null) this.checkForward(seeds, swept);
    const found = swept ?? this.plainGradient();
    if (found !== null && this.one.differences !== false && this.one.gradient === undefined) {
      this.checkDifferences(swept === null ? this.plainSeeds() : seeds, found);
    }
    return found === null ? { adjoints: [], paths: [] } : { adjoints: found.adjoints, paths: found.paths };
  }

  private fail(message: string): never {
    throw new Error(
      `${message}\n  arguments: ${JSON.stringify(this.args, (_, value: unknown) => (isTyped(value) ? [...value] : value))}`,
    );
  }

  // ---- Calls ----------------------------------------------------------------------------------------------------------

  /** Runs a derivative on fresh arguments and checks that its effects are those of one call of the primal. */
  private call(mode: keyof Derivatives, build: (args: readonly unknown[]) => readonly unknown[]): unknown {
    const fn = this.one.derivatives[mode];
    if (fn === undefined) return this.fail(`no ${mode}`);
    const args = deepClone(this.args);
    const outcome = observe(fn, build(args), 7);
    if (outcome.failed) {
      const { thrown } = outcome;
      return this.fail(`${mode} throws ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
    }
    const written = difference(this.after, args, "args");
    if (written !== null) this.fail(`${mode} leaves other arguments than the primal (primal's first): ${written}`);
    const said = difference(this.expected.printed, outcome.printed, "printed");
    if (said !== null) this.fail(`${mode} prints something else than the primal: ${said}`);
    if (this.expected.drawn !== outcome.drawn) {
      this.fail(`${mode} draws ${outcome.drawn} random numbers, the primal ${this.expected.drawn}`);
    }
    return outcome.value;
  }

  private checkThrows(): void {
    const { thrown } = this.expected;
    for (const mode of ["gradient", "valueAndGradient"] as const) {
      const fn = this.one.derivatives[mode];
      if (fn === undefined) continue;
      const outcome = observe(fn, deepClone(this.args), 7);
      if (!outcome.failed) this.fail(`the primal throws ${String(thrown)}, ${mode} does not`);
      if (difference(thrown, outcome.thrown, "thrown") !== null) {
        this.fail(`the primal throws ${String(thrown)}, ${mode} throws ${String(outcome.thrown)}`);
      }
    }
  }

  private checkValue(mode: string, value: unknown): void {
    const found = difference(this.expected.value, value, "value");
    if (found !== null) this.fail(`${mode}: not the primal's value bit for bit (primal's first): ${found}`);
  }

  private fill = (): number => Math.fround(2 * this.random() - 1);

  /** Differentiable numbers of all parameters, in `values`. */
  private leaves(values: readonly unknown[]): readonly Leaf[] {
    const holder = values as unknown as Record<PropertyKey, unknown>;
    return this.one.parameters.flatMap((shape, k) => leavesOf(holder, k, shape, `argument ${k}`));
  }

  private resultLeaves(value: unknown): readonly Leaf[] {
    return leavesOf({ value }, "value", this.one.result, "result");
  }

  // ---- Reverse --------------------------------------------------------------------------------------------------------

  /** Random seeds for the result and for every array as the primal leaves it. */
  private seeds(): Seeds {
    return {
      result: shadowOf(this.expected.value, this.one.result, this.fill),
      shadows: this.one.parameters.map((shape, k) => shadowOf(this.args[k], shape, this.fill)),
    };
  }

  /** 1 for the result, 0 for the arrays: what `gradient` means. */
  private plainSeeds(): Seeds {
    return {
      result: shadowOf(this.expected.value, this.one.result, () => 1),
      shadows: this.one.parameters.map((shape, k) => shadowOf(this.args[k], shape, () => 0)),
    };
  }

  private reverse(mode: "reverse" | "reverseWithPrimal", seeds: Seeds): Adjoints {
    const { parameters, result } = this.one;
    const adjoints = seeds.shadows.map((shadow) => deepClone(shadow));
    // Cells as they stand on entry: rows may change places, their adjoints stay with them.
    const leaves = this.leaves(adjoints);
    const answer = this.call(mode, (args) => {
      const list = args.flatMap((arg, k) => (isDuplicated(parameters[k]) ? [arg, adjoints[k]] : [arg]));
      return result.kind === "const" ? list : [...list, deepClone(seeds.result)];
    });
    if (mode === "reverseWithPrimal") this.checkValue(mode, fieldOf(answer, "value"));
    const returned = mode === "reverseWithPrimal" ? fieldOf(answer, "gradient") : answer;
    const active = parameters.flatMap((shape, k) => (shape.kind === "number" ? [k] : []));
    if (active.length > 1 && !Array.isArray(returned)) this.fail(`${mode}: not a tuple of ${active.length} adjoints`);
    active.forEach((k, position) => {
      const adjoint: unknown = active.length === 1 ? returned : fieldOf(returned, String(position));
      adjoints[k] = this.args[k] === undefined ? undefined : this.toNumber(mode, adjoint);
    });
    if (active.length === 0 && returned !== undefined)
      this.fail(`${mode} returns a value, though no adjoint is asked for`);
    return { adjoints: readLeaves(leaves), paths: leaves.map(({ path }) => path) };
  }

  private toNumber(mode: string, value: unknown): number {
    return typeof value === "number" ? value : this.fail(`${mode}: ${String(value)} where an adjoint is expected`);
  }

  private gradientSlots(mode: string, returned: unknown): readonly unknown[] {
    const slots = this.one.parameters.flatMap((shape, k) => (shape.kind === "const" ? [] : [k]));
    if (slots.length > 1 && (!Array.isArray(returned) || returned.length !== slots.length)) {
      this.fail(`${mode}: not a tuple of ${slots.length} gradients`);
    }
    const values: unknown[] = this.one.parameters.map(() => undefined);
    slots.forEach((k, position) => {
      values[k] = slots.length === 1 ? returned : fieldOf(returned, String(position));
      const shape = this.one.parameters[k];
      if (shape === undefined) return;
      const like = shadowOf(this.args[k], shape, () => 0);
      const blank = blankOf(values[k]);
      const found = difference(like, blank, `gradient of argument ${k}`);
      if (found === null) return;
      // A field that was left out, and that the primal sets, is undefined again.
      const kept = restricted(values[k], like);
      const left = difference(like, blankOf(kept), `gradient of argument ${k}`);
      if (left !== null) this.fail(`${mode}: not in the shape of its argument (expected first): ${found}`);
      values[k] = kept;
    });
    return values;
  }

  private plainGradient(): Adjoints | null {
    if (this.one.derivatives.gradient === undefined) return null;
    const leaves = this.leaves(
      this.gradientSlots(
        "gradient",
        this.call("gradient", (args) => args),
      ),
    );
    return { adjoints: readLeaves(leaves), paths: leaves.map(({ path }) => path) };
  }

  /** `gradient` and `valueAndGradient` against `reverse` with plain seeds, and against what the case expects. */
  private checkGradients(plain: Seeds | null): void {
    const { derivatives, gradient } = this.one;
    const mode = derivatives.reverse === undefined ? "reverseWithPrimal" : "reverse";
    let reference = plain === null ? null : this.reverse(mode, plain);
    const found = this.plainGradient();
    if (found !== null) {
      if (reference !== null) this.close("gradient", found.adjoints, reference);
      else reference = found;
      if (gradient !== undefined) this.checkExpected(found);
    }
    if (derivatives.valueAndGradient !== undefined) {
      const answer = this.call("valueAndGradient", (args) => args);
      this.checkValue("valueAndGradient", fieldOf(answer, "value"));
      const slots = this.gradientSlots("valueAndGradient", fieldOf(answer, "gradient"));
      const adjoints = readLeaves(this.leaves(slots));
      if (reference !== null) this.close("valueAndGradient", adjoints, reference);
    }
  }

  private checkExpected(found: Adjoints): void {
    const expected = readLeaves(this.leaves(this.gradientSlots("the expected gradient", this.one.gradient)));
    this.close("the expected gradient", expected, found);
  }

  private close(what: string, values: readonly number[], reference: Adjoints): void {
    if (values.length !== reference.adjoints.length)
      this.fail(`${what}: ${values.length} numbers, not ${reference.adjoints.length}`);
    const allowed = this.tolerance * (sumOfAbsolutes(values) + sumOfAbsolutes(reference.adjoints));
    values.forEach((value, k) => {
      const other = reference.adjoints[k] ?? NaN;
      if (!agree(value, other, allowed)) this.fail(`${what}: ${reference.paths[k] ?? ""}: ${value}, not ${other}`);
    });
  }

  // ---- Forward --------------------------------------------------------------------------------------------------------

  /** The tangents of all outputs, result first, for the tangents of all inputs. */
  private forward(mode: "forward" | "forwardWithPrimal", tangents: readonly unknown[]): readonly number[] {
    const { parameters } = this.one;
    const moved = tangents.map((tangent) => deepClone(tangent));
    // A number is passed by value: nothing comes out of it.
    const arrays = this.leaves(moved).filter(({ container }) => container !== (moved as unknown));
    const answer = this.call(mode, (args) =>
      args.flatMap((arg, k) => (parameters[k]?.kind === "const" ? [arg] : [arg, moved[k]])),
    );
    if (mode === "forwardWithPrimal") this.checkValue(mode, fieldOf(answer, "value"));
    const tangent = mode === "forwardWithPrimal" ? fieldOf(answer, "tangent") : answer;
    const result = this.resultLeaves(tangent);
    const expected = this.resultLeaves(this.expected.value).length;
    if (result.length !== expected) this.fail(`${mode}: ${result.length} tangents of the result, not ${expected}`);
    return [...readLeaves(result), ...readLeaves(arrays)];
  }

  private outputSeeds(seeds: Seeds): readonly number[] {
    const arrays = this.leaves(seeds.shadows).filter((leaf) => leaf.container !== (seeds.shadows as unknown));
    return [...readLeaves(this.resultLeaves(seeds.result)), ...readLeaves(arrays)];
  }

  private checkForward(seeds: Seeds, reverse: Adjoints): void {
    const { derivatives, parameters } = this.one;
    const weights = this.outputSeeds(seeds);
    const modes = (["forward", "forwardWithPrimal"] as const).filter((mode) => derivatives[mode] !== undefined);
    for (const mode of modes) {
      const tangents = parameters.map((shape, k) => shadowOf(this.args[k], shape, this.fill));
      this.compareProducts(
        `dot product, ${mode}`,
        weights,
        this.forward(mode, tangents),
        reverse,
        readLeaves(this.leaves(tangents)),
      );
    }
    const [mode] = modes;
    if (mode === undefined) return;
    const count = reverse.adjoints.length;
    const step = Math.max(1, Math.floor(count / 12));
    for (let k = 0; k < count; k += step) {
      const tangents = parameters.map((shape, p) => shadowOf(this.args[p], shape, () => 0));
      const leaf = this.leaves(tangents)[k];
      if (leaf === undefined) continue;
      leaf.container[leaf.key] = 1;
      const unit = reverse.adjoints.map((_, j) => (j === k ? 1 : 0));
      this.compareProducts(
        `forward against reverse, ${leaf.path}`,
        weights,
        this.forward(mode, tangents),
        reverse,
        unit,
        true,
      );
    }
  }

  private compareProducts(
    what: string,
    weights: readonly number[],
    outputs: readonly number[],
    reverse: Adjoints,
    inputs: readonly number[],
    single = false,
  ): void {
    const left = weights.map((weight, k) => (weight === 0 ? 0 : weight * (outputs[k] ?? NaN)));
    const right = inputs.map((input, k) => (input === 0 ? 0 : input * (reverse.adjoints[k] ?? NaN)));
    const scale = sumOfAbsolutes(left) + sumOfAbsolutes(right) + (single ? sumOfAbsolutes(reverse.adjoints) : 0);
    const [forwardSum, reverseSum] = [left, right].map((terms) => terms.reduce((a, b) => a + b, 0));
    if (forwardSum === undefined || reverseSum === undefined) return;
    if (!Number.isFinite(forwardSum) || !Number.isFinite(reverseSum)) {
      // Infinity times 0: where a convention decides, it masks an adjoint or a tangent, and they meet other factors.
      const isSettled = this.one.gradient !== undefined;
      if (single && !isSettled && Number.isFinite(forwardSum) !== Number.isFinite(reverseSum)) {
        this.fail(`${what}: ${forwardSum} by forward mode, ${reverseSum} by reverse mode`);
      }
      return;
    }
    if (!agree(forwardSum, reverseSum, this.tolerance * scale)) {
      this.fail(
        `${what}: ${forwardSum} by forward mode, ${reverseSum} by reverse mode (contributions sum to ${scale})`,
      );
    }
  }

  // ---- Central differences ----------------------------------------------------------------------------------------------

  /** The weighted sum of all outputs, with one differentiable number of the arguments moved. */
  private objective(weights: readonly number[], position: number, moved: (x: number) => number): number {
    // Each argument is cloned by itself: a slot gets the part of its own parameter, whatever else is the same array.
    const args = this.args.map((arg) => deepClone(arg));
    const leaves = this.leaves(args);
    const arrays = leaves.filter(({ container }) => container !== (args as unknown));
    const leaf = leaves[position];
    if (leaf !== undefined) leaf.container[leaf.key] = moved(Number(leaf.container[leaf.key]));
    const { value, failed } = observe(this.one.primal, args, 7);
    if (failed) return NaN;
    const outputs = [...readLeaves(this.resultLeaves(value)), ...readLeaves(arrays)];
    return weights.reduce((sum, weight, k) => (weight === 0 ? sum : sum + weight * (outputs[k] ?? NaN)), 0);
  }

  private checkDifferences(seeds: Seeds, found: Adjoints): void {
    const weights = this.outputSeeds(seeds);
    const leaves = this.leaves(this.args);
    const stride = Math.max(1, Math.floor(leaves.length / 24));
    for (let k = 0; k < leaves.length; k += stride) {
      const leaf = leaves[k];
      const adjoint = found.adjoints[k] ?? NaN;
      if (leaf !== undefined) this.checkDifference(weights, k, leaf, adjoint);
    }
  }

  /** Fourth-order differences with several steps: one that is neither too rough nor too fine must agree. */
  private checkDifference(weights: readonly number[], k: number, leaf: Leaf, adjoint: number): void {
    const x = Number(leaf.container[leaf.key]);
    const at = (step: number): number => this.objective(weights, k, (value) => value + step);
    const here = at(0);
    const accuracy = this.single ? 1e-3 : 1e-6;
    const sizes = x === 0 ? [1] : Math.abs(x) > 1 ? [Math.abs(x), 1] : [1, Math.abs(x)];
    const steps = this.single ? [1e-2, 1e-1, 1e-3, 1e-4] : [1e-3, 1e-4, 1e-5, 1e-6, 1e-2];
    const tried: number[] = [];
    for (const size of sizes) {
      for (const relative of steps) {
        const h = relative * size;
        const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        const noise = (1e-15 * Math.abs(here)) / h;
        if (Math.abs(slope - adjoint) <= accuracy * Math.max(1e-3, Math.abs(adjoint), Math.abs(slope)) + noise) return;
        tried.push(slope);
      }
    }
    // At whole numbers a branch, a bound or an index may change on one side: the other side counts.
    if (Number.isInteger(x)) {
      for (const h of [1e-4, -1e-4, 1e-5, -1e-5]) {
        const slope = (4 * at(h) - at(2 * h) - 3 * here) / (2 * h);
        const isClose = Math.abs(slope - adjoint) <= 10 * accuracy * Math.max(1e-3, Math.abs(adjoint));
        if (isClose || (adjoint === 0 && Number.isNaN(slope))) return;
      }
    }
    this.fail(
      `central differences: ${leaf.path}: ${tried[1] ?? NaN} (steps tried: ${tried.join(", ")}), derivative ${adjoint}`,
    );
  }
}

interface Seeds {
  readonly result: unknown;
  readonly shadows: readonly unknown[];
}
interface Adjoints {
  readonly adjoints: readonly number[];
  readonly paths: readonly string[];
}

const isDuplicated = (shape: Shape | undefined): boolean =>
  shape !== undefined && shape.kind !== "const" && shape.kind !== "number";

/** The same containers with every number 0. */
function blankOf(value: unknown): unknown {
  if (typeof value === "number") return 0;
  if (isTyped(value)) return value.map(() => 0);
  if (Array.isArray(value)) return value.map(blankOf);
  if (!isContainer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, blankOf(field)]));
}

/** A value without the fields that `like` does not have. */
function restricted(value: unknown, like: unknown): unknown {
  if (!isContainer(value) || !isContainer(like) || isTyped(value)) return value;
  if (Array.isArray(value)) return value.map((item, k) => restricted(item, fieldOf(like, String(k))));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) =>
      key in like || field !== undefined ? [[key, restricted(field, like[key])]] : [],
    ),
  );
}

export function containsSingle(value: unknown): boolean {
  if (value instanceof Float32Array) return true;
  if (isTyped(value) || !isContainer(value) || isFunction(value)) return false;
  return Object.values(value).some(containsSingle);
}
