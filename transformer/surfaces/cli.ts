import { readFileSync } from "node:fs";
import path from "node:path";
import { Command, CommanderError } from "commander";
import { createTwoFilesPatch } from "diff";
import picocolors from "picocolors";
import * as prettier from "prettier";
import type { Compilation } from "../compilation.js";
import type { DeriveFunctions } from "../derivative-request.js";
import { isError, type Diagnostic } from "../diagnostics/diagnostic.js";
import { formatDiagnostics, plainPalette, type Palette } from "../diagnostics/format.js";
import { transformProgramWith, type TransformResult } from "../index.js";
import { dumpNames, passNames } from "../derive/stages.js";
import { parseMemory } from "../memory-size.js";
import { deriveFunctions } from "../pipeline.js";
import { createEngineProgram } from "./engine-program.js";
import { findInputs } from "./find-inputs.js";
import { readProject } from "./read-project.js";
import { reasonOf, writeOutputs, type Output } from "./write-outputs.js";

/** What a command sees of the world around it. */
export interface Surroundings {
  readonly cwd: string;
  /** The folder of this package: its types serve projects that have not installed it. */
  readonly packageRoot: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly colour: boolean;
}

/** 0: done. 1: something could not be transformed, or is stale. 2: the command was called wrongly, or could not read or write. */
export type ExitCode = 0 | 1 | 2;

interface Flags {
  readonly outDir?: string;
  readonly project?: string;
  readonly stdout?: boolean;
  readonly check?: boolean;
  readonly explain?: boolean;
  readonly dump?: string;
  readonly format: boolean;
  readonly disable?: string;
  readonly memory?: string;
}

const help = `
Examples:
  ad-transform "src/**/*.ts" --out-dir generated          write generated/src/...
  ad-transform src/loss.ts --stdout                       look at one file
  ad-transform src/loss.ts --explain                      what its derivatives record, and why
  ad-transform "src/**/*.ts" --out-dir generated --check  fail if generated/ is stale

Exit codes: 0 done, 1 diagnostics or stale outputs, 2 wrong usage or unreadable or unwritable files.`;

/** Runs `ad-transform` with these arguments; returns its exit code. */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  return runCommandWith(deriveFunctions, args, surroundings);
}

/** The same, with the road from requests to texts given: for tests of the surface alone. */
export async function runCommandWith(
  derive: DeriveFunctions<Compilation>,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { stdout, stderr } = surroundings;
  let code: ExitCode = 0;
  const command = new Command("ad-transform")
    .description(
      "Writes TypeScript files again with the derivatives that they ask for by /** @enzyme */ or enzyme(f, mode).",
    )
    .argument("<files...>", "files or globs")
    .option("--out-dir <dir>", "where the outputs go; relative folders are kept")
    .option("--project <tsconfig>", "the tsconfig.json to use (default: the nearest one)")
    .option("--stdout", "print the outputs instead of writing them")
    .option("--check", "write nothing; exit with 1 and a diff if an output under --out-dir is stale")
    .option("--explain", "print what each derivative records, where, how much and why")
    .option(
      "--dump <passes>",
      'print the intermediate representation after these passes ("all", or names with commas; a wrong name shows which there are)',
    )
    .option("--disable <passes>", "switch these passes off (names with commas); derivatives stay the same")
    .option("--memory <amount>", "run long loops from snapshots, so that what they keep fits into so much: 64MB")
    .option("--no-format", "do not format the outputs with prettier")
    .version(versionOf(surroundings.packageRoot), "--version", "print the version of enzyme-ts")
    .addHelpText("after", help)
    .configureOutput({ writeOut: stdout, writeErr: stderr })
    .exitOverride()
    .action(async (patterns: string[], flags: Flags) => {
      code = await transform(derive, patterns, flags, surroundings);
    });
  try {
    await command.parseAsync([...args], { from: "user" });
    return code;
  } catch (fault) {
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2;
    stderr(`ad-transform: internal error: ${reasonOf(fault)}\nThis is a fault of enzyme-ts: please report it.\n`);
    return 1;
  }
}

