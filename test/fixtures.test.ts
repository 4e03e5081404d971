/** Every fixture against its golden file, or against the diagnostics that its comments expect. */
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { isError, messageOf, transformProgram, type Diagnostic } from "../transformer/index.js";
import {
  acceptedFixtures,
  expectedDiagnostics,
  fixtureOptions,
  readText,
  refusedFixtures,
  type ExpectedDiagnostic,
  type Fixture,
} from "./support/fixtures.js";
import { createProgram, inRoot, strictestOptions } from "./support/program.js";

const program = createProgram(
  acceptedFixtures.map(({ file }) => file),
  new Map(),
  fixtureOptions,
);
const transformed = transformProgram(program, { checks: true, layout: "ownLines" });

/** Line and column, both from 1. */
function placeOf({ span }: Diagnostic, text: string): { readonly line: number; readonly column: number } {
  const before = text.slice(0, span?.start ?? 0).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

function describeDiagnostics(diagnostics: readonly Diagnostic[], file: string): readonly string[] {
  const text = readText(file);
  return diagnostics
    .filter(({ span }) => span?.file === file)
    .map((diagnostic) => {
      const { line, column } = placeOf(diagnostic, text);
      return `${line}:${column} ${diagnostic.code}: ${messageOf(diagnostic)}`;
    });
}

/** What a compiler says about files, as `file:line message`. */
function complaints(
  checked: ts.Program,
  files: readonly string[],
  ours: (file: string, start: number) => boolean,
): string[] {
  return files.flatMap((file) => {
    const source = checked.getSourceFile(file);
    const found = [...checked.getSyntacticDiagnostics(source), ...checked.getSemanticDiagnostics(source)];
    return found
      .filter(({ start }) => ours(file, start ?? 0))
      .map(({ start, messageText }) => {
        const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start ?? 0).line + 1;
        const text = source?.text.split("\n")[line - 1]?.trim() ?? "";
        return `${file}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}\n    ${text}`;
      });
  });
}

/** What looks at all files at once takes its time on a busy machine. */
const patience = 600_000;

describe("golden files", () => {
  test.each(acceptedFixtures)("$name", async ({ file, golden }: Fixture) => {
    expect(describeDiagnostics(transformed.diagnostics.filter(isError), file)).toEqual([]);
    const text = transformed.files.get(file)?.text;
    if (text === undefined) throw new Error("nothing was generated");
    const formatted = await format(text, { parser: "typescript", printWidth: 120 });
    if (process.env["UPDATE"] === "1") writeFileSync(golden, formatted);
    await expect(formatted).toMatchFileSnapshot(golden);
  });

  test(
    "every one passes the type checker",
    () => {
      const texts = new Map([...transformed.files].map(([file, { text }]) => [file, text]));
      const checked = createProgram([...texts.keys()], texts, fixtureOptions);
      expect(complaints(checked, [...texts.keys()], () => true)).toEqual([]);
    },
    patience,
  );

  test(
    "what is generated passes the type checker under the strictest options",
    () => {
      const options = { ...fixtureOptions, ...strictestOptions, types: ["node"] };
      const strict = createProgram(
        acceptedFixtures.map(({ file }) => file),
        new Map(),
        options,
      );
      const { files } = transformProgram(strict, { checks: true });
      const texts = new Map([...files].map(([file, { text }]) => [file, text]));
      const checked = createProgram([...texts.keys()], texts, options);
      // The user's own lines are the user's matter: they were not written for these options.
      const isGenerated = (file: string, start: number): boolean => files.get(file)?.originalOffset(start) === null;
      expect(complaints(checked, [...texts.keys()], isGenerated)).toEqual([]);
    },
    patience,
  );

  test(
    "the output is the same in a second run, and for each file by itself",
    () => {
      const again = transformProgram(program, { layout: "ownLines" });
      for (const [file, { text }] of transformed.files) expect(again.files.get(file)?.text).toBe(text);
      const some = acceptedFixtures.filter((_, k) => k % 25 === 7);
      for (const { file } of some) {
        const alone = transformProgram(createProgram([file], new Map(), fixtureOptions), { layout: "ownLines" });
        expect(alone.files.get(file)?.text).toBe(transformed.files.get(file)?.text);
      }
    },
    patience,
  );
});

describe("diagnostics", () => {
  const refused = transformProgram(
    createProgram(
      refusedFixtures.map(({ file }) => file),
      new Map(),
      fixtureOptions,
    ),
    { checks: true },
  );

  const fits = (diagnostic: Diagnostic, expected: ExpectedDiagnostic, text: string): boolean => {
    const { line, column } = placeOf(diagnostic, text);
    // A comment cannot stand under the first two columns of a line.
    const leftOfComment = column < 3 && expected.column - column <= 2 && expected.column >= column;
    return (
      diagnostic.code === expected.code &&
      line === expected.line &&
      (column === expected.column || leftOfComment || isTooFarLeft(text, line, column, expected.column)) &&
      messageOf(diagnostic).includes(expected.words)
    );
  };
  /** The comment is indented like the line that it belongs to, so its carets begin two characters later. */
  const isTooFarLeft = (text: string, line: number, column: number, caret: number): boolean => {
    const indent = (text.split("\n")[line - 1] ?? "").search(/\S/) + 1;
    return column - indent < 2 && caret >= column && caret - column <= 2;
  };

  test.each(refusedFixtures)("$name", ({ file, name }: Fixture) => {
    const text = readText(file);
    const expected = expectedDiagnostics(text);
    expect(expected.length, "the fixture expects nothing").toBeGreaterThan(0);
    const found = refused.diagnostics.filter(({ span }) => span?.file === file);
    const relevant = name.startsWith("warnings/") ? found : found.filter(isError);
    const shown = describeDiagnostics(relevant, file).join("\n");
    for (const one of expected) {
      expect(
        relevant.some((diagnostic) => fits(diagnostic, one, text)),
        `expected ${one.line}:${one.column} ${one.code}: ${one.words}\nfound:\n${shown}`,
      ).toBe(true);
    }
    const unexpected = relevant.filter((diagnostic) => !expected.some((one) => fits(diagnostic, one, text)));
    expect(describeDiagnostics(unexpected, file)).toEqual([]);
    if (!name.startsWith("warnings/")) expect(refused.refused.has(file), "the file is refused").toBe(true);
  });
});

test("no golden file is left without its fixture", () => {
  const goldens = ts.sys.readDirectory(inRoot("fixtures"), [".ts"]).filter((file) => file.endsWith(".golden.ts"));
  const expected = new Set(acceptedFixtures.map(({ golden }) => golden));
  expect(goldens.filter((file) => !expected.has(file))).toEqual([]);
});
