import { createHash, randomUUID } from "node:crypto";
import type ts from "typescript";
import type { Compilation } from "../compilation.js";
import type { DeriveFunctions } from "../derivative-request.js";
import { isError, type Diagnostic } from "../diagnostics/diagnostic.js";
import { formatDiagnostics } from "../diagnostics/format.js";
import { transformProgramWith, type TransformedFile, type TransformResult } from "../index.js";
import { parseMemory } from "../memory-size.js";
import { deriveFunctions } from "../pipeline.js";
import { composeOutput } from "./compose-maps.js";
import { createEngineProgram, type EngineProgram } from "./engine-program.js";
import { toTsDiagnostic } from "./to-ts-diagnostic.js";

/** What ts-patch hands over beside the program. */
interface Extras {
  /** The compiler that runs: the one that tsc is. */
  readonly ts: typeof ts;
  readonly addDiagnostic?: (diagnostic: ts.Diagnostic) => number;
}

type ProgramTransformer = (
  program: ts.Program,
  host: ts.CompilerHost | undefined,
  config: unknown,
  extras: Extras,
) => ts.Program;

/** Methods of a program that are not in its public type; the incremental builder asks the first. */
interface InternalProgram extends ts.Program {
  getBindAndCheckDiagnostics?: (file: ts.SourceFile, token?: ts.CancellationToken) => readonly ts.Diagnostic[];
}

/** Fields of a source file that the incremental builder and the deduplication of packages need. */
interface InternalSourceFile extends ts.SourceFile {
  version?: string;
  readonly redirectInfo?: { readonly unredirected: ts.SourceFile };
}

/** What a transformer of single files gives; ts-patch takes this plugin for one without `"transformProgram": true`. */
type FileTransformer = (context: unknown) => (file: ts.SourceFile) => ts.SourceFile;

/**
 * The Program transformer for ts-patch: what `"transform": "enzyme-ts/tsc-plugin", "transformProgram": true` loads.
 *
 * The user's program is read by the engine's own TypeScript, and made again by theirs with the edited texts in place of
 * the files on disk: so the generated code is type-checked, declared and emitted like everything else. Diagnostics and
 * source maps are led back to the user's text.
 */
function plugin(program: ts.Program, host: ts.CompilerHost | undefined, config: unknown, extras: Extras): ts.Program;
function plugin(program: ts.Program, config: unknown, extras: Extras): FileTransformer;
function plugin(
  program: ts.Program,
  ...rest: [host: ts.CompilerHost | undefined, config: unknown, extras: Extras] | [config: unknown, extras: Extras]
): ts.Program | FileTransformer {
  if (rest.length === 3) return pluginWith(deriveFunctions)(program, ...rest);
  const [, extras] = rest;
  const wrongly: Diagnostic = { code: "EZ1027", span: null, details: {}, notes: [] };
  extras.addDiagnostic?.(toTsDiagnostic(wrongly, () => undefined, extras.ts.DiagnosticCategory));
  return () => (file) => file;
}
export default plugin;

/** The same, with the road from requests to texts given: for tests of the surface alone. */
export function pluginWith(derive: DeriveFunctions<Compilation>): ProgramTransformer {
  return (program, host, config, { ts: compiler }) => {
    if (!mayAskForDerivatives(program)) return program;
    const realHost = host ?? compiler.createCompilerHost(program.getCompilerOptions());
    const engine = engineProgramOf(program, realHost, compiler);
    const own = program.getSourceFiles().filter((file) => !program.isSourceFileFromExternalLibrary(file));
    const outputs = new Set(own.map(({ fileName }) => fileName));
    const { packageSources } = engine;
    const said = memoryIn(config);
    const memory = parseMemory(said);
    const result = transformProgramWith(derive, engine.program, { outputs, packageSources, memory });
    printRemarks(result.diagnostics, program);
    // The compiler reports syntax and type errors itself.
    const errors = result.diagnostics.filter((one) => isError(one) && one.code !== "EZ1019" && one.code !== "EZ1025");
    if (said !== undefined && memory === null)
      errors.push({ code: "EZ1028", span: null, details: { what: JSON.stringify(said) }, notes: [] });
    if (result.files.size === 0 && errors.length === 0) return program;
    return remakeProgram(program, realHost, compiler, result, errors);
  };
}

