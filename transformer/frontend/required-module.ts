/** Modules of CommonJS: what `require` leads to, and what a file exports. */
import ts from "typescript";
import { isCommonJs, isExports } from "../syntax/javascript.js";
import { unwrapped } from "./assigned-symbols.js";
import { isAtTop } from "./run-once.js";
import type { LoweringSession } from "./session.js";

/** Helpers of compilers, which hand a module on as it is, or as the default of another object. */
const interop = /^_*(interopRequire(Default|Wildcard)|importDefault|importStar|toESM)\d*$/;

/** The file that `require("m")` runs, also inside of the helpers of compilers. */
export function requiredFile(session: LoweringSession, node: ts.CallExpression): ts.SourceFile | null {
  if (!ts.isIdentifier(node.expression)) return null;
  const [argument] = node.arguments;
  if (argument === undefined) return null;
  if (node.expression.text === "require" && ts.isStringLiteralLike(argument)) return fileAt(session, argument);
  if (!interop.test(node.expression.text) || !ts.isCallExpression(argument)) return null;
  const file = requiredFile(session, argument);
  // The default of a module that is none of today's is the module as a whole: left alone.
  return file !== null && (ts.isExternalModule(file) || /__esModule/.test(file.text)) ? file : null;
}

export function fileAt(session: LoweringSession, specifier: ts.StringLiteralLike): ts.SourceFile | null {
  const file = session.checker.getSymbolAtLocation(specifier)?.declarations?.find(ts.isSourceFile);
  if (file !== undefined) return runningFile(session, file);
  // The checker knows no symbol of a file that exports nothing by name.
  const mode = session.program.getModeForUsageLocation(specifier.getSourceFile(), specifier);
  const resolve = (session.program as ResolvingProgram).getResolvedModule;
  const name = resolve?.(specifier.getSourceFile(), specifier.text, mode)?.resolvedModule?.resolvedFileName;
  const found = name === undefined ? undefined : session.program.getSourceFile(name);
  return found === undefined ? null : runningFile(session, found);
}

/** What the compiler keeps of the imports that it has resolved. */
interface ResolvingProgram extends ts.Program {
  readonly getResolvedModule?: (
    file: ts.SourceFile,
    name: string,
    mode: ts.ResolutionMode,
  ) => { readonly resolvedModule?: { readonly resolvedFileName: string } | undefined } | undefined;
}

/** What runs instead of the declarations of a package. */
function runningFile({ program, compilation }: LoweringSession, file: ts.SourceFile): ts.SourceFile | null {
  if (!file.isDeclarationFile) return file;
  const source = compilation.options.packageSources.get(file.fileName);
  return source === undefined ? null : (program.getSourceFile(source) ?? null);
}

/**
 * Is what `import lib from "lib"` gives the whole of what a module of CommonJS exports? In Node it is, whatever that says
 * of itself; bundlers take its `default`.
 */
export function takesWhole(program: ts.Program, importer: ts.SourceFile): boolean {
  const { module } = program.getCompilerOptions();
  const isNode = module !== undefined && module >= ts.ModuleKind.Node16 && module <= ts.ModuleKind.NodeNext;
  return isNode && importer.impliedNodeFormat === ts.ModuleKind.ESNext;
}

/** What a file exports as a whole: an expression, names, or (null) nothing that is settled. */
export function exportedModule(session: LoweringSession, file: ts.SourceFile): ts.Expression | "names" | null {
  if (!isCommonJs(file)) return "names";
  const given: ts.BinaryExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const left = unwrapped(node.left);
      if (isExports(left) && ts.isPropertyAccessExpression(left)) given.push(node);
    }
    ts.forEachChild(node, visit);
  };
  if (file.text.includes("module.exports")) visit(file);
  const settled = given.filter((one) => isAtTop(session, one));
  const [only] = settled;
  if (settled.length > 1) return null;
  return only?.right ?? "names";
}

/** `Object.defineProperty(exports, "x", { get: () => value })`: the value. */
export function getterOf(call: ts.CallExpression): ts.Expression | null {
  const [target, , descriptor] = call.arguments;
  if (target === undefined || !isExports(target) || descriptor === undefined) return null;
  if (!ts.isObjectLiteralExpression(descriptor)) return null;
  for (const property of descriptor.properties) {
    const isFunction = ts.isPropertyAssignment(property) && property.name.getText() === "get";
    const fn = isFunction ? unwrapped(property.initializer) : property;
    if (property.name?.getText() !== "get" || !(ts.isFunctionExpression(fn) || ts.isMethodDeclaration(fn))) continue;
    const [only] = fn.body?.statements ?? [];
    if (only !== undefined && ts.isReturnStatement(only)) return only.expression ?? null;
  }
  return null;
}
