import type ts from "typescript";
import type { SourceSpan } from "../diagnostics/diagnostic.js";

/** Where a node stands, without the comments before it. */
export function spanOf(node: ts.Node, sourceFile: ts.SourceFile = node.getSourceFile()): SourceSpan {
  return { file: sourceFile.fileName, start: node.getStart(sourceFile), end: node.getEnd() };
}

/** The first line of a node, to point at without underlining a whole body. */
export function spanOfHead(node: ts.Node, sourceFile: ts.SourceFile): SourceSpan {
  const span = spanOf(node, sourceFile);
  const line = sourceFile.text.slice(span.start, span.end).split(/\r?\n/, 1)[0] ?? "";
  return { ...span, end: span.start + line.length };
}