/** `"memory": "64 MB"` beside `"transform"` in tsconfig.json. */
const memoryIn = (config: unknown): unknown =>
  typeof config === "object" && config !== null && "memory" in config ? config.memory : undefined;

/** Every way to ask, renamed or not, has the word somewhere. */
function mayAskForDerivatives(program: ts.Program): boolean {
  return program
    .getSourceFiles()
    .some(
      (file) =>
        !file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file) && file.text.includes("enzyme"),
    );
}

function engineProgramOf(program: ts.Program, host: ts.CompilerHost, compiler: typeof ts): EngineProgram {
  const options = { ...program.getCompilerOptions() };
  // TypeScript 6 changed two defaults; the user's compiler decides.
  const isOld = Number(compiler.version.split(".")[0]) < 6;
  options.strict ??= !isOld;
  if (isOld) options.types ??= ["*"];
  const references = program.getProjectReferences();
  return createEngineProgram({
    rootNames: program.getRootFileNames(),
    options,
    ...(references === undefined ? {} : { projectReferences: references }),
    currentDirectory: program.getCurrentDirectory(),
    knownText: (fileName) => {
      const file = program.getSourceFile(fileName);
      // The engine brings the library files of its own version.
      return file === undefined || program.isSourceFileDefaultLibrary(file) ? undefined : file.text;
    },
    fileExists: (fileName) => host.fileExists(fileName),
    readFile: (fileName) => host.readFile(fileName),
    packageRoot: null,
  });
}

/** Warnings and remarks must not fail a build, as every diagnostic of a program does: they go to the error stream. */
function printRemarks(diagnostics: readonly Diagnostic[], program: ts.Program): void {
  const remarks = diagnostics.filter((diagnostic) => !isError(diagnostic));
  if (remarks.length === 0) return;
  const root = `${program.getCurrentDirectory()}/`;
  const text = formatDiagnostics(remarks, {
    textOf: (file) => program.getSourceFile(file)?.text,
    nameOf: (file) => (file.startsWith(root) ? file.slice(root.length) : file),
  });
  process.stderr.write(`${text}\n`);
}

/** One file of the new program that differs from the old one's. */
interface Changed {
  readonly text: string;
  /** null: the text is the user's; only its version differs. */
  readonly edit: TransformedFile | null;
  file: InternalSourceFile | null;
}

function remakeProgram(
  program: ts.Program,
  host: ts.CompilerHost,
  compiler: typeof ts,
  result: TransformResult,
  errors: readonly Diagnostic[],
): ts.Program {
  const options = program.getCompilerOptions();
  const changed = changedFiles(program, result, errors);
  const overlay = overlayHost(program, host, compiler, changed);
  const references = program.getProjectReferences();
  const remade: InternalProgram = compiler.createProgram({
    rootNames: program.getRootFileNames(),
    options,
    host: overlay,
    oldProgram: program,
    configFileParsingDiagnostics: program.getConfigFileParsingDiagnostics(),
    ...(references === undefined ? {} : { projectReferences: references }),
  });
  leadBackDiagnostics(remade, program, compiler, changed, result, errors);
  leadBackMaps(remade, changed);
  if (options.incremental === true || options.composite === true) refreshFailing(remade, changed, options);
  return remade;
}

function changedFiles(
  program: ts.Program,
  result: TransformResult,
  errors: readonly Diagnostic[],
): Map<string, Changed> {
  const changed = new Map<string, Changed>();
  for (const [name, edit] of result.files) changed.set(name, { text: edit.text, edit, file: null });
  for (const { span } of errors) {
    const file = span === null ? undefined : program.getSourceFile(span.file);
    if (file !== undefined && !changed.has(file.fileName)) {
      changed.set(file.fileName, { text: file.text, edit: null, file: null });
    }
  }
  return changed;
}

