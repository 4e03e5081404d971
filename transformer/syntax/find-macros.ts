import ts from "typescript";
import type { Compilation } from "../compilation.js";
import {
  canBeSparse,
  hasWidth,
  isMode,
  modes,
  mostWidth,
  type Primal,
  type RequestMode,
  type Step,
} from "../derivative-request.js";
import type { SourceSpan } from "../diagnostics/diagnostic.js";
import { bareExpression } from "./bare-expression.js";
import type { Implementations } from "./implementations.js";
import { innerMacro, isMacro } from "./macro.js";
import { primalOfExpression, type NoPrimal } from "./primal.js";
import { spanOf } from "./span.js";
import { symbolOf } from "./symbol-of.js";

/** A call of the macro. */
export interface MacroCall extends Step {
  readonly call: ts.CallExpression;
  readonly primal: Primal;
  /** The macros whose answer is differentiated here, innermost first. */
  readonly inner: readonly Step[];
  readonly span: SourceSpan;
}

/**
 * The names that the macro goes by anywhere in the program: `enzyme`, and whatever it is renamed to by imports and
 * exports. Only files that hold one of them are looked at closely.
 */
export function macroNames(sourceFiles: readonly ts.SourceFile[]): ReadonlySet<string> {
  const names = new Set(["enzyme"]);
  const renamings: [from: string, to: string][] = [];
  for (const sourceFile of sourceFiles) {
    for (const statement of sourceFile.statements) {
      const bindings =
        ts.isImportDeclaration(statement) && statement.importClause?.namedBindings !== undefined
          ? statement.importClause.namedBindings
          : ts.isExportDeclaration(statement)
            ? statement.exportClause
            : undefined;
      if (bindings === undefined || ts.isNamespaceImport(bindings) || ts.isNamespaceExport(bindings)) {
        if (ts.isImportDeclaration(statement) && statement.importClause?.name !== undefined) {
          renamings.push(["default", statement.importClause.name.text]);
        }
        continue;
      }
      for (const element of bindings.elements) {
        if (element.propertyName !== undefined) renamings.push([element.propertyName.text, element.name.text]);
      }
    }
  }
  for (let before = -1; before !== names.size;) {
    before = names.size;
    for (const [from, to] of renamings) if (names.has(from)) names.add(to);
  }
  return names;
}

/** Finds the calls of the macro in a file. Wrong ones are reported. */
export function findMacros(
  sourceFile: ts.SourceFile,
  names: ReadonlySet<string>,
  program: ts.Program,
  compilation: Compilation,
  implementations: Implementations,
): readonly MacroCall[] {
  if (![...names].some((name) => sourceFile.text.includes(name))) return [];
  const checker = program.getTypeChecker();
  const found: MacroCall[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isCallExpression(node) && isNamedLike(node.expression, names) && isMacro(node.expression, checker)) {
      const macro = readCall(node, program, compilation, implementations);
      if (macro !== null) found.push(macro);
      // The callee is done with; the arguments may hold more, but for a macro that is differentiated itself.
      const [target, ...others] = node.arguments;
      if (target !== undefined) visit(innermostTarget(target, checker));
      others.forEach(visit);
      return;
    }
    if (ts.isIdentifier(node) && names.has(node.text) && isStrayUse(node, checker)) {
      compilation.report("EZ1013", spanOf(node));
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(sourceFile, visit);
  return found;
}

function isNamedLike(callee: ts.Expression, names: ReadonlySet<string>): boolean {
  if (ts.isPropertyAccessExpression(callee)) return names.has(callee.name.text);
  return ts.isIdentifier(callee) && names.has(callee.text);
}

/** The macro as a value: stored, or passed on. */
function isStrayUse(name: ts.Identifier, checker: ts.TypeChecker): boolean {
  const { parent } = name;
  if (ts.isFunctionDeclaration(parent) || ts.isBindingElement(parent) || ts.isTypeQueryNode(parent)) return false;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === name) return false;
  if (ts.isExportAssignment(parent)) return false;
  return isMacro(ts.isPropertyAccessExpression(parent) ? parent : name, checker);
}

/** `outer`: the macros that differentiate what this one makes. */
function readCall(
  call: ts.CallExpression,
  program: ts.Program,
  compilation: Compilation,
  implementations: Implementations,
  outer: readonly ts.CallExpression[] = [],
): MacroCall | null {
  const [fn, modeArgument, optionsArgument] = call.arguments;
  const span = spanOf(call);
  if (fn === undefined) {
    compilation.report("EZ1003", span, { what: "nothing" });
    return null;
  }
  const mode = readMode(modeArgument, call, compilation);
  const target = readTarget(fn, program, compilation, implementations, [...outer, call]);
  const options = readOptions(optionsArgument, mode, target, compilation);
  if (mode === null || target === null || options === "wrong") return null;
  return { call, primal: target.primal, inner: target.inner, mode, ...options, span };
}

/** What a macro differentiates: a function of the user's, or what other macros make of one. */
interface Target {
  readonly primal: Primal;
  readonly inner: readonly Step[];
  readonly parameterCount: number;
}

