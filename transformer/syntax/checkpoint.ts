/** `/** @enzyme checkpoint 20 *\/` above a loop: snapshots of some of its steps in place of records of all. */
import ts from "typescript";
import type { Compilation } from "../compilation.js";
import type { Checkpoint } from "../ir/ir.js";
import { annotationOf, mayHoldAnnotation, type Annotation } from "./annotation.js";

/**
 * With so many snapshots of their state, 15 million steps are reversed with each of them run at most eight times;
 * with twice as many, a step less of them.
 */
const defaultSnapshots = 32;

const keyword = "checkpoint";

export const isCheckpoint = ({ words }: Annotation): boolean => words[0]?.text === keyword;

/** The number of snapshots that a marker names; null where it names none that there can be. */
function snapshotsOf({ words }: Annotation): number | null {
  const [, count, more] = words;
  if (count === undefined) return defaultSnapshots;
  return more === undefined && /^[1-9]\d{0,8}$/.test(count.text) ? Number(count.text) : null;
}

/** The loop that a statement is, under its labels. */
const loopIn = (node: ts.Node): ts.IterationStatement | null =>
  ts.isLabeledStatement(node) ? loopIn(node.statement) : ts.isIterationStatement(node, false) ? node : null;

/** A marker that is of no use, and why. */
export function reportCheckpoint(node: ts.Node, annotation: Annotation, compilation: Compilation): void {
  const { span, words } = annotation;
  if (loopIn(node) === null) compilation.report("EZ1024", span, { what: "marks loops, and this is none" });
  else if (snapshotsOf(annotation) === null) {
    const text = words.slice(1).map((word) => word.text);
    const what = `takes one number of snapshots, 1 or more, and not \`${text.join(" ")}\``;
    compilation.report("EZ1024", words[1]?.span ?? span, { what });
  }
}

/** What the user asks of a loop, if this is one. */
export function checkpointOf(node: ts.Node): Checkpoint | null {
  if (!ts.isIterationStatement(node, false)) return null;
  const sourceFile = node.getSourceFile();
  if (!mayHoldAnnotation(sourceFile.text)) return null;
  let outermost: ts.Node = node;
  while (ts.isLabeledStatement(outermost.parent)) outermost = outermost.parent;
  const annotation = annotationOf(outermost, sourceFile);
  if (annotation === null || !isCheckpoint(annotation)) return null;
  const snapshots = snapshotsOf(annotation);
  return snapshots === null ? null : { snapshots, span: annotation.span };
}