/** The host of the new program: edited texts where there are some, the old program's own files everywhere else. */
function overlayHost(
  program: ts.Program,
  host: ts.CompilerHost,
  compiler: typeof ts,
  changed: ReadonlyMap<string, Changed>,
): ts.CompilerHost {
  function find(name: string, version: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
    const known: InternalSourceFile | undefined = program.getSourceFile(name);
    const change = changed.get(known?.fileName ?? name);
    if (change === undefined) return known?.redirectInfo?.unredirected ?? known;
    if (change.file === null) {
      change.file = compiler.createSourceFile(known?.fileName ?? name, change.text, version);
      change.file.version = createHash("sha256").update(change.text).digest("hex");
    }
    return change.file;
  }
  const writeFile: ts.WriteFileCallback = (name, text, ...rest) => {
    host.writeFile(name, composeOutput(name, text, editMapsOf(changed)), ...rest);
  };
  const overlay: Partial<ts.CompilerHost> & Record<string, unknown> = {
    writeFile,
    getSourceFile: (name, version, onError, create) =>
      find(name, version) ?? host.getSourceFile(name, version, onError, create),
    // Watching hosts are asked by path: without this, changed files come untransformed.
    getSourceFileByPath: (name, path, version, onError, create) =>
      find(name, version) ??
      host.getSourceFileByPath?.(name, path, version, onError, create) ??
      host.getSourceFile(name, version, onError, create),
    // The old program's files are still in use: a watching host would stop watching them.
    onReleaseOldSourceFile: undefined,
    onReleaseParsedCommandLine: undefined,
  };
  return Object.assign(Object.create(host) as ts.CompilerHost, overlay);
}

function editMapsOf(changed: ReadonlyMap<string, Changed>) {
  return (fileName: string) => changed.get(fileName)?.edit?.map;
}

// ---- Diagnostics ---------------------------------------------------------------------------------------------------

/** "declared but never used", in its several forms. */
const unusedCodes = new Set([6133, 6138, 6192, 6196, 6198, 6199, 6205]);

/**
 * Lets the new program speak of the user's text: places are led back, errors in generated code become ours, and ours
 * are added. Not only the public method is replaced: the incremental builder asks an internal one.
 */
