/** Several directions, or seeds, in one sweep: every fixture gives along each what it gives along that one alone. */
import { describe, expect, test } from "vitest";
import { acceptedFixtures, fixtureOptions, markedFunctions, readText, withModes } from "./support/fixtures.js";
import { containsSingle, type AnyFunction } from "./support/gradient-check.js";
import { ModuleLoader, type Module } from "./support/load-module.js";
import { createProgram, functionShapes, type FunctionShape } from "./support/program.js";
import { randomNumbers } from "./support/random.js";
import { deepClone, isContainer, shadowOf } from "./support/shape.js";
import { exampleIn, functionIn, transformTexts } from "./support/transform-source.js";

const width = 3;
/** In a long run every function in each of its modes, otherwise in one of them. */
const isLong = process.env["RUNS"] !== undefined;
/** Whether something is there differs from direction to direction, as far as the derivative knows; or memory is shared. */
const refusedWide: ReadonlySet<string> = new Set([
  // whether a number is there depends on what is computed
  "guards/asserted-then-asked: numbers vjp",
  "memory/numbers-or-nothing: pushed vjp",
  "memory/numbers-or-nothing: slots vjp",
  "objects/absent-number-in-result: doubled vjp",
  "objects/absent-number-in-result: found vjp",
  "calls/circular-imports: pendulum hvp",
  "calls/mutual-recursion: mixedMean hvp",
  "calls/recursive-fft: highBand vjp",
  "calls/rows-swapped-by-helper: solution vjp",
  "classes/assigned-options: given vjp",
  "objects/assigned-into: overwritten vjp",
  "found/null-handed-to-recursion: network forward",
  "found/null-handed-to-recursion: network hvp",
  "guards/number-or-array: either forward",
  "guards/one-of-two-shapes: chosen forward",
  "dictionaries/optional-values: blend vjp",
  "found/null-is-given: named vjp",
  "found/numbers-or-null: lastOnes vjp",
  "found/shared-result-memory: stiffnessAgain vjp",
  "found/spread-of-absent-option: withoutOptions vjp",
  "found/copy-without-absent-fields: stepped vjp",
  "objects/spread-where-given: perhapsNone vjp",
  "found/optional-field-set: filledIn vjp",
  "objects/mixed-fields: respond vjp",
  "objects/null-fields: squares vjp",
  "objects/optional-absent: adjust vjp",
  "objects/parameter-default-in-pattern: damped vjp",
  "objects/returned-optional: outcome vjp",
]);
const untouched = new Map(acceptedFixtures.map(({ file }) => [file, readText(file)]));
const plain = createProgram([...untouched.keys()], untouched, fixtureOptions);
const candidates = acceptedFixtures.flatMap(({ file, name }) => {
  const marked = new Set(markedFunctions(untouched.get(file) ?? ""));
  return functionShapes(plain, file)
    .filter((shape) => marked.has(shape.name) && shape.rest !== true && !shape.name.includes("."))
    .map((shape) => ({ title: `${name}: ${shape.name}`, file, shape }));
});

/** Modes along several directions, each beside the same along one. */
function modesOf({ name, result }: FunctionShape): readonly string[] {
  const fitting =
    result.kind === "number"
      ? ["forward", "hvp", "vjp"]
      : result.kind === "const"
        ? ["forward"]
        : ["forward", "vjp", "forwardWithPrimal"];
  return fitting.filter((_, k) => isLong || name.length % fitting.length === k);
}
const overlay = new Map(
  [...untouched].map(([file, text]) => {
    const macros = candidates
      .filter((one) => one.file === file)
      .flatMap(({ shape }) =>
        modesOf(shape).flatMap((mode) => [
          `export const ${shape.name}_alone_${mode} = () => again(${shape.name}, "${mode}");\n`,
          `export const ${shape.name}_wide_${mode} = () => again(${shape.name}, "${mode}", { width: ${width} });\n`,
        ]),
      );
    return [
      file,
      `${withModes(text, () => ["reverse"])}\nimport { enzyme as again } from "enzyme-ts";\n${macros.join("")}`,
    ];
  }),
);
const { texts, problems } = transformTexts(createProgram([...overlay.keys()], overlay, fixtureOptions));

function numbersIn(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return isContainer(value) ? Object.values(value).flatMap(numbersIn) : [];
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);

/** Null where it is refused: the macro is still there, and throws. */
function derivativeIn(module: Module, name: string, how: string, mode: string): AnyFunction | null {
  try {
    const fn: unknown = functionIn(module, `${name}_${how}_${mode}`)();
    return typeof fn === "function" ? (...args) => Reflect.apply(fn, undefined, args) as unknown : null;
  } catch {
    return null;
  }
}

