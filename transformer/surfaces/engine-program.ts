import path from "node:path";
import ts from "typescript";

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

/**
 * The program that the engine looks at, made with the engine's own TypeScript whatever the user's is: nodes and types
 * of the `tsc` executable lack the methods of the API, and later compilers have no API of this kind.
 */
export function createEngineProgram(input: EngineInput): ts.Program {
  // What concerns outputs is left out: nothing is emitted here.
  const given = withoutOutputs(input.options);
  const options: ts.CompilerOptions = { ...given, noEmit: true, ignoreDeprecations: "6.0" };
  const disk = ts.createCompilerHost(options);
  const { knownText } = input;
  const host: ts.CompilerHost = {
    ...disk,
    getCurrentDirectory: () => input.currentDirectory,
    ...(input.fileExists === undefined ? {} : { fileExists: input.fileExists }),
    ...(input.readFile === undefined ? {} : { readFile: input.readFile }),
    getSourceFile: (fileName, languageVersion, onError, create) => {
      const text = knownText?.(fileName);
      if (text !== undefined) return ts.createSourceFile(fileName, text, languageVersion);
      return disk.getSourceFile(fileName, languageVersion, onError, create);
    },
  };
  const { packageRoot } = input;
  if (packageRoot !== null) {
    host.resolveModuleNameLiterals = (literals, containing, redirected, resolution, containingFile) =>
      literals.map((literal) => {
        const mode = ts.getModeForUsageLocation(containingFile, literal, resolution);
        const found = ts.resolveModuleName(literal.text, containing, resolution, host, undefined, redirected, mode);
        return found.resolvedModule === undefined ? (ownModule(literal.text, packageRoot, host) ?? found) : found;
      });
  }
  const { projectReferences } = input;
  return ts.createProgram({
    rootNames: input.rootNames,
    options,
    host,
    ...(projectReferences === undefined ? {} : { projectReferences }),
  });
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