function readTarget(
  argument: ts.Expression,
  program: ts.Program,
  compilation: Compilation,
  implementations: Implementations,
  outer: readonly ts.CallExpression[],
): Target | null {
  const checker = program.getTypeChecker();
  const nested = macroBehind(argument, checker);
  if (nested === null || outer.includes(nested)) {
    const primal = readPrimal(argument, program, compilation, implementations);
    return primal === null ? null : { primal, inner: [], parameterCount: primal.node.parameters.length };
  }
  // What is wrong with the other macro is said there, once.
  const macro = readCall(nested, program, compilation, implementations, outer);
  if (macro === null) return null;
  if (macro.mode === "vjp") {
    compilation.report("EZ2020", spanOf(argument), { mode: macro.mode });
    return null;
  }
  if (macro.sparse === true) {
    compilation.report("EZ2080", spanOf(argument), { mode: macro.mode });
    return null;
  }
  const { primal, inner, mode, wrt, width } = macro;
  return { primal, inner: [...inner, { mode, wrt, width }], parameterCount: parametersOf(nested, macro, checker) };
}

/** How many parameters the derivative has: by its type, where the macro's own is known. */
function parametersOf(call: ts.CallExpression, { primal, inner, mode }: MacroCall, checker: ts.TypeChecker): number {
  const isLikePrimal = inner.length === 0 && (mode === "gradient" || mode === "valueAndGradient");
  if (isLikePrimal) return primal.node.parameters.length;
  const [signature] = checker.getTypeAtLocation(call).getCallSignatures();
  return signature?.parameters.length ?? Infinity;
}

/** What macros inside of each other differentiate in the end. */
function innermostTarget(target: ts.Expression, checker: ts.TypeChecker): ts.Expression {
  const [inner] = innerMacro(target, checker)?.arguments ?? [];
  return inner === undefined ? target : innermostTarget(inner, checker);
}

/** The call of the macro that an expression is, or that the const was given which it names. */
export function macroBehind(argument: ts.Expression, checker: ts.TypeChecker): ts.CallExpression | null {
  const seen = new Set<ts.Node>();
  for (let at = bareExpression(argument); !seen.has(at);) {
    seen.add(at);
    const call = innerMacro(at, checker);
    if (call !== null) return call;
    if (!ts.isIdentifier(at) && !ts.isPropertyAccessExpression(at)) return null;
    const declaration = symbolOf(at, checker)?.valueDeclaration;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return null;
    if (!(ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) || declaration.initializer === undefined)
      return null;
    at = bareExpression(declaration.initializer);
  }
  return null;
}

function readMode(
  argument: ts.Expression | undefined,
  call: ts.CallExpression,
  compilation: Compilation,
): RequestMode | null {
  if (argument === undefined) {
    compilation.report("EZ1002", spanOf(call));
    return null;
  }
  const expression = bareExpression(argument);
  if (!ts.isStringLiteralLike(expression)) {
    compilation.report("EZ1002", spanOf(argument));
    return null;
  }
  if (isMode(expression.text)) return expression.text;
  compilation.report("EZ1001", spanOf(argument), {
    mode: JSON.stringify(expression.text),
    modes: modes.map((mode) => JSON.stringify(mode)).join(", "),
  });
  return null;
}

function readPrimal(
  argument: ts.Expression,
  program: ts.Program,
  compilation: Compilation,
  implementations: Implementations,
): Primal | null {
  const result = primalOfExpression(argument, program, implementations);
  if (result.kind !== "primal") {
    reportNoPrimal(result, spanOf(argument), compilation);
    return null;
  }
  // An arrow function in place may itself hide a name: its parameters are renamed.
  const hidden = hiddenCapture(result.primal, argument.parent, program.getTypeChecker());
  if (hidden === null) return result.primal;
  compilation.report("EZ2021", spanOf(argument), { name: result.primal.name, captured: hidden });
  return null;
}

/** A variable that a local function uses and that cannot be named where the macro stands: another one hides it. */
function hiddenCapture(primal: Primal, at: ts.Node, checker: ts.TypeChecker): string | null {
  if (primal.captures.length === 0) return null;
  const inScope = new Set(checker.getSymbolsInScope(at, ts.SymbolFlags.Value));
  const hidden = primal.captures.find((capture) => capture.kind === "value" && !inScope.has(capture.symbol));
  return hidden?.name ?? null;
}

function reportNoPrimal(reason: NoPrimal, span: SourceSpan, compilation: Compilation): void {
  switch (reason.kind) {
    case "notFound":
      return compilation.report("EZ1003", span, { what: reason.what });
    case "noBody":
      return compilation.report("EZ1010", span, { name: reason.name });
    case "noSource":
      return compilation.report("EZ2008", span, { name: reason.name });
    case "instantiated":
      return compilation.report("EZ2045", span, { name: reason.name, text: reason.text });
    case "captures":
      return compilation.report("EZ2021", span, { name: reason.name, captured: reason.captured });
  }
}

