/** One random source program through the whole road: transformed, run, checked; the same again with passes switched off. */
import type { TransformOptions } from "../../transformer/index.js";
import { compareReports, type GradientReport } from "./gradient-check.js";
import { createProgram, inRoot } from "./program.js";
import { renderProgram, sourceArguments, type SourceTree } from "./random-program.js";
import { arrayShape, constShape, numberShape } from "./shape.js";
import { checkFunction, derivativeModes, transformTexts } from "./transform-source.js";

const file = inRoot("fixtures/random.ts");
const shape = {
  name: "f",
  parameters: [numberShape, numberShape, arrayShape(), arrayShape(), arrayShape(arrayShape()), constShape],
  result: numberShape,
};

/** Throws with the source, its output and what is wrong. */
export function checkSource(tree: SourceTree, settings: readonly TransformOptions[]): void {
  const source = renderProgram(tree, "f", ` ${derivativeModes.join(" ")}`);
  const files = new Map([[file, source]]);
  const program = createProgram([file], files);
  let first: GradientReport | null = null;
  for (const options of settings) {
    const transformed = transformTexts(program, options);
    const run = (variant: number): GradientReport =>
      checkFunction(transformed, files, file, shape, { args: sourceArguments(variant) });
    try {
      const report = attempt(run);
      if (first !== null) compareReports(first, report, "with other settings");
      first ??= report;
    } catch (error) {
      const off = [...(options.disabledPasses ?? [])].join(", ");
      const output = transformed.texts.get(file) ?? source;
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n(switched off: ${off})\n${output}`);
    }
  }
}

/** A point on a kink or a tie says nothing: differences must fail at another one, too. */
function attempt(run: (variant: number) => GradientReport): GradientReport {
  try {
    return run(0);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("central differences")) throw error;
    run(1);
    run(2);
    return run(3);
  }
}
