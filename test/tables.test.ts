/** Jacobians, Hessians and pullbacks of every fixture that has them, against forward mode and Hessian-vector products. */
import { describe, expect, test } from "vitest";
import { acceptedFixtures, fixtureOptions, markedFunctions, readText, withModes } from "./support/fixtures.js";
import { ModuleLoader } from "./support/load-module.js";
import { createProgram, functionShapes, type FunctionShape } from "./support/program.js";
import { checkHessian, checkJacobian, checkPullback } from "./support/tables.js";
import { exampleIn, functionIn, transformTexts } from "./support/transform-source.js";

const untouched = new Map(acceptedFixtures.map(({ file }) => [file, readText(file)]));
const plain = createProgram([...untouched.keys()], untouched, fixtureOptions);
const candidates = acceptedFixtures.flatMap(({ file, name }) => {
  const marked = new Set(markedFunctions(untouched.get(file) ?? ""));
  return (
    functionShapes(plain, file)
      // Infinite partials meet tangents that are 0: the product along one direction is NaN where that along all is not.
      .filter(
        (shape) =>
          name !== "found/infinite-border" &&
          marked.has(shape.name) &&
          shape.result.kind !== "const" &&
          shape.rest !== true,
      )
      .map((shape) => ({ title: `${name}: ${shape.name}`, file, shape }))
  );
});

const modesOf = ({ result }: FunctionShape): readonly string[] =>
  result.kind === "number" ? ["hessian", "hvp", "vjp", "forward"] : ["jacobian", "vjp", "forward"];
const nothing = { parameters: [], result: { kind: "const" } } as const;
const overlay = new Map(
  [...untouched].map(([file, text]) => {
    const own = candidates.filter((one) => one.file === file);
    return [
      file,
      withModes(text, (fn) => modesOf(own.find(({ shape }) => shape.name === fn)?.shape ?? { ...nothing, name: fn })),
    ];
  }),
);
const { texts, problems } = transformTexts(createProgram([...overlay.keys()], overlay, fixtureOptions));

/** Refused with advice: what writes, prints or draws, and what may be left out. */
const tables = candidates.flatMap(({ title, file, shape }) => {
  const module = new ModuleLoader(texts).load(file);
  const mode = shape.result.kind === "number" ? "hessian" : "jacobian";
  return typeof module[`${shape.name}_${mode}`] === "function" ? [{ title, file, shape, mode, module } as const] : [];
});

describe("Jacobians and Hessians", () => {
  test("what is refused is refused with advice", () => {
    expect([...problems.values()].join("").match(/^.*EZ9.*$/gm) ?? []).toEqual([]);
  });

  test("there are many", () => {
    expect(tables.length).toBeGreaterThan(150);
    expect(tables.filter(({ mode }) => mode === "jacobian").length).toBeGreaterThan(6);
  });

  test.each(tables.map((one) => [one.title, one] as const))("%s", (_, { shape, mode, module }) => {
    const { args } = exampleIn(module, shape.name);
    const given = shape.parameters.map((_one, k) => args[k]);
    const table = functionIn(module, `${shape.name}_${mode}`);
    if (mode === "hessian") checkHessian(table, functionIn(module, `${shape.name}_hvp`), shape, given);
    else checkJacobian(table, functionIn(module, `${shape.name}_forward`), shape, given);
  });
});

const pullbacks = candidates.flatMap((one) => {
  const module = new ModuleLoader(texts).load(one.file);
  return typeof module[`${one.shape.name}_vjp`] === "function" ? [{ ...one, module }] : [];
});

describe("pullbacks", () => {
  test("there are many", () => {
    expect(pullbacks.length).toBeGreaterThan(100);
  });

  test.each(pullbacks.map((one) => [one.title, one] as const))("%s", (_, { shape, module }) => {
    const { args } = exampleIn(module, shape.name);
    const given = shape.parameters.map((_one, k) => args[k]);
    const [vjp, forward] = ["vjp", "forward"].map((mode) => functionIn(module, `${shape.name}_${mode}`));
    const primal = functionIn(module, shape.name);
    if (vjp !== undefined && forward !== undefined) checkPullback(vjp, primal, forward, shape, given);
  });
});
