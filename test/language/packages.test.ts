/** Functions of published packages, transformed as they stand: right, or refused with a reason; never a wrong number. */
import { describe, expect, test } from "vitest";
import { isError, messageOf, transformProgram } from "../../transformer/index.js";
import { checkGradient } from "../support/gradient-check.js";
import { functionShapes, inRoot } from "../support/program.js";
import { derivativeModes, derivativesIn, functionIn } from "../support/transform-source.js";
import { packageCases, type PackageCase } from "./package-cases.js";
import { PackageLoader, packageProgram } from "./package-program.js";

const fileOf = (one: PackageCase): string => inRoot(`test/language/entry-${packageCases.indexOf(one)}.ts`);
const marker = `/** @enzyme ${derivativeModes.join(" ")} */\n`;
const entries = new Map(
  packageCases.map((one) => [fileOf(one), one.source.replace("export function primal", `${marker}$&`)] as const),
);
const program = packageProgram(entries);
/** By itself, so that each diagnostic belongs to its case. */
const outcomes = packageCases.map((one) => {
  const file = fileOf(one);
  const { files, diagnostics, refused } = transformProgram(program, { checks: true, outputs: new Set([file]) });
  const errors = diagnostics.filter(isError);
  return { one, file, text: refused.has(file) || errors.length > 0 ? null : (files.get(file)?.text ?? null), errors };
});
const accepted = outcomes.flatMap(({ text, ...rest }) => (text === null ? [] : [{ ...rest, text }]));

const packageOf = ({ name }: PackageCase): string => name.slice(0, name.indexOf(":"));

test("thirty functions of ten packages are differentiated", () => {
  expect(accepted.length).toBeGreaterThanOrEqual(30);
  expect(new Set(accepted.map(({ one }) => packageOf(one))).size).toBeGreaterThanOrEqual(10);
});

describe("gradients", () => {
  test.each(accepted.map((found) => [found.one.name, found] as const))("%s", (_, { one, file, text }) => {
    const shape = functionShapes(program, file).find(({ name }) => name === "primal");
    if (shape === undefined) throw new Error("no primal");
    checkGradient({
      primal: functionIn(new PackageLoader(entries).load(file), "primal"),
      derivatives: derivativesIn(new PackageLoader(new Map([[file, text]])).load(file), "primal"),
      parameters: shape.parameters,
      result: shape.result,
      args: one.args,
    });
  });
});

test("what is refused says why", () => {
  const refused = outcomes.filter(({ text }) => text === null);
  const lines = refused.map(({ one, errors: [first] }) => {
    return `${one.name} - ${first === undefined ? "no reason" : `${first.code}: ${messageOf(first)}`}`;
  });
  expect(lines).toMatchInlineSnapshot(`
    [
      "ml-matrix: determinant - EZ2001: the recursion of \`determinant\`, which takes functions or has no types is not supported yet",
      "bezier-js: utils.compute - EZ2008: the source of \`JSON.parse\` is not available, so its derivative is unknown",
      "d3-geo: geoDistance - EZ2001: a field whose name is computed is not supported yet",
    ]
  `);
});