/** What is given along each direction, and what one sweep gives along all of them. */
function runBoth(
  module: Module,
  mode: string,
  { name, parameters, result }: FunctionShape,
  args: readonly unknown[],
): readonly [alone: readonly unknown[], wide: readonly unknown[]] {
  const [alone, wide] = [derivativeIn(module, name, "alone", mode), derivativeIn(module, name, "wide", mode)];
  if (alone === null || wide === null) throw new Error("a derivative is missing");
  const random = randomNumbers(11);
  const fill = (): number => Math.fround(2 * random() - 1);
  const lanes = Array.from({ length: width }, (_, k) => k);
  if (mode === "vjp") {
    type Vjp = { readonly value: unknown; readonly pullback: AnyFunction };
    const one = alone(...deepClone(args)) as Vjp;
    const several = wide(...deepClone(args)) as Vjp;
    const seeds = lanes.map(() => shadowOf(one.value, result, fill));
    return [seeds.map((seed) => one.pullback(deepClone(seed))), listed(several.pullback(deepClone(seeds)))];
  }
  const isAsked = (k: number): boolean => parameters[k]?.kind !== "const";
  const directions = lanes.map(() => parameters.map((one, k) => shadowOf(args[k], one, fill)));
  const slots = parameters.flatMap((_, k) => (isAsked(k) ? [k] : []));
  const handed = directions.map((direction) => deepClone(direction));
  const run = (fn: AnyFunction, directionOf: (k: number) => unknown): unknown =>
    mode === "hvp"
      ? fn(...deepClone(args), ...slots.map(directionOf))
      : fn(...deepClone(args).flatMap((arg, k) => (isAsked(k) ? [arg, directionOf(k)] : [arg])));
  const alongEach = handed.map((direction) => run(alone, (k) => direction[k]));
  const left = deepClone(directions);
  const together = run(wide, (k) => left.map((direction) => direction[k]));
  // A function that gives nothing answers through the directions of what it writes.
  if (result.kind === "const") return [handed, left];
  if (mode !== "forwardWithPrimal") return [alongEach, listed(together)];
  const { value, tangent } = together as { readonly value: unknown; readonly tangent: unknown };
  const tangents = listed(tangent);
  return [alongEach, lanes.map((k) => ({ value, tangent: tangents[k] }))];
}

const all = candidates.flatMap(({ title, file, shape }) => {
  const module = new ModuleLoader(texts).load(file);
  const isThere = (mode: string, how: string): boolean => derivativeIn(module, shape.name, how, mode) !== null;
  return modesOf(shape).flatMap((mode) =>
    isThere(mode, "alone")
      ? [{ title: `${title} ${mode}`, file, shape, mode, module, isWide: isThere(mode, "wide") } as const]
      : [],
  );
});

describe("several directions", () => {
  test("nothing is refused without a reason of its own", () => {
    const unexpected = [...problems.values()].join("").match(/^.*(?:EZ9|EZ1).*$/gm) ?? [];
    expect(unexpected).toEqual([]);
  });

  test("few that go along one direction do not go along several", () => {
    const refused = all.filter(({ isWide }) => !isWide).map(({ title }) => title);
    expect(refused.filter((title) => !refusedWide.has(title))).toEqual([]);
    expect(all.length).toBeGreaterThan(isLong ? 900 : 300);
  });

  const wide = all.filter(({ isWide }) => isWide);
  test.each(wide.map((one) => [one.title, one] as const))("%s", (_, { shape, mode, module }) => {
    const { args } = exampleIn(module, shape.name);
    const [alone, together] = runBoth(module, mode, shape, args);
    expect(together.length).toBe(width);
    const tolerance = containsSingle(args) ? 1e-5 : 1e-12;
    alone.forEach((one, k) => {
      const [expected, found] = [numbersIn(one), numbersIn(together[k])];
      expect(found.length).toBe(expected.length);
      const scale = expected.reduce((sum, value) => sum + (Number.isFinite(value) ? Math.abs(value) : 0), 1e-300);
      expected.forEach((value, at) => {
        const other = found[at] ?? NaN;
        const isSame = Object.is(value, other) || Math.abs(value - other) <= tolerance * scale;
        if (!isSame) throw new Error(`direction ${k}, number ${at}: ${other} along several, ${value} alone`);
      });
    });
  });
});
