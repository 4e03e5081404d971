import path from "node:path";
import ts from "typescript";
import type { PackageSources } from "../syntax/implementations.js";
import { findPackageSources, isPackageScript, runningFile } from "./package-sources.js";

/** Where the program's files and settings come from. */
export interface EngineInput {
  readonly rootNames: readonly string[];
  readonly options: ts.CompilerOptions;
  readonly projectReferences?: readonly ts.ProjectReference[];
  readonly currentDirectory: string;
  /** A text that is known already (the user's compiler has read it); undefined: read from the disk. */
  readonly knownText?: (fileName: string) => string | undefined;
  readonly fileExists?: (fileName: string) => boolean;
  readonly readFile?: (fileName: string) => string | undefined;
  /** The folder of this package, for projects that have not installed it; null: as the project resolves it. */
  readonly packageRoot: string | null;
}

/** A program, and what stands behind the declarations of packages in it. */
export interface EngineProgram {
  readonly program: ts.Program;
  readonly packageSources: PackageSources;
}

/**
 * The program that the engine looks at, made with the engine's own TypeScript whatever the user's is: nodes and types
 * of the `tsc` executable lack the methods of the API, and later compilers have no API of this kind. It also holds the
 * JavaScript of packages, as far as files that may ask for derivatives import it.
 */
export function createEngineProgram(input: EngineInput): EngineProgram {
  // What concerns outputs is left out: nothing is emitted here.
  const given = withoutOutputs(input.options);
  const options: ts.CompilerOptions = { ...given, noEmit: true, ignoreDeprecations: "6.0" };
  const host = engineHost(input, options);
  const { projectReferences, rootNames } = input;
  const create = (roots: readonly string[], settings: ts.CompilerOptions): ts.Program =>
    ts.createProgram({
      rootNames: roots,
      options: settings,
      host,
      ...(projectReferences === undefined ? {} : { projectReferences }),
    });
  const program = create(rootNames, options);
  const packageSources = findPackageSources(program, host);
  if (packageSources.size === 0) return { program, packageSources };
  const roots = new Set([...rootNames, ...packageSources.values()]);
  return { program: create([...roots], { ...options, allowJs: true }), packageSources };
}

function engineHost(input: EngineInput, options: ts.CompilerOptions): ts.CompilerHost {
  const disk = ts.createCompilerHost(options);
  const { knownText, packageRoot } = input;
  const files = new Map<string, ts.SourceFile | undefined>();
  const read: ts.CompilerHost["getSourceFile"] = (fileName, languageVersion, onError, create) => {
    const text = knownText?.(fileName);
    if (text !== undefined) return ts.createSourceFile(fileName, text, languageVersion);
    return disk.getSourceFile(fileName, languageVersion, onError, create);
  };
  const host: ts.CompilerHost = {
    ...disk,
    getCurrentDirectory: () => input.currentDirectory,
    ...(input.fileExists === undefined ? {} : { fileExists: input.fileExists }),
    ...(input.readFile === undefined ? {} : { readFile: input.readFile }),
    getSourceFile: (fileName, ...rest) => {
      if (!files.has(fileName)) files.set(fileName, read(fileName, ...rest));
      return files.get(fileName);
    },
  };
  host.resolveModuleNameLiterals = (literals, containing, redirected, resolution, containingFile) =>
    literals.map((literal) => {
      const mode = ts.getModeForUsageLocation(containingFile, literal, resolution);
      const found = ts.resolveModuleName(literal.text, containing, resolution, host, undefined, redirected, mode);
      const { resolvedModule } = found;
      if (isPackageScript(containing) || isPackageScript(resolvedModule?.resolvedFileName ?? "")) {
        const running = runningFile(literal.text, containing, host, resolution);
        return running === null ? found : scriptAt(running);
      }
      if (resolvedModule !== undefined || packageRoot === null) return found;
      return ownModule(literal.text, packageRoot, host) ?? found;
    });
  return host;
}

/** As if it were the user's: the compiler leaves the JavaScript of others alone. */
function scriptAt(file: string): ts.ResolvedModuleWithFailedLookupLocations {
  const extension = path.extname(file);
  return { resolvedModule: { resolvedFileName: file, extension, isExternalLibraryImport: false } };
}

/** The declarations of this very package. */
function ownModule(
  name: string,
  root: string,
  host: ts.CompilerHost,
): ts.ResolvedModuleWithFailedLookupLocations | null {
  const entry = /^enzyme-ts(?:\/(tape|shadow))?$/.exec(name);
  if (entry === null) return null;
  const file = entry[1] ?? "index";
  for (const [resolved, extension] of [
    [path.join(root, `dist/esm/src/${file}.d.ts`), ts.Extension.Dts],
    [path.join(root, `src/${file}.ts`), ts.Extension.Ts],
  ] as const) {
    if (host.fileExists(resolved)) {
      return { resolvedModule: { resolvedFileName: resolved, extension, isExternalLibraryImport: true } };
    }
  }
  return null;
}

function withoutOutputs(options: ts.CompilerOptions): ts.CompilerOptions {
  const outputs = new Set(["plugins", "incremental", "composite", "tsBuildInfoFile", "emitDeclarationOnly"]);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !outputs.has(name)));
}
