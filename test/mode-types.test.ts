/**
 * Every mode with every kind of parameter and result: what the macro's type promises is what is generated, and where the
 * type is an error, its message says what to do.
 */
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { modes, type RequestMode } from "../transformer/derivative-request.js";
import { isError, transformProgram } from "../transformer/index.js";
import { virtualProgram } from "./support/virtual-program.js";

/** How a parameter is declared, and a number made of it. */
const parameters = {
  number: ["p: number", "p * p"],
  int: ["p: int", "p"],
  boolean: ["p: boolean", "(p ? 2 : 3)"],
  string: ["p: string", "p.length"],
  choice: ['p: "a" | "b"', '(p === "a" ? 2 : 3)'],
  float64: ["p: Float64Array", "p[0]! * p[0]!"],
  float32: ["p: Float32Array", "p[0]! * p[0]!"],
  int32: ["p: Int32Array", "p[0]!"],
  list: ["p: number[]", "p[0]! * p[0]!"],
  readonlyList: ["p: readonly number[]", "p[0]! * p[0]!"],
  arrayLike: ["p: ArrayLike<number>", "p[0]! * p[0]!"],
  tuple: ["p: [number, number]", "p[0] * p[1]"],
  readonlyTuple: ["p: readonly [number, number]", "p[0] * p[1]"],
  mixedTuple: ["p: [number, string]", "p[0] * p[0] * p[1].length"],
  rows: ["p: number[][]", "p[0]![0]! * p[0]![0]!"],
  typedRows: ["p: Float64Array[]", "p[0]![0]! * p[0]![0]!"],
  object: ["p: { a: number; readonly w: readonly number[]; name: string }", "p.a * p.w[0]!"],
  named: ["p: Settings", "p.rate * p.inner.size"],
  nothingInside: ["p: { verbose: boolean }", "(p.verbose ? 2 : 3)"],
  partlyNothing: ["p: { a: number; flags: { verbose: boolean } }", "p.a * (p.flags.verbose ? 2 : 3)"],
  optionalField: ["p: { a: number; b?: number }", "p.a * (p.b ?? 2)"],
  instance: ["p: Body", "p.mass * p.mass"],
  constant: ["p: Const<Float64Array>", "p[0]!"],
  constantObject: ["p: Const<{ a: number }>", "p.a"],
  constField: ["p: { a: number; table: Const<number[]> }", "p.a * p.table[0]!"],
  optional: ["p?: number", "(p ?? 2) * 3"],
  optionalArray: ["p?: Float64Array", "(p === undefined ? 2 : p[0]! * p[0]!)"],
  defaulted: ["p = 2", "p * p"],
  maybe: ["p: number | undefined", "(p ?? 2) * 3"],
  rest: ["...p: number[]", "(p[0] ?? 1) * 2"],
  functionValue: ["p: (x: number) => number", "(typeof p === 'function' ? 2 : 3)"],
} as const;
type Kind = keyof typeof parameters;

/** Result types, and how one is made of the number `s`. */
const results = {
  number: ["number", "return s;"],
  float64: ["Float64Array", "return new Float64Array([s, 2 * s]);"],
  list: ["number[]", "return [s, 2 * s];"],
  tuple: ["[number, number]", "return [s, 2 * s];"],
  rows: ["number[][]", "return [[s], [2 * s, s]];"],
  object: ["{ a: number; w: number[] }", "return { a: s, w: [2 * s] };"],
  nothing: ["void", "out[0] = s;"],
} as const;
type Result = keyof typeof results;

interface Case {
  readonly name: string;
  readonly kind: Kind;
  readonly result: Result;
  readonly mode: RequestMode;
}

const everyKind = Object.keys(parameters) as Kind[];
const everyResult = Object.keys(results) as Result[];
/** Every kind with the two results that differ most, and every result with the two kinds that do. */
const pairs = [
  ...everyKind.flatMap((kind) => (["number", "float64"] as const).map((result) => ({ kind, result }))),
  ...everyResult.flatMap((result) => (["float64", "object"] as const).map((kind) => ({ kind, result }))),
];
const functions = [...new Map(pairs.map((one) => [`${one.kind}_to_${one.result}`, one]))].flatMap(
  ([name, { kind, result }]) => [
    { name, kind, result, alone: true },
    { name: `x_and_${name}`, kind, result, alone: false },
  ],
);
const cases: readonly Case[] = functions.flatMap(({ name, kind, result }) =>
  modes.map((mode) => ({ name, kind, result, mode })),
);

const head = `import { enzyme, type Const, type int } from "enzyme-ts";
export interface Settings { readonly rate: number; readonly label: string; readonly inner: { size: number } }
export class Body { constructor(public mass: number, readonly name: string) {} }
`;
const declarations = functions.map(({ name, kind, result, alone }) => {
  const [parameter, use] = parameters[kind];
  const [type, end] = results[result];
  const list = [...(alone ? [] : ["x: number"]), ...(result === "nothing" ? ["out: Float64Array"] : []), parameter];
  return `export function ${name}(${list.join(", ")}): ${type} { const s = ${alone ? "" : "x * "}${use}; ${end} }`;
});
const source = `${head}${declarations.join("\n")}\n`;

