import { describe, it } from "vitest";
import { transformProgram, formatDiagnostics } from "../../transformer/index.js";
import { createProgram, inRoot } from "../support/program.js";
import { fixtureOptions, withModes } from "../support/fixtures.js";
import { ModuleLoader } from "../support/load-module.js";
import { functionShapes } from "../support/program.js";
import { checkFunction, modesFor } from "../support/transform-source.js";
import { readFileSync } from "node:fs";

const cases: Record<string, [string, unknown[]]> = JSON.parse(readFileSync("/tmp/frontend/cases1.json", "utf8"));
describe("e2e", () => {
  for (const [name, [source, args]] of Object.entries(cases)) it(name, () => {
    const file = inRoot("fixtures/scratch-frontend.ts");
    const revive = (v: any): any => (Array.isArray(v) ? v.map(revive) : v && v.f64 ? new Float64Array(v.f64) : v && typeof v === "object" ? Object.fromEntries(Object.entries(v).map(([k, o]) => [k, revive(o)])) : v);
    const text0 = source;
    const p0 = createProgram([file], new Map([[file, text0]]), fixtureOptions);
    const shape = functionShapes(p0, file).find((s) => s.name === "f")!;
    const text = text0.replace(/export function f\(/, `\n/** @enzyme ${modesFor(shape).join(" ")} */\nexport function f(`);
    const p = createProgram([file], new Map([[file, text]]), fixtureOptions);
    const { files, diagnostics } = transformProgram(p, { checks: true });
    const errs = formatDiagnostics(diagnostics, { textOf: () => text });
    if (errs) console.log("DIAG", name, errs);
    const texts = new Map([...files].map(([n, f]) => [n, f.text]));
    if (process.env.SHOW) { const t = texts.get(file) ?? ""; const i = t.indexOf("function f_gradient"); const j = t.indexOf("\n}\n", i); console.log("TEXT", name, "\n" + t.slice(i, j + 2)); }
    checkFunction({ texts, problems: new Map() }, new Map([[file, text]]), file, shape, { args: revive(args) });
  });
});