async function transform(
  derive: DeriveFunctions<Compilation>,
  patterns: readonly string[],
  flags: Flags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { cwd, stdout, stderr } = surroundings;
  const wrong = (text: string): ExitCode => {
    stderr(`ad-transform: ${text}\n`);
    return 2;
  };
  const start = performance.now();
  if (flags.outDir === undefined && flags.stdout !== true && flags.dump === undefined && flags.explain !== true) {
    return wrong("say where the outputs go: --out-dir DIR, or --stdout");
  }
  if (flags.outDir !== undefined && flags.stdout === true) return wrong("choose one of --out-dir DIR and --stdout");
  if (flags.outDir === "") return wrong("--out-dir needs the name of a folder");
  if (flags.check === true && flags.outDir === undefined) return wrong("--check needs --out-dir");
  const dumped = flags.dump?.split(",") ?? [];
  const disabled = flags.disable?.split(",") ?? [];
  for (const [flag, names, known] of [
    ["--dump", dumped, ["all", ...dumpNames]],
    ["--disable", disabled, passNames],
  ] as const) {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined)
      return wrong(`${flag}: there is no pass ${JSON.stringify(unknown)}: use one of\n${listed(known)}`);
  }
  const memory = flags.memory === undefined ? null : parseMemory(flags.memory);
  if (flags.memory !== undefined && memory === null)
    return wrong(`--memory: ${JSON.stringify(flags.memory)} is no amount: write the bytes, or so many KB, MB or GB`);
  const inputs = await findInputs(patterns, cwd, flags.outDir);
  if (inputs.kind === "error") return wrong(inputs.text);
  const placed = flags.outDir === undefined ? null : placeOutputs(inputs.files, cwd, path.resolve(cwd, flags.outDir));
  if (placed?.kind === "error") return wrong(placed.text);
  const project = readProject(flags.project, cwd);
  if (project.kind === "error") return wrong(project.text);
  const contents = readAll(inputs.files);
  if (contents.kind === "error") return wrong(contents.text);

  const sources = inputs.files.filter((file) => /\.[cm]?[tj]sx?$/.test(file)).map(slashed);
  const { program, packageSources } = createEngineProgram({
    rootNames: [...sources, ...project.project.declarations],
    options: { allowJs: true, ...project.project.options },
    currentDirectory: cwd,
    packageRoot: surroundings.packageRoot,
  });
  const result = transformProgramWith(derive, program, {
    outputs: new Set(sources),
    packageSources,
    layout: "ownLines",
    memory,
    disabledPasses: new Set(disabled),
    dump: dumped.includes("all") ? "all" : new Set(flags.explain === true ? [...dumped, "explain"] : dumped),
    onDump: (name, text) => {
      const title = name === "explain" ? "" : `; ---- ${name}\n`;
      (flags.stdout === true ? stderr : stdout)(`${title}${text.trimEnd()}\n\n`);
    },
  });

  const formatted = await formatAll(inputs.files, contents.contents, result, flags.format, cwd);
  const diagnostics = [...result.diagnostics, ...formatted.diagnostics];
  report(diagnostics, inputs.files, contents.contents, surroundings);
  const failed = diagnostics.some(isError) || result.refused.size > 0;

  if (flags.stdout === true) {
    for (const [file, content] of formatted.outputs) {
      if (inputs.files.length > 1) stdout(`// ---- ${path.relative(cwd, file)}\n`);
      stdout(content.toString("utf8"));
    }
  }
  if (placed === null) return failed ? 1 : 0;
  const outputs: Output[] = [];
  for (const [file, content] of formatted.outputs) {
    const to = placed.places.get(file);
    if (to !== undefined) outputs.push({ path: to, content });
  }
  if (flags.check === true) {
    const isStale = check(outputs, surroundings);
    if (!isStale && !failed) stderr(`${plural(outputs.length, "file")} up to date\n`);
    return isStale || failed ? 1 : 0;
  }

  const problem = await writeOutputs(outputs);
  if (problem !== null) return wrong(`cannot write the outputs: ${problem}\nNothing was written.`);
  stderr(`${summary(outputs.length, inputs.files.length, result, performance.now() - start)}\n`);
  return failed ? 1 : 0;
}

function versionOf(packageRoot: string): string {
  const text: unknown = JSON.parse(readFileSync(path.join(packageRoot, "package.json"), "utf8"));
  return typeof text === "object" && text !== null && "version" in text ? String(text.version) : "unknown";
}

function slashed(file: string): string {
  return file.replaceAll("\\", "/");
}

type Placed =
  | { readonly kind: "placed"; readonly places: ReadonlyMap<string, string> }
  | { readonly kind: "error"; readonly text: string };

/** Where each output goes: the input's path below the working directory, below the output folder. */
function placeOutputs(files: readonly string[], cwd: string, outDir: string): Placed {
  const places = new Map<string, string>();
  for (const file of files) {
    const relative = path.relative(cwd, file);
    if (relative.startsWith("..") || path.isAbsolute(relative)) {
      return {
        kind: "error",
        text: `${relative} is outside of the working directory: call the command from a folder above it`,
      };
    }
    const to = path.join(outDir, relative);
    if (to === file) return { kind: "error", text: `${relative} would be overwritten: choose another --out-dir` };
    places.set(file, to);
  }
  return { kind: "placed", places };
}

type Contents =
  | { readonly kind: "contents"; readonly contents: ReadonlyMap<string, Buffer> }
  | { readonly kind: "error"; readonly text: string };

