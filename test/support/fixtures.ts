/** The fixtures: which there are, what they mark, what they expect. See fixtures/README.md. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type ts from "typescript";
import { baseOptions, inRoot } from "./program.js";

/** Folders of input that is refused or warned about. */
export const refusedKinds = ["unsupported", "invalid", "warnings"] as const;

export interface Fixture {
  /** `loops/break` */
  readonly name: string;
  readonly file: string;
  readonly golden: string;
}

/** Modules that fixtures import, `<kind>/lib/`, are none themselves. */
function fixturesOf(kind: string): readonly Fixture[] {
  return readdirSync(inRoot(`fixtures/${kind}`))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".golden.ts"))
    .sort()
    .map((file) => {
      const base = file.slice(0, -".ts".length);
      const place = inRoot(path.join("fixtures", kind, base));
      return { name: `${kind}/${base}`, file: `${place}.ts`, golden: `${place}.golden.ts` };
    });
}

const kinds = readdirSync(inRoot("fixtures"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

const isRefused = (kind: string): boolean => refusedKinds.some((one) => one === kind);
export const acceptedFixtures: readonly Fixture[] = kinds.filter((kind) => !isRefused(kind)).flatMap(fixturesOf);
export const refusedFixtures: readonly Fixture[] = kinds.filter(isRefused).flatMap(fixturesOf);

/** As a project that uses console and process would be compiled. */
export const fixtureOptions: ts.CompilerOptions = { ...baseOptions, types: ["node"] };

export const readText = (file: string): string => readFileSync(file, "utf8");

/** Names of the functions that carry a marker which asks for a derivative. */
export function markedFunctions(text: string): readonly string[] {
  const pattern =
    /@enzyme(?!\s+(?:custom|inactive))[^*]*\*\/\s*(?:export\s+)?(?:default\s+)?(?:function|const|let)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu;
  return [...text.matchAll(pattern)].map(([, name]) => name ?? "");
}

/** The text with other modes asked for at each marker of a function. */
export function withModes(text: string, modesOf: (name: string) => readonly string[]): string {
  const names = markedFunctions(text);
  let position = 0;
  return text.replace(/@enzyme(?!\s+(?:checkpoint|custom|inactive))[^*\n]*/g, (marker) => {
    const tail = /\s*$/.exec(marker)?.[0] ?? "";
    return `@enzyme ${modesOf(names[position++] ?? "").join(" ")}${tail === "" ? " " : tail}`;
  });
}

/** `//   ^^^^ EZ2003: words`: what is expected on the line above. */
export interface ExpectedDiagnostic {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly words: string;
}

export function expectedDiagnostics(text: string): readonly ExpectedDiagnostic[] {
  const found: ExpectedDiagnostic[] = [];
  let above = 0;
  text.split("\n").forEach((line, index) => {
    const marker = /^(\s*\/\/ *)\^+ (EZ\d{4})(?:: (.*))?$/.exec(line);
    if (marker === null) above = index + 1;
    else {
      const [, lead = "", code = "", words = ""] = marker;
      found.push({ line: above, column: lead.length + 1, code, words: words.trim() });
    }
  });
  return found;
}
