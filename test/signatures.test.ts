/** Every generated function has the type that the macro promises for it. */
import path from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { modes } from "../transformer/derivative-request.js";
import { acceptedFixtures, fixtureOptions } from "./support/fixtures.js";
import { transformProgram } from "../transformer/index.js";
import { createProgram, inRoot } from "./support/program.js";

/** `{ given satisfies asked }` for each derivative of a transformed file, beside the file. */
function checksOf(file: string, text: string): string {
  const derivatives = text.matchAll(/^export function (\w+?)_([A-Za-z]+)(_width_(\d+))?\(/gm);
  const names = [...derivatives].flatMap(([, name, mode, suffix = "", width]) => {
    if (!modes.some((one) => one === mode)) return [];
    if (!new RegExp(`^export (?:function|const|let) ${name}\\b`, "m").test(text)) return [];
    const options = width === undefined ? "" : `, { width: ${width} }`;
    const asked = `const asked = enzyme(M.${name}, "${mode}"${options})`;
    return [`{ ${asked}; const given: typeof asked = M.${name}_${mode}${suffix}; void given; }`];
  });
  const from = path.posix.relative(path.posix.dirname(file), inRoot("src/index.js"));
  const self = `./${path.posix.basename(file).replace(/ts$/, "js")}`;
  return [`import { enzyme } from "${from}";`, `import * as M from "${self}";`, ...names, ""].join("\n");
}

/** The tangent of an optional field is owed (`bias: number | undefined`), while the macro's type lets it be left out. */
const isOwed = (text: string): boolean => /optionsDot|layerDot/.test(text);

/** Classes with getters or private fields, and those below others, of which their type does not tell: a limit that the README names. */
const hasMore =
  /^(abstract-with-fewer-fields|chosen-by-class|concrete-base|complex|method-of-union|tree-of-shapes|instances-inside|private-and-recursive|private-members|private-gradient|protected-behind-a-base)\.check\.ts$/;

test("every generated function has the type that the macro promises", () => {
  const files = acceptedFixtures.map(({ file }) => file);
  const { files: transformed } = transformProgram(createProgram(files, new Map(), fixtureOptions), {
    layout: "ownLines",
  });
  const texts = new Map<string, string>();
  const checks: string[] = [];
  for (const [file, { text }] of transformed) {
    texts.set(file, text);
    const check = file.replace(/\.ts$/, ".check.ts");
    texts.set(check, checksOf(file, text));
    checks.push(check);
  }
  const options: ts.CompilerOptions = { ...fixtureOptions, noUnusedLocals: false };
  const program = createProgram([...files, ...checks], texts, options);
  const complaints = checks.flatMap((check) => {
    const source = program.getSourceFile(check);
    if (source === undefined) return [`${check} is not there`];
    return program.getSemanticDiagnostics(source).flatMap(({ messageText, start = 0 }) => {
      const line = source.text.slice(0, start).split("\n").length - 1;
      const text = ts.flattenDiagnosticMessageText(messageText, "\n");
      return isOwed(text) || hasMore.test(path.basename(check))
        ? []
        : [`${path.basename(check)}: ${source.text.split("\n")[line] ?? ""}\n${text}`];
    });
  });
  expect(complaints).toEqual([]);
  expect(checks.length).toBeGreaterThan(60);
});
