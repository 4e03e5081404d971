/** The JavaScript that packages run: what an import means at run time, whatever declarations stand beside it. */
import path from "node:path";
import ts from "typescript";
import { isJavaScript } from "../syntax/javascript.js";
import type { PackageSources } from "../syntax/implementations.js";

/** Larger files are left alone: compilers and bundles of applications, which hold nothing to differentiate. */
const largest = 4_000_000;

/** A file that a package runs. */
export const isPackageScript = (file: string): boolean =>
  file.includes("/node_modules/") && isJavaScript(file) && !file.includes("/node_modules/enzyme-ts/");

/**
 * The file that runs for an import: TypeScript or JavaScript, never a declaration.
 *
 *   "gl-matrix"   =>   node_modules/gl-matrix/esm/index.js      (`exports`, then `module`, then `main`)
 */
export function runningFile(
  specifier: string,
  from: string,
  host: ts.ModuleResolutionHost,
  options: ts.CompilerOptions,
): string | null {
  const resolution: ts.CompilerOptions = {
    allowJs: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ["module", ...(options.customConditions ?? [])],
    // Declarations are passed over.
    noDtsResolution: true,
  };
  const found = ts.resolveModuleName(specifier, from, resolution, host).resolvedModule;
  if (found === undefined) return null;
  const file = moduleField(specifier, found, host) ?? found.resolvedFileName;
  return !/\.[cm]?[tj]sx?$/.test(file) || (host.readFile(file)?.length ?? 0) > largest ? null : file;
}

/**
 * What `module` in package.json names: the same as `main`, with imports that can be followed. A folder of a package may
 * have such a file of its own: `gl-matrix/vec3`.
 */
function moduleField(specifier: string, found: ts.ResolvedModuleFull, host: ts.ModuleResolutionHost): string | null {
  const file = found.resolvedFileName;
  const at = file.lastIndexOf("/node_modules/") + "/node_modules/".length;
  if (specifier.startsWith(".") || at < "/node_modules/".length) return null;
  const folder = `${file.slice(0, at)}${specifier}/`;
  const manifest: unknown = parse(host.readFile(`${folder}package.json`));
  if (typeof manifest !== "object" || manifest === null || "exports" in manifest || !("module" in manifest))
    return null;
  if (typeof manifest.module !== "string") return null;
  const named = path.posix.join(folder, manifest.module);
  return host.fileExists(named) ? named : null;
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

/**
 * What the files of the user's that may ask for derivatives, and those that these import, take from packages: from the
 * declarations that TypeScript reads to the files that run.
 */
export function findPackageSources(program: ts.Program, host: ts.ModuleResolutionHost): PackageSources {
  const checker = program.getTypeChecker();
  const options = program.getCompilerOptions();
  const sources = new Map<string, string>();
  const isUsers = (file: ts.SourceFile): boolean =>
    !file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file) && !isPackageScript(file.fileName);
  const pending = program.getSourceFiles().filter((file) => isUsers(file) && file.text.includes("enzyme"));
  const seen = new Set(pending);
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    for (const specifier of specifiersOf(file)) {
      const module = checker.getSymbolAtLocation(specifier);
      const target = module?.declarations?.find(ts.isSourceFile);
      if (target !== undefined && isUsers(target)) {
        if (!seen.has(target)) pending.push(target);
        seen.add(target);
        continue;
      }
      if (/^enzyme-ts(\/|$)/.test(specifier.text)) continue;
      const source = runningFile(specifier.text, file.fileName, host, options);
      if (source !== null && source !== target?.fileName)
        sources.set(target?.fileName ?? module?.name ?? source, source);
    }
  }
  return sources;
}

/** The modules that a file imports, re-exports and requires. */
function specifiersOf(file: ts.SourceFile): readonly ts.StringLiteral[] {
  const found: ts.StringLiteral[] = [];
  const add = (node: ts.Node | undefined): void => {
    if (node !== undefined && ts.isStringLiteral(node)) found.push(node);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "require") {
      add(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
