/** docs/language.md says of every kind of syntax what becomes of it, and refuses what it says it refuses. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { isError, transformProgram } from "../../transformer/index.js";
import { createProgram, inRoot } from "../support/program.js";

interface Row {
  readonly kinds: readonly string[];
  readonly codes: readonly string[];
}

/** The rows of the tables whose first column names kinds. */
const rows = readFileSync(inRoot("docs/language.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line): Row => {
    const [, kinds = "", becomes = ""] = line.split(/(?<!\\)\|/);
    const refused = becomes.includes("refused");
    const codes = refused ? [...becomes.matchAll(/EZ\d{4}/g)].map(([code]) => code) : [];
    return { kinds: [...kinds.matchAll(/`([\w*]+)`/g)].map(([, name]) => name ?? ""), codes };
  });
const named = rows.flatMap(({ kinds }) => kinds);
const names = new Set(named);

/** Each kind under its first name: later ones mark where a group begins or ends. */
const kinds: readonly string[] = [
  ...new Map(
    Object.entries(ts.SyntaxKind)
      .filter(([, value]) => typeof value === "number")
      .reverse()
      .map(([name, value]) => [value, name] as const),
  ).values(),
];

const matches = (pattern: string, kind: string): boolean =>
  pattern.startsWith("*") ? kind.endsWith(pattern.slice(1)) : kind.startsWith(pattern.slice(0, -1));

test("every kind of syntax has a line", () => {
  const patterns = named.filter((name) => name.includes("*"));
  const forgotten = kinds.filter((kind) => !names.has(kind) && !patterns.some((pattern) => matches(pattern, kind)));
  expect(forgotten).toEqual([]);
});

test("no line names a kind that does not exist, and none is named twice", () => {
  const known = new Set(kinds);
  expect(named.filter((name) => !name.includes("*") && !known.has(name))).toEqual([]);
  expect(named.filter((name, position) => named.indexOf(name) !== position)).toEqual([]);
});

const body = (statements: string, signature = "x: number"): string =>
  `/** @enzyme gradient */\nexport function f(${signature}): number { ${statements} }\n`;

/** A source for every kind that is refused. */
const samples: Readonly<Record<string, string>> = {
  BigIntLiteral: body("return x * Number(2n);"),
  BigIntKeyword: body("return x * Number(n as bigint);", "x: number, n: bigint"),
  PrivateIdentifier: `class A { #v = 2; constructor(readonly x: number) {} get(): number { return this.x * this.#v; } }\n${body("return new A(x).get();")}`,
  HashToken: `class A { #v = 2; constructor(readonly x: number) {} get(): number { return this.x * this.#v; } }\n${body("return new A(x).get();")}`,
  ClassExpression: body("const A = class { v = 2; }; return x * new A().v;"),
  DeleteExpression: body("const p: { a?: number } = { a: x }; delete p.a; return x;"),
  DeleteKeyword: body("const p: { a?: number } = { a: x }; delete p.a; return x;"),
  AwaitExpression: `/** @enzyme reverse */\nexport async function f(x: number): Promise<number> { return await Promise.resolve(x); }`,
  AwaitKeyword: `/** @enzyme reverse */\nexport async function f(x: number): Promise<number> { return await Promise.resolve(x); }`,
  YieldExpression: `/** @enzyme reverse */\nexport function* f(x: number): Generator<number> { yield x; }`,
  YieldKeyword: `/** @enzyme reverse */\nexport function* f(x: number): Generator<number> { yield x; }`,
  TaggedTemplateExpression: `const tag = (s: TemplateStringsArray, x: number): number => x;\n${body("return tag`a${x}`;")}`,
  MetaProperty: body("return import.meta === undefined ? x : 1;"),
  InKeyword: body("return k in p ? x : p.a;", "x: number, k: string, p: { a: number }"),
  ImportKeyword: body("void import('./other.js'); return x;"),
  WithStatement: body("with (p) { return x; }", "x: number, p: { a: number }"),
  DebuggerStatement: body("debugger; return x;"),
  UsingKeyword: body("using y = { [Symbol.dispose]() {} }; return x;"),
  Decorator: `function twice(v: unknown): void {}\nclass A { constructor(readonly x: number) {} @twice get(): number { return this.x; } }\n${body("return new A(x).get();")}`,
  AtToken: `function twice(v: unknown): void {}\n@twice\nclass A { constructor(readonly x: number) {} get(): number { return this.x; } }\n${body("return new A(x).get();")}`,
  JsxElement: body("const e = <a>x</a>; return x;"),
  JsxSelfClosingElement: body("const e = <a/>; return x;"),
  JsxFragment: body("const e = <></>; return x;"),
};

describe("what is refused", () => {
  const refused = rows.flatMap(({ kinds: all, codes }) =>
    codes.length > 0 ? all.map((kind) => ({ kind, codes })) : [],
  );

  test("every refused kind has a sample", () => {
    expect(refused.map(({ kind }) => kind).filter((kind) => samples[kind] === undefined)).toEqual([]);
    expect(refused.length).toBe(Object.keys(samples).length);
  });

  test.each(refused)("$kind", ({ kind, codes }) => {
    const file = inRoot(`test/language/sample.${kind.startsWith("Jsx") ? "tsx" : "ts"}`);
    const program = createProgram([file], new Map([[file, samples[kind] ?? ""]]), { ...options });
    const { diagnostics } = transformProgram(program, { checks: true });
    const found = diagnostics.filter(isError).map(({ code }) => code);
    expect(found, samples[kind]).toSatisfy((all: readonly string[]) => all.some((code) => codes.includes(code)));
    expect(found).not.toContain("EZ9001");
  });
});

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.Preserve,
  lib: ["lib.esnext.d.ts"],
  strict: true,
  types: [],
  noEmit: true,
};
