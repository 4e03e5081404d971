import { test } from "vitest";
import { transformProgram, formatDiagnostics } from "../transformer/index.js";
import { createProgram, inRoot } from "./support/program.js";
import { fixtureOptions, withModes } from "./support/fixtures.js";
import { readFileSync } from "node:fs";
test("show", () => {
  const file = inRoot(process.env.FILE ?? "");
  const modes = (process.env.MODES ?? "gradient").split(",");
  const text = withModes(readFileSync(file, "utf8"), () => modes);
  const dump = process.env.DUMP;
  const p = createProgram([file], new Map([[file, text]]), fixtureOptions);
  const { files, diagnostics } = transformProgram(p, { checks: true, ...(dump ? { dump: new Set(dump.split(",")), onDump: (n, t) => console.log(n + "\n" + t) } : {}) });
  console.log(formatDiagnostics(diagnostics, { textOf: () => text }));
  console.log(files.get(file)?.text);
});
