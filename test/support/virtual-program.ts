import { fileURLToPath } from "node:url";
import ts from "typescript";

/** What this package's entries are in this repository. */
const entries: ReadonlyMap<string, string> = new Map(
  [
    ["enzyme-ts", "index"] as const,
    ["enzyme-ts/tape", "tape"] as const,
    ["enzyme-ts/shadow", "shadow"] as const,
    ["enzyme-ts/sparse", "sparse"] as const,
  ].map(([name, file]) => [name, fileURLToPath(new URL(`../../src/${file}.ts`, import.meta.url))]),
);

export interface VirtualOptions extends ts.CompilerOptions {
  /** How much of documentation comments the parser looks at. */
  readonly parsing?: ts.JSDocParsingMode;
}

const libraries = new Map<string, ts.SourceFile | undefined>();

/** A program of files in memory, named from `/`, of which those in node_modules are no inputs; `enzyme-ts` is this repository's `src/index.ts`. */
export function virtualProgram(files: Readonly<Record<string, string>>, options: VirtualOptions = {}): ts.Program {
  const { parsing, ...given } = options;
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    noEmit: true,
    types: [],
    ...given,
  };
  const disk = ts.createCompilerHost(compilerOptions);
  const textOf = (name: string): string | undefined => files[name.replace(/^\//, "")];
  const host: ts.CompilerHost = {
    ...disk,
    getCurrentDirectory: () => "/",
    fileExists: (name) => textOf(name) !== undefined || disk.fileExists(name),
    readFile: (name) => textOf(name) ?? disk.readFile(name),
    directoryExists: () => true,
    getSourceFile: (name, languageVersion) => {
      const text = textOf(name);
      if (text !== undefined) {
        const version = typeof languageVersion === "object" ? languageVersion : { languageVersion };
        return ts.createSourceFile(
          name,
          text,
          parsing === undefined ? version : { ...version, jsDocParsingMode: parsing },
          true,
        );
      }
      if (!libraries.has(name)) libraries.set(name, disk.getSourceFile(name, languageVersion));
      return libraries.get(name);
    },
    resolveModuleNameLiterals: (literals, containing, _redirect, resolution) =>
      literals.map(({ text }) => {
        const own = entries.get(text);
        if (own === undefined) return ts.resolveModuleName(text, containing, resolution, host);
        return { resolvedModule: { resolvedFileName: own, extension: ts.Extension.Ts, isExternalLibraryImport: true } };
      }),
  };
  const rootNames = Object.keys(files).filter((name) => !name.startsWith("node_modules/"));
  return ts.createProgram({ rootNames: rootNames.map((name) => `/${name}`), options: compilerOptions, host });
}