type StepOptions = Omit<Step, "mode">;

/** The positions that stay differentiable (null: all of them, however they are named), and the number of directions. */
function readOptions(
  argument: ts.Expression | undefined,
  mode: RequestMode | null,
  target: Target | null,
  compilation: Compilation,
): StepOptions | "wrong" {
  if (argument === undefined) return { wrt: null, width: null };
  const wrong = (node: ts.Node): "wrong" => {
    compilation.report("EZ1006", spanOf(node));
    return "wrong";
  };
  const literal = bareExpression(argument);
  if (!ts.isObjectLiteralExpression(literal)) return wrong(argument);
  const read = new Map<string, readonly number[]>();
  let width: number | null = null;
  let sparse = false;
  for (const property of literal.properties) {
    if (!ts.isPropertyAssignment(property) || ts.isComputedPropertyName(property.name)) return wrong(property);
    const name = property.name.text;
    if (name === "width") {
      width = readWidth(property.initializer);
      if (width === null) compilation.report("EZ1040", spanOf(property.initializer), { most: mostWidth });
      else if (mode !== null && !hasWidth(mode)) compilation.report("EZ1041", spanOf(property), { mode });
      else continue;
      return "wrong";
    }
    if (name === "sparse") {
      sparse = bareExpression(property.initializer).kind === ts.SyntaxKind.TrueKeyword;
      if (!sparse) compilation.report("EZ1080", spanOf(property.initializer));
      else if (mode !== null && !canBeSparse(mode)) compilation.report("EZ1081", spanOf(property), { mode });
      else continue;
      return "wrong";
    }
    if (name !== "const" && name !== "wrt") {
      compilation.report("EZ1021", spanOf(property.name), { option: name });
      return "wrong";
    }
    const positions = readPositions(property.initializer, target, compilation);
    if (positions === "notLiteral") return wrong(property.initializer);
    if (positions === "wrong") return "wrong";
    const sorted = [...positions].sort((a, b) => a - b);
    if (name === "wrt" && positions.some((position, k) => position !== sorted[k])) {
      compilation.report("EZ1112", spanOf(property.initializer), { sorted: sorted.join(", ") });
      return "wrong";
    }
    read.set(name, positions);
  }
  const kept = read.get("wrt");
  const left = read.get("const");
  if (kept !== undefined && left !== undefined) {
    compilation.report("EZ1007", spanOf(argument));
    return "wrong";
  }
  const wrt = positionsLeft(kept, left, target?.parameterCount ?? 0);
  return { wrt, width, ...(sparse ? { sparse } : {}) };
}

function positionsLeft(
  kept: readonly number[] | undefined,
  left: readonly number[] | undefined,
  count: number,
): readonly number[] | null {
  if (kept !== undefined) {
    return kept.length === count ? null : kept;
  }
  if (left === undefined || left.length === 0 || !Number.isFinite(count)) return null;
  return Array.from({ length: count }, (_, position) => position).filter((position) => !left.includes(position));
}

function readWidth(value: ts.Expression): number | null {
  const literal = bareExpression(value);
  if (!ts.isNumericLiteral(literal)) return null;
  const width = Number(literal.text);
  return Number.isInteger(width) && width >= 1 && width <= mostWidth ? width : null;
}

function readPositions(
  value: ts.Expression,
  target: Target | null,
  compilation: Compilation,
): readonly number[] | "notLiteral" | "wrong" {
  const literal = bareExpression(value);
  if (!ts.isArrayLiteralExpression(literal)) return "notLiteral";
  const positions: number[] = [];
  for (const element of literal.elements) {
    if (!ts.isNumericLiteral(element)) return "notLiteral";
    const position = Number(element.text);
    if (!Number.isInteger(position)) return "notLiteral";
    const count = target?.parameterCount ?? Infinity;
    if (position >= count) {
      compilation.report("EZ1005", spanOf(element), { position, name: target?.primal.name ?? "the function", count });
      return "wrong";
    }
    if (positions.includes(position)) {
      compilation.report("EZ1111", spanOf(element), { position });
      return "wrong";
    }
    positions.push(position);
  }
  return positions;
}

/** Where an option of a macro stands, or null. */
export function optionOf(call: ts.CallExpression, name: "wrt" | "const"): ts.ObjectLiteralElementLike | null {
  const [, , options] = call.arguments;
  const literal = options === undefined ? undefined : bareExpression(options);
  if (literal === undefined || !ts.isObjectLiteralExpression(literal)) return null;
  return literal.properties.find((one) => one.name?.getText() === name) ?? null;
}

/** Where the option `wrt` of a macro names a position, or null. */
export function positionInWrt(call: ts.CallExpression, position: number): SourceSpan | null {
  const wrt = optionOf(call, "wrt");
  const find = (node: ts.Node): ts.Node | undefined =>
    ts.isNumericLiteral(node) && Number(node.text) === position ? node : ts.forEachChild(node, find);
  const found = wrt === null ? undefined : find(wrt);
  return found === undefined ? null : spanOf(found);
}
