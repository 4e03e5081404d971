/** Every fixture, in every mode that fits it, against central differences, against itself, and with passes switched off. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { passNames } from "../transformer/derive/stages.js";
import { simplifications } from "../transformer/simplify/simplify.js";
import type { TransformOptions } from "../transformer/index.js";
import {
  acceptedFixtures,
  fixtureOptions,
  markedFunctions,
  readText,
  withModes,
  type Fixture,
} from "./support/fixtures.js";
import { compareReports, type GradientReport } from "./support/gradient-check.js";
import { createProgram, functionShapes, type FunctionShape } from "./support/program.js";
import { checkFunction, exampleIn, modesFor, transformTexts, type Transformed } from "./support/transform-source.js";

interface Marked {
  readonly fixture: Fixture;
  readonly shape: FunctionShape;
}

const untouched = new Map(acceptedFixtures.map(({ file }) => [file, readText(file)]));
const names = [...untouched.keys()];
const plain = createProgram(names, untouched, fixtureOptions);
const marked: readonly Marked[] = acceptedFixtures.flatMap((fixture) => {
  const functions = new Set(markedFunctions(untouched.get(fixture.file) ?? ""));
  return functionShapes(plain, fixture.file)
    .filter(({ name }) => functions.has(name))
    .map((shape) => ({
      fixture,
      shape,
    }));
});

/** The fixtures with all modes asked for. */
const overlay = new Map(
  [...untouched].map(([file, text]) => [
    file,
    withModes(text, (name) => {
      const found = marked.find(({ fixture, shape }) => fixture.file === file && shape.name === name);
      return found === undefined ? [] : modesFor(found.shape);
    }),
  ]),
);
const program = createProgram(names, overlay, fixtureOptions);

/** Built once for each set of options, when the first test needs it. */
const built = new Map<string, Transformed>();
function build(settings: string, options: TransformOptions, files = names): Transformed {
  const texts =
    built.get(settings) ??
    transformTexts(files === names ? program : createProgram(files, overlay, fixtureOptions), options);
  built.set(settings, texts);
  return texts;
}

const reports = new Map<Marked, GradientReport>();

function check(one: Marked, settings: string, options: TransformOptions, files = names): GradientReport {
  return checkFunction(build(settings, options, files), one.fixture.file, one.shape, (module) =>
    exampleIn(module, one.shape.name),
  );
}

const title = ({ fixture, shape }: Marked): string => `${fixture.name}: ${shape.name}`;

test("every marked function has an example", () => {
  expect(marked.length).toBeGreaterThan(100);
});

describe("gradients", () => {
  test.each(marked.map((one) => [title(one), one] as const))("%s", (_, one) => {
    reports.set(one, check(one, "as usual", {}));
  });
});

/** Settings that change speed, never a gradient. */
const settings: Readonly<Record<string, TransformOptions>> = {
  "every simplification off": { disabledPasses: new Set(Object.keys(simplifications)) },
  "everything recorded": { disabledPasses: new Set(["toBeRecorded"]) },
  "every pass off": { disabledPasses: new Set(passNames) },
};

/** That each step is a new array of one length is only seen once its map is a loop of its own: refused, never wrong. */
const refusedWithout: ReadonlyMap<string, { readonly pass: string; readonly code: string }> = new Map([
  ["checkpoint/new-array: pendulum", { pass: "gatherPushes", code: "EZ2034" }],
  // the steps of a marked loop in a callee run again where the callee is inlined
  ["checkpoint/in-callee: layers", { pass: "inlineCalls", code: "EZ2034" }],
  // what is a constant view of what is only known once it is inlined
  ["modes/sparse-inside: stiffness", { pass: "inlineCalls", code: "EZ2035" }],
]);

/** Is the function refused under these options, as it is to be? */
function isRefused(one: Marked, name: string, options: TransformOptions, files = names): boolean {
  const refusal = refusedWithout.get(title(one));
  if (refusal === undefined || options.disabledPasses?.has(refusal.pass) !== true) return false;
  expect(() => check(one, name, options, files)).toThrow(refusal.code);
  return true;
}

describe.each(Object.entries(settings))("the same gradients with %s", (name, options) => {
  test.each(marked.map((one) => [title(one), one] as const))("%s", (_, one) => {
    if (isRefused(one, name, options)) return;
    const usual = reports.get(one);
    const found = check(one, name, options);
    if (usual !== undefined) compareReports(usual, found, name);
  });
});

/**
 * One pass at a time: in a long run (`RUNS=1`) every fixture with each of them off, otherwise with one of them. Which one
 * follows from the names alone (rendezvous hashing), so that a new fixture does not change what is tried of the others.
 */
const isLong = process.env["RUNS"] !== undefined;
const hashOf = (text: string): string => createHash("sha1").update(text).digest("hex");
const passFor = new Map(
  acceptedFixtures.map((fixture) => {
    const ranked = passNames.map((pass) => ({ pass, rank: hashOf(`${fixture.name} ${pass}`) }));
    return [fixture, ranked.reduce((best, one) => (one.rank > best.rank ? one : best)).pass];
  }),
);
const withOneOff = passNames.map((pass) => ({
  pass,
  chosen: marked.filter(({ fixture }) => isLong || passFor.get(fixture) === pass),
}));

describe.each(withOneOff)("the same gradients without $pass", ({ pass, chosen }) => {
  const files = [...new Set(chosen.map(({ fixture }) => fixture.file))];
  test.each(chosen.map((one) => [title(one), one] as const))("%s", (_, one) => {
    const options = { disabledPasses: new Set([pass]) };
    if (isRefused(one, `without ${pass}`, options, files)) return;
    const usual = reports.get(one);
    const found = check(one, `without ${pass}`, options, files);
    if (usual !== undefined) compareReports(usual, found, `without ${pass}`);
  });
});
