/** Where a function mixes types up, what stands in the way of its derivative follows from that: the compiler says it better. */
import ts from "typescript";
import type { Compilation } from "../compilation.js";
import { isJavaScript } from "./javascript.js";
import { kindOf, type Diagnostic } from "../diagnostics/diagnostic.js";

/** One value taken for another, a field or an argument that is not there: not the strictness of a project, or what is installed. */
const mixedUp: ReadonlySet<number> = new Set([
  2322, 2339, 2345, 2353, 2355, 2362, 2363, 2365, 2366, 2367, 2403, 2447, 2538, 2551, 2554, 2555, 2559, 2560, 2561,
  2739, 2740, 2741, 2769,
]);

/** Puts type errors of the user's in the place of what was refused in the same functions. */
export function blameTypeErrors(examined: ReadonlySet<ts.Node>, program: ts.Program, compilation: Compilation): void {
  const refused = compilation.diagnostics.filter((one) => kindOf(one) !== "user" && one.span !== null);
  if (refused.length === 0) return;
  const functions = [...examined].map((node) => ({
    file: node.getSourceFile().fileName,
    from: node.pos,
    to: node.end,
  }));
  // nobody asked for types in JavaScript
  const files = [...new Set(functions.map(({ file }) => file))].filter((file) => !isJavaScript(file));
  const errors = files.flatMap((file) => errorsIn(file, program));
  const isIn = ({ file, from, to }: Range, at: Range): boolean => file === at.file && at.from >= from && at.to <= to;
  const broken = functions.filter((one) => errors.some((error) => isIn(one, error)));
  if (broken.length === 0) return;
  // What fails for a fault of ours is reported at the primal, wherever it began.
  const follows = (one: Diagnostic): boolean =>
    kindOf(one) === "internal" || (kindOf(one) === "unsupported" && broken.some((place) => isIn(place, rangeOf(one))));
  if (!compilation.withdraw(follows)) return;
  for (const { file, from, to, text } of errors) {
    if (broken.some((place) => isIn(place, { file, from, to })))
      compilation.report("EZ1025", { file, start: from, end: to }, { text });
  }
}

/** A member that JavaScript gives to an object in its own ways: nobody asked for types there. */
function isMissingIn(program: ts.Program, { code, file, start }: ts.Diagnostic): boolean {
  if ((code !== 2339 && code !== 2551) || file === undefined || start === undefined) return false;
  const access = accessAt(file, start);
  if (access === null) return false;
  const symbol = program.getTypeChecker().getTypeAtLocation(access.expression).getSymbol();
  const declarations = symbol?.declarations ?? [];
  return declarations.length > 0 && declarations.every((one) => isJavaScript(one.getSourceFile().fileName));
}

/** The access whose name begins at a position. */
function accessAt(file: ts.SourceFile, position: number): ts.PropertyAccessExpression | null {
  let found: ts.PropertyAccessExpression | null = null;
  const visit = (node: ts.Node): void => {
    if (position < node.pos || position >= node.end) return;
    if (ts.isPropertyAccessExpression(node) && node.name.getStart() === position) found = node;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

interface Range {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

const rangeOf = ({ span }: Diagnostic): Range => ({
  file: span?.file ?? "",
  from: span?.start ?? 0,
  to: span?.end ?? 0,
});

function errorsIn(fileName: string, program: ts.Program): readonly (Range & { readonly text: string })[] {
  return program.getSemanticDiagnostics(program.getSourceFile(fileName)).flatMap((error) => {
    if (error.category !== ts.DiagnosticCategory.Error || !mixedUp.has(error.code) || error.start === undefined)
      return [];
    if (isMissingIn(program, error)) return [];
    const message = typeof error.messageText === "string" ? error.messageText : error.messageText.messageText;
    const text = `TS${error.code} ${message.replace(/\.$/, "")}`;
    return [{ file: fileName, from: error.start, to: error.start + (error.length ?? 1), text }];
  });
}
