import path from "node:path";
import ts from "typescript";
import { afterEach, expect, test, vi } from "vitest";
import type { Compilation } from "../../transformer/compilation.js";
import type { DeriveFunctions } from "../../transformer/derivative-request.js";
import { pluginWith } from "../../transformer/surfaces/tsc-plugin.js";
import { fakeDerive } from "../support/fake-derive.js";
import { temporaryProject, type TemporaryProject } from "../support/temporary-project.js";

const projects: TemporaryProject[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const project of projects.splice(0)) project.remove();
});

interface Compiled {
  readonly program: ts.Program;
  readonly before: ts.Program;
  /** All errors, as `file:line:column TSnumber text`. */
  readonly errors: readonly string[];
}

/** What the plugin makes of a project, without a compiler process. */
function compile(
  files: Record<string, string>,
  options: ts.CompilerOptions = {},
  derive = fakeDerive,
  config = {},
): Compiled {
  const made = temporaryProject({ "package.json": '{ "type": "module" }', ...files });
  projects.push(made);
  const before = ts.createProgram({
    rootNames: Object.keys(files).map((file) => path.join(made.root, file)),
    options: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      strict: true,
      skipLibCheck: true,
      types: [],
      ...options,
    },
  });
  const program = pluginWith(derive)(before, undefined, config, { ts });
  const errors = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()].map((one) => {
    const text = ts.flattenDiagnosticMessageText(one.messageText, " ");
    if (one.file === undefined || one.start === undefined) return `TS${one.code} ${text}`;
    const { line, character } = one.file.getLineAndCharacterOfPosition(one.start);
    return `${path.basename(one.file.fileName)}:${line + 1}:${character + 1} TS${one.code} ${text}`;
  });
  return { program, before, errors };
}

const square = "export function square(x: number): number {\n  return x * x;\n}\n";

test("a program that asks for nothing is left as it is", () => {
  const { program, before } = compile({ "a.ts": square });
  expect(program).toBe(before);
});

test("a budget for memory comes from tsconfig.json", () => {
  const said: (number | null)[] = [];
  const derive: DeriveFunctions<Compilation> = (requests, program, compilation) => {
    said.push(compilation.options.memory);
    return fakeDerive(requests, program, compilation);
  };
  const marked = { "a.ts": `/** @enzyme */\n${square}` };
  expect(compile(marked, {}, derive).errors).toEqual([]);
  expect(compile(marked, {}, derive, { memory: "64 MB" }).errors).toEqual([]);
  expect(said).toEqual([null, 64 * 2 ** 20]);
  expect(compile(marked, {}, derive, { memory: "lots" }).errors).toEqual([
    expect.stringMatching(/^TS91028 EZ1028: a budget for memory is an amount, and not "lots"/),
  ]);
});

test("what only the macro used is not unused in the user's eyes; the rest still is", () => {
  const text = `import { enzyme } from "enzyme-ts";
import * as M from "./m.js";
function hidden(x: number): number {
  return x;
}
export const d = enzyme(hidden, "gradient"); const idle = 1;
export const e = enzyme(M.square, "gradient");
`;
  const { errors } = compile({ "a.ts": text, "m.ts": square }, { noUnusedLocals: true, noUnusedParameters: true });
  expect(errors).toEqual(["a.ts:6:52 TS6133 'idle' is declared but its value is never read."]);
});

test("an error in generated code is ours, at the primal", () => {
  const derive: DeriveFunctions<Compilation> = (requests, program, compilation) =>
    fakeDerive(requests, program, compilation).map((one) => ({ ...one, text: one.text.replace("42", '"text"') }));
  const { errors } = compile({ "a.ts": `// words\n/** @enzyme */\n${square}` }, {}, derive);
  expect(errors).toEqual([
    expect.stringMatching(
      /^a\.ts:3:17 TS99002 EZ9002: the code generated for `square_gradient` does not type-check: TS2322 Type 'string' is not assignable to type 'number'/,
    ),
  ]);
});

test("a fault of ours is a diagnostic, not a crash", () => {
  const { errors } = compile({ "a.ts": `/** @enzyme */\n${square}` }, {}, () => {
    throw new Error("out of order");
  });
  expect(errors).toEqual([
    expect.stringMatching(/^a\.ts:2:17 TS99001 EZ9001: internal error while differentiating `square`: out of order/),
  ]);
});

test("a syntax error is reported once, by the compiler, and hides nothing of other files", () => {
  const { errors } = compile({
    "a.ts": "/** @enzyme */\nexport function (x) {\n",
    "b.ts": `/** @enzyme */\n${square.replace("square", "bad")}`,
  });
  expect(errors.filter((error) => error.startsWith("a.ts"))).toEqual([
    expect.stringContaining("TS1003"),
    expect.stringContaining("TS1005"),
    expect.stringContaining("TS7006"),
  ]);
  expect(errors.filter((error) => error.startsWith("b.ts"))).toEqual([
    expect.stringContaining("b.ts:2:17 TS92001 EZ2001: a bad function"),
  ]);
});

test("remarks go to the error stream: they must not fail a build", () => {
  const printed: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  const derive: DeriveFunctions<Compilation> = (requests, program, compilation) => {
    for (const { primal } of requests) compilation.report("EZ3001", primal.nameSpan, { name: "x" });
    return fakeDerive(requests, program, compilation);
  };
  const { errors } = compile({ "a.ts": `/** @enzyme */\n${square}` }, {}, derive);
  expect(errors).toEqual([]);
  expect(printed.join("")).toMatch(/a\.ts:2:17 - warning EZ3001: gradient with respect to `x` is always zero/);
});

test("generated imports are resolved", () => {
  const { errors, program } = compile({ "a.ts": `/** @enzyme */\n${square.replace("square", "tape")}` });
  expect(errors).toEqual([]);
  expect(program.getSourceFiles().some((file) => /\/src\/tape(\.d)?\.ts$/.test(file.fileName))).toBe(true);
});