function leadBackDiagnostics(
  remade: InternalProgram,
  program: ts.Program,
  compiler: typeof ts,
  changed: ReadonlyMap<string, Changed>,
  result: TransformResult,
  errors: readonly Diagnostic[],
): void {
  const categories = compiler.DiagnosticCategory;
  const originalFile = (name: string): ts.SourceFile | undefined => program.getSourceFile(name);
  const own = errors.map((diagnostic) => toTsDiagnostic(diagnostic, originalFile, categories));
  const ownOf = (file: ts.SourceFile | undefined): readonly ts.Diagnostic[] =>
    file === undefined ? own : own.filter((diagnostic) => diagnostic.file?.fileName === file.fileName);

  function leadBack<D extends ts.DiagnosticRelatedInformation>(diagnostic: D): D | null {
    const { file, start } = diagnostic;
    const change = file === undefined ? undefined : changed.get(file.fileName);
    if (file === undefined || start === undefined || change === undefined || change.file !== file) return diagnostic;
    const original = program.getSourceFile(file.fileName);
    const place = change.edit === null ? start : change.edit.originalOffset(start);
    if (place === null) return null;
    const last = start + Math.max(1, diagnostic.length ?? 1) - 1;
    const end = change.edit === null ? last : change.edit.originalOffset(last);
    return { ...diagnostic, file: original, start: place, length: Math.max(1, (end ?? place) - place + 1) };
  }

  function lead(diagnostics: readonly ts.Diagnostic[]): ts.Diagnostic[] {
    return diagnostics.flatMap((diagnostic) => {
      const led = leadBack(diagnostic);
      if (led === null) return unusedCodes.has(diagnostic.code) ? [] : [faultOf(diagnostic)];
      if (led !== diagnostic && unusedCodes.has(diagnostic.code) && !wasUnused(led)) return [];
      const { relatedInformation } = led;
      if (relatedInformation === undefined) return [led];
      const related = relatedInformation.flatMap((one) => leadBack(one) ?? []);
      return [{ ...led, relatedInformation: related }];
    });
  }

  /** Unused before the edit as well? A primal that only the macro named is used in the user's eyes. */
  function wasUnused(diagnostic: ts.Diagnostic): boolean {
    return program
      .getSemanticDiagnostics(diagnostic.file)
      .some((one) => one.code === diagnostic.code && one.start === diagnostic.start);
  }

  /** An error in generated code is ours, reported at the primal. */
  function faultOf(diagnostic: ts.Diagnostic): ts.Diagnostic {
    const name = diagnostic.file?.fileName;
    const offset = diagnostic.start ?? 0;
    const inFile = result.generated.filter((generated) => generated.file === name);
    const culprit =
      inFile.find(({ text }) => {
        const at = diagnostic.file?.text.indexOf(text.trim()) ?? -1;
        return at >= 0 && offset >= at && offset < at + text.length;
      }) ?? inFile[0];
    const text = compiler.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    const fault: Diagnostic = {
      code: "EZ9002",
      span: culprit?.request.primal.nameSpan ?? null,
      details: { name: culprit?.name ?? "a derivative", text: `TS${diagnostic.code} ${text}` },
      notes: [],
    };
    return toTsDiagnostic(fault, originalFile, categories);
  }

  /** The user's errors and ours; what the types of the macro say already is not said twice. */
  function both(theirs: readonly ts.Diagnostic[], file: ts.SourceFile | undefined): ts.Diagnostic[] {
    const led = lead(theirs);
    return [...led, ...ownOf(file).filter((one) => !led.some((other) => covers(other, one)))];
  }

  const semantic = remade.getSemanticDiagnostics.bind(remade);
  remade.getSemanticDiagnostics = (file, token) => both(semantic(file, token), file);
  const bindAndCheck = remade.getBindAndCheckDiagnostics?.bind(remade);
  if (bindAndCheck !== undefined) {
    remade.getBindAndCheckDiagnostics = (file, token) => both(bindAndCheck(file, token), file);
  }
  const declaration = remade.getDeclarationDiagnostics.bind(remade);
  remade.getDeclarationDiagnostics = (file, token) =>
    lead(declaration(file, token)).filter((one): one is ts.DiagnosticWithLocation => one.file !== undefined);
  const emit = remade.emit.bind(remade);
  remade.emit = (...args) => {
    const emitted = emit(...args);
    return { ...emitted, diagnostics: lead(emitted.diagnostics) };
  };
}

/** Does a type error at an argument of the macro stand around a place that we refuse for the same reason? */
function covers(theirs: ts.Diagnostic, own: ts.Diagnostic): boolean {
  if (theirs.code !== wrongArgument || theirs.file?.fileName !== own.file?.fileName) return false;
  const [from, at] = [theirs.start ?? 0, own.start ?? 0];
  return from <= at && at + (own.length ?? 0) <= from + (theirs.length ?? 0);
}

/** "Argument of type ... is not assignable to parameter of type ...". */
const wrongArgument = 2345;

/** Source maps that are written through a callback of the builder's. */
function leadBackMaps(remade: ts.Program, changed: ReadonlyMap<string, Changed>): void {
  const emit = remade.emit.bind(remade);
  remade.emit = (target, writeFile, ...rest) => {
    if (writeFile === undefined) return emit(target, undefined, ...rest);
    const composing: ts.WriteFileCallback = (name, text, ...others) => {
      writeFile(name, composeOutput(name, text, editMapsOf(changed)), ...others);
    };
    return emit(target, composing, ...rest);
  };
}

/**
 * The incremental builder keeps diagnostics as offsets, and would lay them over the edited text in the next run: a
 * version that never comes again makes it look at failing files anew.
 */
function refreshFailing(remade: ts.Program, changed: ReadonlyMap<string, Changed>, options: ts.CompilerOptions): void {
  for (const { file } of changed.values()) {
    if (file === null) continue;
    const fails = options.noCheck === true || remade.getSemanticDiagnostics(file).length > 0;
    if (fails) file.version = `${file.version ?? ""}-${randomUUID()}`;
  }
}