function readAll(files: readonly string[]): Contents {
  const contents = new Map<string, Buffer>();
  const problems: string[] = [];
  for (const file of files) {
    try {
      contents.set(file, readFileSync(file));
    } catch (fault) {
      problems.push(`cannot read ${file}: ${reasonOf(fault, file)}`);
    }
  }
  return problems.length > 0 ? { kind: "error", text: problems.join("\n") } : { kind: "contents", contents };
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

interface Formatted {
  readonly outputs: ReadonlyMap<string, Buffer>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The bytes of each output: as they were where nothing changed; refused files are left out. */
async function formatAll(
  files: readonly string[],
  contents: ReadonlyMap<string, Buffer>,
  result: TransformResult,
  format: boolean,
  cwd: string,
): Promise<Formatted> {
  const outputs = new Map<string, Buffer>();
  const diagnostics: Diagnostic[] = [];
  for (const file of files) {
    const name = slashed(file);
    const before = contents.get(file);
    if (before === undefined || result.refused.has(name)) continue;
    const transformed = result.files.get(name);
    if (transformed === undefined) {
      outputs.set(file, before);
      continue;
    }
    const text = format ? await formatText(transformed.text, file) : { kind: "text" as const, text: transformed.text };
    if (text.kind === "error") {
      const place = path.relative(cwd, file);
      diagnostics.push({ code: "EZ9001", span: null, details: { name: place, text: text.text }, notes: [] });
      continue;
    }
    const bytes = Buffer.from(text.text, "utf8");
    outputs.set(file, before.subarray(0, 3).equals(byteOrderMark) ? Buffer.concat([byteOrderMark, bytes]) : bytes);
  }
  return { outputs, diagnostics };
}

type Text = { readonly kind: "text"; readonly text: string } | { readonly kind: "error"; readonly text: string };

/** Formats with the user's own settings for that file. */
async function formatText(text: string, file: string): Promise<Text> {
  try {
    const settings = await prettier.resolveConfig(file, { editorconfig: true });
    return { kind: "text", text: await prettier.format(text, { endOfLine: "auto", ...settings, filepath: file }) };
  } catch (fault) {
    return { kind: "error", text: reasonOf(fault).split("\n")[0] ?? "prettier failed" };
  }
}

function report(
  diagnostics: readonly Diagnostic[],
  files: readonly string[],
  contents: ReadonlyMap<string, Buffer>,
  { cwd, stderr, colour }: Surroundings,
): void {
  if (diagnostics.length === 0) return;
  const texts = new Map(files.map((file) => [slashed(file), contents.get(file)]));
  const text = formatDiagnostics(diagnostics, {
    textOf: (file) => textOf(file, texts),
    nameOf: (file) => path.relative(cwd, file),
    palette: colour ? colours() : plainPalette,
  });
  const errors = diagnostics.filter(isError).length;
  const count = errors === 0 ? "" : `\n${errors} ${errors === 1 ? "error" : "errors"}.\n`;
  stderr(`${text}\n${count}`);
}

/** As the compiler reads it: without the byte order mark. Helpers may stand in files that are not inputs. */
function textOf(file: string, texts: ReadonlyMap<string, Buffer | undefined>): string | undefined {
  try {
    return (texts.get(file) ?? readFileSync(file)).toString("utf8").replace(/^\uFEFF/, "");
  } catch {
    return undefined;
  }
}

function colours(): Palette {
  const { red, yellow, blue, cyan, dim } = picocolors.createColors(true);
  return { error: red, warning: yellow, info: blue, place: cyan, dim };
}

/** Prints what differs; true if anything does. */
function check(outputs: readonly Output[], { cwd, stdout }: Surroundings): boolean {
  let stale = false;
  for (const { path: file, content } of outputs) {
    let before = "";
    let isThere = true;
    try {
      const bytes = readFileSync(file);
      if (bytes.equals(content)) continue;
      before = bytes.toString("utf8");
    } catch {
      isThere = false;
    }
    stale = true;
    const name = path.relative(cwd, file);
    stdout(
      createTwoFilesPatch(
        isThere ? name : "/dev/null",
        name,
        before,
        content.toString("utf8"),
        isThere ? "on disk" : "missing",
        "expected",
      ),
    );
  }
  return stale;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** Names in lines that a terminal shows whole. */
function listed(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > 90) lines.push(`  ${name}`);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return lines.join(",\n");
}

function summary(written: number, inputs: number, result: TransformResult, milliseconds: number): string {
  const derivatives = result.generated.filter(({ file }) => !result.refused.has(file)).length;
  const refused = inputs - written;
  const left = refused === 0 ? "" : `, ${plural(refused, "file")} refused`;
  return `${plural(derivatives, "derivative")} generated, ${plural(written, "file")} written${left}, in ${(milliseconds / 1000).toFixed(1)} s`;
}
