/**
 * Derivatives that the user gives: by a marker on the function, or in code.
 *
 *   /** @enzyme custom reverse=solveReverse *\/         defineRule(solve, { reverse: solveReverse })
 *   /** @enzyme inactive *\/                            defineRule.scalar(bessel, (x) => -bessel1(x))
 */
import ts from "typescript";
import type { Compilation } from "../compilation.js";
import type { SourceSpan } from "../diagnostics/diagnostic.js";
import { annotationOf, mayHoldAnnotation, type Annotation, type AnnotationWord } from "./annotation.js";
import { bareExpression } from "./bare-expression.js";
import { isPackageFunction } from "./package-functions.js";
import { symbolOf } from "./symbol-of.js";
import { spanOf } from "./span.js";

export type RulePart = "reverse" | "forward" | "partials";

export type OwnRule =
  /** What it gives carries no derivative. */
  | { readonly kind: "inactive" }
  | {
      readonly kind: "custom";
      readonly name: string;
      readonly span: SourceSpan;
      readonly parts: ReadonlyMap<RulePart, RuleFunction>;
    };

export interface RuleFunction {
  /** The function itself; without a body where only its declaration is known. */
  readonly node: ts.SignatureDeclaration;
  readonly span: SourceSpan;
}

export interface OwnRules {
  /** The rule of a function, by any of its declarations. */
  of(declaration: ts.Node): OwnRule | null;
  /** Those that stand in a file and are complete. */
  readonly all: readonly (OwnRule & { readonly kind: "custom" })[];
}

/** Finds the rules of a whole program; wrong ones are reported. */
export function findOwnRules(program: ts.Program, compilation: Compilation): OwnRules {
  const byDeclaration = new Map<ts.Node, OwnRule>();
  const all: (OwnRule & { readonly kind: "custom" })[] = [];
  const give = (declarations: readonly ts.Node[], rule: OwnRule): void => {
    if (rule.kind === "custom") {
      if (declarations.some((one) => byDeclaration.has(one)))
        compilation.report("EZ1034", rule.span, { name: rule.name });
      all.push(rule);
    }
    for (const one of declarations) byDeclaration.set(one, rule);
  };
  for (const file of program.getSourceFiles()) {
    if (program.isSourceFileDefaultLibrary(file)) continue;
    if (mayHoldAnnotation(file.text) && /@enzyme\s+(?:custom|inactive)/.test(file.text))
      findMarked(file, program, compilation, give);
    if (!file.isDeclarationFile && file.text.includes("defineRule")) findDefined(file, program, compilation, give);
  }
  return { of: (declaration) => byDeclaration.get(declaration) ?? null, all };
}

type Give = (declarations: readonly ts.Node[], rule: OwnRule) => void;

// ---- Markers ------------------------------------------------------------------------------------------------------