const options: ts.CompilerOptions = { noUncheckedIndexedAccess: false };
/** What the compiler says of each line of a file. */
function errorsByLine(program: ts.Program, file: string): ReadonlyMap<number, string> {
  const at = program.getSourceFile(file);
  if (at === undefined) throw new Error(`there is no ${file}`);
  return new Map(
    [...program.getSyntacticDiagnostics(at), ...program.getSemanticDiagnostics(at)].map((one) => [
      at.getLineAndCharacterOfPosition(one.start ?? 0).line,
      ts.flattenDiagnosticMessageText(one.messageText, "\n"),
    ]),
  );
}

const asking = cases.map(({ name, mode }) => `enzyme(main.${name}, "${mode}");`);
const files = {
  "main.ts": source,
  "ask.ts": `import { enzyme } from "enzyme-ts";\nimport * as main from "./main.js";\n${asking.join("\n")}\n`,
};
const wrong = errorsByLine(virtualProgram(files, options), "/ask.ts");
const errorOf = (one: Case): string | undefined => wrong.get(cases.indexOf(one) + 2);

/** The derivatives that the types allow, generated beside their functions. */
const allowed = cases.filter((one) => errorOf(one) === undefined);
const asked = functions.map(({ name }, k) => {
  const wanted = allowed.filter((one) => one.name === name).map(({ mode }) => mode);
  return `${wanted.length === 0 ? "" : `/** @enzyme ${wanted.join(" ")} */ `}${declarations[k] ?? ""}`;
});
const marked = `${head}${asked.join("\n")}\n`;
const { files: made, diagnostics } = transformProgram(virtualProgram({ "main.ts": marked }, options));
const textOf = made.get("/main.ts")?.text ?? "";
const isMade = ({ name, mode }: Case): boolean => textOf.includes(`function ${name}_${mode}(`);

/** Each generated function beside what the macro promises: one can stand for the other. */
const both = allowed.filter(isMade);
const compared = both.map(
  ({ name, mode }) =>
    `{ const asked = enzyme(main.${name}, "${mode}"), given: typeof asked = main.${name}_${mode}, back: typeof given = asked; void back; }`,
);
const checks = {
  "main.ts": textOf.replace(/^function/gm, "export function"),
  "check.ts": `import { enzyme } from "enzyme-ts";\nimport * as main from "./main.js";\n${compared.join("\n")}\n`,
};

/** `kind to result`: modes, each once, in order. */
function listed(of: readonly Case[]): readonly string[] {
  const found = new Map<string, Set<string>>();
  for (const { kind, result, mode } of of) {
    const name = `${kind} to ${result}`;
    found.set(name, (found.get(name) ?? new Set()).add(mode));
  }
  return [...found].map(([name, of]) => `${name}: ${[...of].join(", ")}`);
}

/** Refused by name: EZ2001. */
const notYet: readonly string[] = [
  // a slot that may be absent has no place in a table
  "optionalField to number: hessian",
  "optionalField to float64: jacobian",
  "optionalArray to number: hessian",
  "optionalArray to float64: jacobian",
];

describe("types of modes", () => {
  test("there are many", () => {
    expect(cases.length).toBeGreaterThan(1400);
    expect(both.length).toBeGreaterThan(850);
  });

  test("what is generated has the type that the macro promises, neither more nor less", () => {
    const unlike = errorsByLine(virtualProgram(checks, options), "/check.ts");
    expect([...unlike].map(([line, text]) => `${compared[line - 2] ?? ""}\n${text}`)).toEqual([]);
  });

  test("a wrong use is an error that says what to do", () => {
    const messages = [...wrong.values()].map((text) => /EnzymeError<"([^"]*)">/.exec(text)?.[1] ?? text);
    expect([...new Set(messages.map((one) => one.replace(/'\w+' (?=needs|cannot)/, "")))].sort()).toEqual([
      "cannot follow a rest parameter by its shadow: pass an array instead",
      "needs a function that returns a number; use 'vjp' or 'jacobian', or 'reverse' and seed the result",
      "needs a function that returns what is differentiated; return the array instead of writing to a parameter",
      "the function has no differentiable parameter: declare one as number, an array of numbers, or an object",
    ]);
  });

  test("what the types allow is generated, but for what is refused today with advice", () => {
    expect([...listed(allowed.filter((one) => !isMade(one)))].sort()).toEqual([...notYet].sort());
    expect([...new Set(diagnostics.filter(isError).map(({ code }) => code))]).toEqual(["EZ2001"]);
  });
});
