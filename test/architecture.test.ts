import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Import {
  readonly from: string;
  /** A file of this repository, or the name of a package. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.posix.join(folder, name.replaceAll("\\", "/")))
    .sort();
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(path.join(root, file), "utf8"), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const specifier = statement.moduleSpecifier;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return [];
    const to = specifier.text.startsWith(".")
      ? path.posix.join(path.posix.dirname(file), specifier.text.replace(/\.js$/, ".ts"))
      : specifier.text;
    const isTypeOnly = ts.isImportDeclaration(statement)
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    return [{ from: file, to, isTypeOnly }];
  });
}

const imports = [...sourcesIn("src"), ...sourcesIn("transformer")].flatMap(importsOf);

/** From the ground up: a layer imports from itself and from those before it. */
const layers: readonly (readonly string[])[] = [
  ["transformer/diagnostics/"],
  ["transformer/derivative-request.ts", "transformer/memory-size.ts"],
  ["transformer/ir/"],
  ["transformer/compilation.ts"],
  ["transformer/rules/"],
  ["transformer/analyze/"],
  ["transformer/simplify/"],
  ["transformer/differentiate/"],
  ["transformer/syntax/"],
  ["transformer/frontend/", "transformer/emit/"],
  ["transformer/derive/", "transformer/emit-derivative.ts"],
  ["transformer/pipeline.ts"],
  ["transformer/index.ts"],
  ["transformer/surfaces/"],
];

function layerOf(file: string): number {
  return layers.findIndex((prefixes) => prefixes.some((prefix) => file.startsWith(prefix)));
}

function show({ from, to }: Import): string {
  return `${from} -> ${to}`;
}

describe("architecture", () => {
  test("every file of the transformer is in a layer", () => {
    expect(sourcesIn("transformer").filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  test("imports point downward", () => {
    const upward = imports.filter(({ from, to }) => to.startsWith("transformer/") && layerOf(to) > layerOf(from));
    expect(upward.map(show)).toEqual([]);
  });

  test("frontend and emit do not know each other, nor the way of the other's syntax", () => {
    const across = imports.filter(
      ({ from, to }) =>
        (from.startsWith("transformer/frontend/") && to.startsWith("transformer/emit/")) ||
        (from.startsWith("transformer/emit/") && to.startsWith("transformer/frontend/")),
    );
    expect(across.map(show)).toEqual([]);
  });

  test("src and transformer do not import each other, and src imports nothing else", () => {
    const crossing = imports.filter(
      ({ from, to }) =>
        (from.startsWith("src/") && !to.startsWith("src/")) ||
        (from.startsWith("transformer/") && to.startsWith("src/")),
    );
    expect(crossing.map(show)).toEqual([]);
  });

  test("typescript stays where syntax is", () => {
    const allowed = [
      "transformer/syntax/",
      "transformer/frontend/",
      "transformer/emit/typescript/",
      "transformer/surfaces/",
    ];
    const typesOnly = ["transformer/index.ts", "transformer/pipeline.ts", "transformer/derivative-request.ts"];
    const stray = imports.filter(
      ({ from, to, isTypeOnly }) =>
        to === "typescript" &&
        !allowed.some((folder) => from.startsWith(folder)) &&
        !(isTypeOnly && typesOnly.includes(from)),
    );
    expect(stray.map(show)).toEqual([]);
  });

  test("docs/architecture.md names files that are there", () => {
    const files = ["src", "transformer", "test"].flatMap(sourcesIn);
    const text = readFileSync(path.join(root, "docs/architecture.md"), "utf8");
    const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].flatMap(([, name = ""]) => name);
    expect(named.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
  });

  // Functions that descend into a tree call each other, file by file; nothing else goes in circles.
  const descents = ["transformer/frontend/", "transformer/differentiate/", "transformer/derive/", "transformer/emit/"];

  test("no cycles but those of a descent", () => {
    const next = new Map<string, string[]>();
    for (const { from, to, isTypeOnly } of imports) {
      if (to.endsWith(".ts") && !isTypeOnly) next.set(from, [...(next.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      const start = way.indexOf(file);
      const cycle = start < 0 ? [] : way.slice(start);
      if (start >= 0 && !descents.some((folder) => cycle.every((one) => one.startsWith(folder)))) {
        cycles.push([...cycle, file].join(" -> "));
      }
      if (start >= 0 || done.has(file)) return;
      for (const to of next.get(file) ?? []) visit(to, [...way, file]);
      done.add(file);
    };
    for (const file of next.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });
});
