/** Random programs through the whole road, many in one compilation: transformed, run, checked; and again with passes off. */
import ts from "typescript";
import type { TransformOptions } from "../../transformer/index.js";
import { passNames } from "../../transformer/derive/stages.js";
import { simplifications } from "../../transformer/simplify/simplify.js";
import { fixtureOptions } from "../support/fixtures.js";
import { compareReports, type GradientReport } from "../support/gradient-check.js";
import { createProgram, functionShapes, inRoot, type FunctionShape } from "../support/program.js";
import { checkFunction, derivativeModes, transformTexts, type Transformed } from "../support/transform-source.js";
import { constShape } from "../support/shape.js";
import type { ProgramChoices } from "./choices.js";
import { renderProgram, type RandomProgram } from "./program.js";

/** Settings that change speed, never a gradient. */
export const settings: readonly TransformOptions[] = [
  passNames,
  Object.keys(simplifications),
  Object.keys(simplifications).filter((name) => name !== "inlineCalls"),
  ...passNames.map((name) => [name]),
].map((names) => ({ disabledPasses: new Set(names) }));

export interface Verdict {
  readonly program: RandomProgram;
  /** What is wrong, with the source and its output. */
  readonly fault: string | null;
  /** Why it is not differentiated: "not supported yet", which is no fault. */
  readonly refused: string | null;
  /** The text is no valid TypeScript: nothing is said about it. */
  readonly invalid: string | null;
}

/** Every code in the text is one of those for what is not supported yet. */
const isUnsupported = (problem: string): boolean =>
  [...problem.matchAll(/error (EZ\d+)/g)].every(([, code]) => code?.startsWith("EZ2") === true);

/** Numbers that Float32Arrays hold are rounded on the way. */
const isSingle = (text: string): boolean => /Float32Array|fround/.test(text);

const fileOf = (k: number): string => inRoot(`fixtures/random/program${k}.ts`);
let last: ts.Program | undefined;

/** Checks the programs as usual and, each one, with the setting of its turn. */
export function checkPrograms(trees: readonly ProgramChoices[], turn = 0): readonly Verdict[] {
  const programs = trees.map((tree) => renderProgram(tree, derivativeModes));
  const files = new Map(programs.map(({ text }, k) => [fileOf(k), text]));
  const program = createProgram([...files.keys()], files, fixtureOptions, last);
  last = program;
  const usual = transformTexts(program);
  const transformed = new Map<number, Transformed>();
  return programs.map((one, k) => {
    const file = fileOf(k);
    const invalid = complaint(program, file);
    if (invalid !== null) return { program: one, fault: null, refused: null, invalid };
    const refused = usual.problems.get(file) ?? null;
    if (refused !== null && isUnsupported(refused)) return { program: one, fault: null, refused, invalid };
    const which = (turn + k) % settings.length;
    const options = settings[which] ?? {};
    const others =
      transformed.get(which) ?? transformTexts(program, { ...options, outputs: new Set(turnFiles(which)) });
    transformed.set(which, others);
    return { program: one, invalid, refused: null, fault: faultOf(one, file, program, usual, others, options) };
  });

  function turnFiles(which: number): readonly string[] {
    return programs.flatMap((_, k) => ((turn + k) % settings.length === which ? [fileOf(k)] : []));
  }
}

function complaint(program: ts.Program, file: string): string | null {
  const source = program.getSourceFile(file);
  const [first] =
    source === undefined ? [] : [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  return first === undefined
    ? null
    : `${ts.flattenDiagnosticMessageText(first.messageText, "\n")} at ${first.start ?? 0}\n${source?.text.slice(first.start) ?? ""}`;
}

function faultOf(
  one: RandomProgram,
  file: string,
  program: ts.Program,
  usual: Transformed,
  others: Transformed,
  options: TransformOptions,
): string | null {
  const whole = functionShapes(program, file).find(({ name }) => name === "f");
  if (whole === undefined) return "no function";
  const parameters = whole.parameters.map((shape, k) => (one.narrowed?.includes(k) === true ? constShape : shape));
  const shape: FunctionShape = { ...whole, parameters };
  const run = (built: Transformed): GradientReport =>
    attempt((variant) =>
      checkFunction(built, file, shape, (module) => ({ args: one.args(variant, module) }), one.name),
    );
  let built = usual;
  try {
    const first = run(usual);
    built = others;
    const tolerance = isSingle(one.text) ? 1e-5 : 1e-12;
    compareReports(first, run(others), "with other settings", tolerance);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const off = built === usual ? "" : ` (switched off: ${[...(options.disabledPasses ?? [])].join(", ")})`;
    return `${message}${off}\n${built.texts.get(file) ?? one.text}`;
  }
}

/** A point on a kink or a tie says nothing: differences must fail at other ones, too. */
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
