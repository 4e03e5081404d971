/** Runs TypeScript text in this process: each file becomes a CommonJS module, imports are followed in `files` and on disk. */
import { readFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { compileFunction } from "node:vm";
import ts from "typescript";
import { inRoot } from "./program.js";

export type Module = Readonly<Record<string, unknown>>;

/** Modules by absolute name of their `.ts` file; one instance of each. */
export class ModuleLoader {
  private readonly modules = new Map<string, { readonly exports: Module }>();

  constructor(private readonly files: ReadonlyMap<string, string>) {}

  load(fileName: string): Module {
    const known = this.modules.get(fileName);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.modules.set(fileName, module);
    const text = this.files.get(fileName) ?? readFileSync(fileName, "utf8");
    const run = compile(fileName, transpile(fileName, text));
    Reflect.apply(run, undefined, [(name: string) => this.require(name, fileName), module, module.exports]);
    return module.exports;
  }

  private require(name: string, from: string): unknown {
    const own = /^enzyme-ts(?:\/(\w+))?$/.exec(name);
    if (own !== null) return this.load(inRoot(`src/${own[1] ?? "index"}.ts`));
    const inPackage = `/node_modules/${name}/index.ts`;
    if (this.files.has(inPackage)) return this.load(inPackage);
    if (!name.startsWith(".")) return createRequire(from)(name);
    const plain = path.resolve(path.dirname(from), name);
    const candidates = [plain.replace(/\.(m|c)?js$/, ".$1ts"), plain, `${plain}.ts`, path.join(plain, "index.ts")];
    const found = candidates.find((one) => this.files.has(one) || existsSync(one));
    if (found === undefined) throw new Error(`${from} imports ${name}, which does not exist`);
    return this.load(found);
  }
}

function compile(filename: string, code: string): (...args: never[]) => unknown {
  try {
    const run: unknown = compileFunction(code, ["require", "module", "exports"], { filename });
    if (typeof run === "function") return (...args) => Reflect.apply(run, undefined, args) as unknown;
  } catch (error) {
    throw new Error(`${String(error)} in\n${code}`);
  }
  throw new Error(`${filename} cannot be run`);
}

const transpiled = new Map<string, string>();

function transpile(fileName: string, text: string): string {
  const known = transpiled.get(text);
  if (known !== undefined) return known;
  const { outputText } = ts.transpileModule(text, {
    fileName: path.basename(fileName),
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      verbatimModuleSyntax: false,
    },
  });
  transpiled.set(text, outputText);
  return outputText;
}
