import ts from "typescript";
import type { Compilation } from "../compilation.js";
import { isMode, type Primal, type RequestMode } from "../derivative-request.js";
import type { SourceSpan } from "../diagnostics/diagnostic.js";
import { annotationOf, mayHoldAnnotation, overlookedAnnotation, type Annotation } from "./annotation.js";
import { bareExpression } from "./bare-expression.js";
import { isCheckpoint, reportCheckpoint } from "./checkpoint.js";
import { exportedName } from "./javascript.js";
import { canCarry, splitMemory } from "./memory-marker.js";
import { isRule } from "./own-rules.js";
import { primalOfNode, type PrimalNode } from "./primal.js";
import { spanOfHead } from "./span.js";

/** A function marked `@enzyme`. */
export interface MarkedFunction {
  readonly primal: Primal;
  /** The modes that the marker names; empty: the bare marker. */
  readonly modes: readonly RequestMode[];
  readonly span: SourceSpan;
}

/**
 * Finds the functions of a file that are marked `@enzyme`: function declarations, consts that hold a function, static
 * methods. Markers elsewhere, and words that are no modes, are reported.
 */
export function findAnnotations(
  sourceFile: ts.SourceFile,
  program: ts.Program,
  compilation: Compilation,
): readonly MarkedFunction[] {
  if (!mayHoldAnnotation(sourceFile.text)) return [];
  const found: MarkedFunction[] = [];

  const mark = (node: PrimalNode, annotation: Annotation): void => {
    const modes = modesOf(annotation, compilation);
    if (modes === null) return;
    if (node.body === undefined) {
      compilation.report("EZ1010", annotation.span, { name: node.name?.getText() ?? "this function" });
      return;
    }
    const result = primalOfNode(node, program);
    if (result.kind === "primal") found.push({ primal: result.primal, modes, span: annotation.span });
    else compilation.report("EZ1003", annotation.span, { what: "an instance method" });
  };

  const visit = (node: ts.Node, depth: number): void => {
    const annotation = canCarry(node) ? annotationOf(node, sourceFile) : null;
    const functions = functionsOf(node);
    const overlooked =
      annotation === null && (functions.length > 0 || ts.isIterationStatement(node, true))
        ? overlookedAnnotation(node, sourceFile)
        : null;
    if (overlooked !== null) compilation.report(overlooked.code, overlooked.span, overlooked.details);
    if (annotation !== null && isCheckpoint(annotation)) reportCheckpoint(node, annotation, compilation);
    // a rule asks for nothing: see own-rules.ts
    else if (annotation !== null && !(functions.length > 0 && isRule(annotation))) {
      if (functions.length === 0)
        compilation.report("EZ1003", spanOfHead(node, sourceFile), { what: "what is marked here" });
      else if (depth > 0) {
        compilation.report("EZ1023", annotation.span, { name: functions[0]?.name?.getText() ?? "it" });
      } else for (const fn of functions) mark(fn, annotation);
    }
    const inner = ts.isFunctionLike(node) || ts.isBlock(node) ? depth + 1 : depth;
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  ts.forEachChild(sourceFile, (statement) => visit(statement, 0));
  return found;
}

function functionsOf(node: ts.Node): readonly PrimalNode[] {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return [node];
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.flatMap((declaration) => initializerOf(declaration.initializer));
  }
  if (ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) return initializerOf(node.initializer);
  if (ts.isExpressionStatement(node) && ts.isBinaryExpression(node.expression)) {
    return exportedName(node.expression) === null ? [] : initializerOf(node.expression.right);
  }
  return [];
}

function initializerOf(initializer: ts.Expression | undefined): readonly PrimalNode[] {
  if (initializer === undefined) return [];
  const expression = bareExpression(initializer);
  return ts.isArrowFunction(expression) || ts.isFunctionExpression(expression) ? [expression] : [];
}

/** The modes that an annotation names, or null where a word is none. */
function modesOf(annotation: Annotation, compilation: Compilation): readonly RequestMode[] | null {
  const modes: RequestMode[] = [];
  const { memory, others } = splitMemory(annotation);
  let sound = memory.kind !== "wrong";
  if (memory.kind === "wrong") compilation.report("EZ1028", memory.span, { what: memory.what });
  for (const { text, span } of others) {
    if (isMode(text)) {
      if (!modes.includes(text)) modes.push(text);
    } else {
      compilation.report("EZ1014", span, { word: text });
      sound = false;
    }
  }
  return sound ? modes : null;
}
