import { simplifications } from "../transformer/simplify/simplify.js";
import { checkFunction, transformTexts } from "./support/transform-source.js";
import { functionShapes } from "./support/program.js";
import { ModuleLoader } from "./support/load-module.js";
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
  const { files, diagnostics } = transformProgram(p, {
    checks: true,
    disabledPasses: new Set(
      (process.env.OFF ?? "").split(",").flatMap((o) => (o === "all" ? Object.keys(simplifications) : [o])),
    ),
    ...(dump ? { dump: new Set(dump.split(",")), onDump: (n, t) => console.log(n + "\n" + t) } : {}),
  });
  console.log(formatDiagnostics(diagnostics, { textOf: () => text }));
  if (!process.env.QUIET) console.log(files.get(file)?.text);
  const shape = functionShapes(p, file)[0]!;
  const mod = new ModuleLoader(new Map([[file, text]])).load(file) as any;
  try {
    checkFunction(
      { texts: new Map([...files].map(([n, f]) => [n, f.text])), problems: new Map() },
      new Map(),
      file,
      shape,
      mod.example,
    );
    console.log("CHECK OK");
  } catch (e) {
    console.log("CHECK FAILED " + (e as Error).message);
  }
});