function findMarked(file: ts.SourceFile, program: ts.Program, compilation: Compilation, give: Give): void {
  const visit = (node: ts.Node): void => {
    const functions = functionsAt(node);
    const annotation = functions.length === 0 ? null : annotationOf(node, file);
    const [first, ...words] = annotation?.words ?? [];
    if (annotation !== null && first !== undefined && isRule(annotation)) {
      const declarations = functions.flatMap((one) => allDeclarations(one, program));
      if (first.text === "inactive") {
        for (const word of words) compilation.report("EZ1014", word.span, { word: word.text });
        give(declarations, { kind: "inactive" });
      } else {
        const parts = readWords(words, file, program, compilation);
        const name = functions[0]?.name?.getText(file) ?? "it";
        if (parts.size === 0) compilation.report("EZ1033", first.span, { name });
        else give(declarations, { kind: "custom", name, span: annotation.span, parts });
      }
      return;
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
}

/** Does a marker say what the derivative is, instead of asking for one? */
export const isRule = ({ words: [first] }: Annotation): boolean =>
  first?.text === "custom" || first?.text === "inactive";

interface Named {
  readonly node: ts.SignatureDeclaration;
  readonly name: ts.Node | undefined;
}

function functionsAt(node: ts.Node): readonly Named[] {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return [{ node, name: node.name }];
  if (!ts.isVariableStatement(node)) return [];
  return node.declarationList.declarations.flatMap(({ name, initializer, type }): Named[] => {
    const at = initializer === undefined ? undefined : bareExpression(initializer);
    if (at !== undefined && (ts.isArrowFunction(at) || ts.isFunctionExpression(at))) return [{ node: at, name }];
    return type !== undefined && ts.isFunctionTypeNode(type) ? [{ node: type, name }] : [];
  });
}

function allDeclarations({ node, name }: Named, program: ts.Program): readonly ts.Node[] {
  const symbol = name === undefined ? undefined : program.getTypeChecker().getSymbolAtLocation(name);
  return [...new Set<ts.Node>([node, ...(symbol?.declarations ?? [])])];
}

/** `reverse=solveReverse forward=solveForward` */
function readWords(
  words: readonly AnnotationWord[],
  file: ts.SourceFile,
  program: ts.Program,
  compilation: Compilation,
): ReadonlyMap<RulePart, RuleFunction> {
  const parts = new Map<RulePart, RuleFunction>();
  const checker = program.getTypeChecker();
  for (const { text, span } of words) {
    const [, part, name] = /^(reverse|forward|partials)=([\p{ID_Continue}$]+)$/u.exec(text) ?? [];
    if (part !== "reverse" && part !== "forward" && part !== "partials") {
      compilation.report("EZ1014", span, { word: text });
      continue;
    }
    const symbol = [ts.SymbolFlags.Value, ts.SymbolFlags.Alias]
      .flatMap((flags) => checker.getSymbolsInScope(file, flags))
      .find((one) => one.name === name);
    const node = symbol === undefined ? null : signatureOf(resolved(symbol, checker));
    if (node === null) compilation.report("EZ1017", span, { name: name ?? text });
    else parts.set(part, { node, span });
  }
  return parts;
}

const resolved = (symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** The function that a symbol stands for: with its body where there is one. */
function signatureOf({ declarations }: ts.Symbol): ts.SignatureDeclaration | null {
  const found = (declarations ?? []).flatMap((one): ts.SignatureDeclaration[] => {
    if (ts.isFunctionDeclaration(one) || ts.isMethodDeclaration(one)) return [one];
    if (!ts.isVariableDeclaration(one)) return [];
    const at = one.initializer === undefined ? undefined : bareExpression(one.initializer);
    if (at !== undefined && (ts.isArrowFunction(at) || ts.isFunctionExpression(at))) return [at];
    return one.type !== undefined && ts.isFunctionTypeNode(one.type) ? [one.type] : [];
  });
  return found.find((one) => "body" in one && one.body !== undefined) ?? found[0] ?? null;
}

// ---- In code ------------------------------------------------------------------------------------------------------

function findDefined(file: ts.SourceFile, program: ts.Program, compilation: Compilation, give: Give): void {
  const checker = program.getTypeChecker();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const callee = bareExpression(node.expression);
      const isScalar = ts.isPropertyAccessExpression(callee) && callee.name.text === "scalar";
      if (isPackageFunction(isScalar ? callee.expression : callee, "defineRule", checker)) {
        readDefinition(node, isScalar, checker, compilation, give);
        return;
      }
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
}

function readDefinition(
  call: ts.CallExpression,
  isScalar: boolean,
  checker: ts.TypeChecker,
  compilation: Compilation,
  give: Give,
): void {
  const [target, given] = call.arguments;
  if (target === undefined || given === undefined) return compilation.report("EZ1033", spanOf(call), { name: "it" });
  const name = bareExpression(target).getText();
  const found = functionNamed(target, checker);
  if (found === null) return compilation.report("EZ1030", spanOf(target), { what: `\`${name}\`` });
  const parts = new Map<RulePart, RuleFunction>();
  const take = (part: RulePart, expression: ts.Expression): void => {
    const part_ = functionNamed(expression, checker);
    const span = spanOf(expression);
    if (part_ === null) compilation.report("EZ1030", span, { what: `\`${expression.getText()}\`` });
    else parts.set(part, { node: part_.node, span });
  };
  if (isScalar) take("partials", given);
  else {
    const literal = bareExpression(given);
    if (!ts.isObjectLiteralExpression(literal)) return compilation.report("EZ1033", spanOf(given), { name });
    for (const property of literal.properties) {
      const part = property.name?.getText();
      if (part !== "reverse" && part !== "forward") return compilation.report("EZ1033", spanOf(property), { name });
      if (ts.isPropertyAssignment(property)) take(part, property.initializer);
      else if (ts.isShorthandPropertyAssignment(property)) {
        const symbol = checker.getShorthandAssignmentValueSymbol(property);
        const node = symbol === undefined ? null : signatureOf(resolved(symbol, checker));
        if (node === null) compilation.report("EZ1030", spanOf(property), { what: `\`${part}\`` });
        else parts.set(part, { node, span: spanOf(property) });
      } else if (ts.isMethodDeclaration(property)) parts.set(part, { node: property, span: spanOf(property.name) });
      else return compilation.report("EZ1033", spanOf(property), { name });
    }
  }
  if (parts.size > 0) give(found.declarations, { kind: "custom", name, span: spanOf(call), parts });
}

/** The function that an expression names, or that is written in its place. */
function functionNamed(
  expression: ts.Expression,
  checker: ts.TypeChecker,
): { readonly node: ts.SignatureDeclaration; readonly declarations: readonly ts.Node[] } | null {
  const at = bareExpression(expression);
  if (ts.isArrowFunction(at) || ts.isFunctionExpression(at)) return { node: at, declarations: [at] };
  const name = ts.isPropertyAccessExpression(at) ? at.name : at;
  const symbol = ts.isIdentifier(name) ? symbolOf(name, checker) : undefined;
  const node = symbol === undefined ? null : signatureOf(symbol);
  return node === null ? null : { node, declarations: [...new Set<ts.Node>([node, ...(symbol?.declarations ?? [])])] };
}
