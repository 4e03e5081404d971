/** Programs whose entries call functions of npm packages as these were published: their JavaScript is read as it stands. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { compileFunction } from "node:vm";
import ts from "typescript";
import { baseOptions, inRoot } from "../support/program.js";
import type { Module } from "../support/load-module.js";

const options: ts.CompilerOptions = {
  ...baseOptions,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowJs: true,
  checkJs: false,
  strict: true,
};

const extensions: Readonly<Record<string, ts.Extension>> = {
  ".ts": ts.Extension.Ts,
  ".js": ts.Extension.Js,
  ".mjs": ts.Extension.Mjs,
  ".cjs": ts.Extension.Cjs,
};

/** The source that a specifier means: `d3-ease/dist/d3-ease.mjs` names the file itself, whatever types stand beside it. */
function sourceOf(specifier: string, from: string): string | null {
  const own = /^enzyme-ts(?:\/(\w+))?$/.exec(specifier);
  if (own !== null) return inRoot(`src/${own[1] ?? "index"}.ts`);
  const plain = specifier.startsWith(".")
    ? path.resolve(path.dirname(from), specifier)
    : inRoot(`node_modules/${specifier}`);
  const candidates = [
    plain,
    `${plain}.js`,
    plain.replace(/\.js$/, ".ts"),
    `${plain}/index.js`,
    `${plain}/src/index.js`,
    `${plain}/lib/index.js`,
    `${plain}/dist/${specifier}.mjs`,
  ];
  return candidates.find((one) => existsSync(one) && path.extname(one) in extensions) ?? null;
}

export function packageProgram(entries: ReadonlyMap<string, string>): ts.Program {
  const host = ts.createCompilerHost(options);
  const readFile = (name: string): string | undefined => entries.get(name) ?? ts.sys.readFile(name);
  return ts.createProgram({
    rootNames: [...entries.keys()],
    options,
    host: {
      ...host,
      readFile,
      fileExists: (name) => entries.has(name) || ts.sys.fileExists(name),
      getSourceFile: (name, languageVersion) => {
        const text = readFile(name);
        return text === undefined ? undefined : ts.createSourceFile(name, text, languageVersion, true);
      },
      resolveModuleNameLiterals: (literals, containing) =>
        literals.map(({ text }) => {
          const found = sourceOf(text, containing);
          if (found === null) return { resolvedModule: undefined };
          const extension = extensions[path.extname(found)] ?? ts.Extension.Js;
          return { resolvedModule: { resolvedFileName: found, extension, isExternalLibraryImport: false } };
        }),
    },
  });
}

/** Runs an entry (or what became of it) with the packages it imports. */
export class PackageLoader {
  private readonly modules = new Map<string, { exports: Module }>();

  constructor(private readonly entries: ReadonlyMap<string, string>) {}

  load(file: string): Module {
    const known = this.modules.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.modules.set(file, module);
    const text = this.entries.get(file) ?? readFileSync(file, "utf8");
    const { outputText } = ts.transpileModule(text, {
      fileName: path.basename(file).replace(/\.mjs$/, ".js"),
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true },
    });
    const run: unknown = compileFunction(outputText, ["require", "module", "exports"], { filename: file });
    if (typeof run !== "function") throw new Error(`${file} cannot be run`);
    const require = (name: string): unknown => {
      const found = sourceOf(name, file);
      if (found === null) throw new Error(`${file} imports ${name}, which has no source`);
      return this.load(found);
    };
    Reflect.apply(run, undefined, [require, module, module.exports]);
    return module.exports;
  }
}
