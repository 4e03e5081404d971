import { existsSync, statSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

export interface Project {
  readonly options: ts.CompilerOptions;
  /** Declaration files of the project: types that the inputs may use without importing them. */
  readonly declarations: readonly string[];
}

export type ProjectOrError =
  { readonly kind: "project"; readonly project: Project } | { readonly kind: "error"; readonly text: string };

/** Without a tsconfig.json: what a modern project would say. */
const plainOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  types: [],
};

/** Reads the tsconfig.json that is named, or else the nearest one; a folder stands for the file in it. */
export function readProject(named: string | undefined, cwd: string): ProjectOrError {
  const file =
    named === undefined
      ? ts.findConfigFile(cwd, (name) => ts.sys.fileExists(name))
      : configFile(path.resolve(cwd, named));
  if (file === undefined) return { kind: "project", project: { options: plainOptions, declarations: [] } };
  if (!existsSync(file)) return { kind: "error", text: `there is no ${named ?? file}` };
  const read = ts.readConfigFile(file, (name) => ts.sys.readFile(name));
  const config: unknown = read.config;
  const { error } = read;
  if (error !== undefined) return { kind: "error", text: `${named ?? file}: ${flatten(error)}` };
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, path.dirname(file), undefined, file);
  // A project without inputs of its own is no fault here: the inputs are given.
  const errors = parsed.errors.filter((one) => one.category === ts.DiagnosticCategory.Error && one.code !== 18003);
  const [first] = errors;
  if (first !== undefined) return { kind: "error", text: `${named ?? file}: ${errors.map(flatten).join("; ")}` };
  const declarations = parsed.fileNames.filter((name) => /\.d\.[cm]?ts$/.test(name));
  return { kind: "project", project: { options: parsed.options, declarations } };
}

function configFile(named: string): string {
  return existsSync(named) && statSync(named).isDirectory() ? path.join(named, "tsconfig.json") : named;
}

function flatten(diagnostic: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
}
