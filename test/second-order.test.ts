/** Second derivatives of every fixture whose result is a number: forward over reverse, reverse over reverse, differences. */
import { describe, expect, test } from "vitest";
import { acceptedFixtures, fixtureOptions, markedFunctions, readText, withModes } from "./support/fixtures.js";
import { checkSecondOrder } from "./support/second-order.js";
import { ModuleLoader } from "./support/load-module.js";
import { createProgram, functionShapes } from "./support/program.js";
import { exampleIn, functionIn, transformTexts } from "./support/transform-source.js";

const untouched = new Map(acceptedFixtures.map(({ file }) => [file, readText(file)]));
/** Reverse over reverse is refused: helpers that call each other, or a seed of a type that holds itself. */
const forwardOnly: ReadonlySet<string> = new Set([
  "classes/linked-instances: given",
  "classes/tree-of-shapes: coverage",
  "dictionaries/copied: relaxed",
  "dictionaries/in-helper: portfolio",
  "dictionaries/nested: penalty",
  "dictionaries/optional-values: blend",
  "dictionaries/score: score",
  "dictionaries/softmax: logLikelihood",
  "found/unlike-under-one-name: scaled",
  "found/unlike-under-one-name: listed",
  "calls/circular-imports: pendulum",
  "calls/recursion-assigns-captured: folded",
  "calls/recursion-assigns-captured: byDepth",
  "calls/recursion-assigns-captured: named",
  "calls/mutual-recursion: mixedMean",
  "found/exported-type-that-holds-itself: squares",
  "found/exported-type-that-holds-itself: total",
  "found/exported-type-that-holds-itself: weighted",
  "found/list-written-by-recursion: scanned",
  "objects/const-fields: product",
  "functions/mutual-recursion-over-arrays: squared",
  "functions/mutual-recursion-over-arrays: butterfly",
  "functions/mutual-recursion-over-arrays: pathLength",
  "functions/mutual-recursion-over-arrays: halves",
  "objects/expression-tree: compute",
  "objects/linked-list: weighted",
  "objects/linked-list: nested",
  "objects/null-fields: extent",
  "objects/null-fields: squares",
  "objects/tree: weight",
  "objects/tree: reach",
  "modes/vjp-again: total",
]);
/** Adjoints that are infinite meet a partial of exp that is 0, and the second reverse sweep gives NaN. */
const singular: ReadonlySet<string> = new Set([
  "found/infinite-border: softAlignment",
  "modes/hvp-infinite-border: softMinimum",
]);
/** A static method has no name to be called by, and a rule may have no derivative. */
const unnamed: ReadonlySet<string> = new Set(["classes/static-method: smooth", "rules/rule-without-source: amplitude"]);

const plain = createProgram([...untouched.keys()], untouched, fixtureOptions);
const scalar = acceptedFixtures.flatMap(({ file, name }) => {
  const marked = new Set(markedFunctions(untouched.get(file) ?? ""));
  return functionShapes(plain, file)
    .filter((shape) => marked.has(shape.name) && shape.result.kind === "number" && shape.rest !== true)
    .map((shape) => ({ title: `${name}: ${shape.name}`, file, shape }))
    .filter(({ title }) => !unnamed.has(title));
});

/** The fixtures with `hvp` asked for by their markers, and reverse over reverse by a macro. */
const overlay = new Map(
  [...untouched].map(([file, text]) => {
    const own = scalar.filter((one) => one.file === file);
    const names = own.map(({ shape }) => shape.name);
    const twice = own.filter(({ title }) => !forwardOnly.has(title)).map(({ shape }) => shape.name);
    const marked = withModes(text, (name) => (names.includes(name) ? ["gradient", "hvp"] : ["forward"]));
    const macros = twice.map((name) => `export const ${name}_twice = again(again(${name}, "gradient"), "reverse");\n`);
    return [file, `${marked}\nimport { enzyme as again } from "enzyme-ts";\n${macros.join("")}`];
  }),
);
const transformed = transformTexts(createProgram([...overlay.keys()], overlay, fixtureOptions));

describe("second derivatives", () => {
  test("there are many", () => {
    expect(scalar.length).toBeGreaterThan(150);
  });

  test.each(scalar.map((one) => [one.title, one] as const))("%s", (_, { title, file, shape }) => {
    const problem = transformed.problems.get(file);
    if (problem !== undefined) throw new Error(problem);
    const module = new ModuleLoader(transformed.texts).load(file);
    const example = exampleIn(module, shape.name);
    checkSecondOrder({
      gradient: functionIn(module, `${shape.name}_gradient`),
      hvp: functionIn(module, `${shape.name}_hvp`),
      reverse: forwardOnly.has(title) || singular.has(title) ? null : functionIn(module, `${shape.name}_twice`),
      parameters: shape.parameters,
      args: example.args,
      differences: !singular.has(title) && example.differences !== false && example.gradient === undefined,
      single: example.single === true,
    });
  });
});
