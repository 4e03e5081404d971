/** `/** @enzyme memory 64MB *\/` on a function: what the loops of its derivatives keep is to fit into so many bytes. */
import ts from "typescript";
import { parseMemory } from "../memory-size.js";
import type { SourceSpan } from "../diagnostics/diagnostic.js";
import { annotationOf, mayHoldAnnotation, type Annotation, type AnnotationWord } from "./annotation.js";

const keyword = "memory";

export type MemoryWords =
  | { readonly kind: "none" }
  | { readonly kind: "amount"; readonly bytes: number }
  | { readonly kind: "wrong"; readonly span: SourceSpan; readonly what: string };

/** What a marker says of memory, and its other words. The amount is one word or two: `64MB`, `64 MB`. */
export function splitMemory({ words }: Annotation): {
  readonly memory: MemoryWords;
  readonly others: readonly AnnotationWord[];
} {
  const at = words.findIndex(({ text }) => text === keyword);
  const [head, first, second] = at < 0 ? [] : words.slice(at);
  if (head === undefined) return { memory: { kind: "none" }, others: words };
  const isUnit = second !== undefined && parseMemory(`1${second.text}`) !== null && /^[a-z]/i.test(second.text);
  const said = first === undefined ? "" : isUnit ? `${first.text} ${second.text}` : first.text;
  const bytes = parseMemory(said);
  const others = words.filter((_, k) => k < at || k > at + (isUnit ? 2 : 1));
  return bytes === null
    ? { memory: { kind: "wrong", span: (first ?? head).span, what: said === "" ? "nothing" : `\`${said}\`` }, others }
    : { memory: { kind: "amount", bytes }, others };
}

/** The budget that is written on a function, in bytes; null: none. */
export function memoryOf(node: ts.Node): number | null {
  const sourceFile = node.getSourceFile();
  if (!mayHoldAnnotation(sourceFile.text)) return null;
  const annotation = annotationOf(carrierOf(node), sourceFile);
  if (annotation === null) return null;
  const { memory } = splitMemory(annotation);
  return memory.kind === "amount" ? memory.bytes : null;
}

/** What the comment of a function stands above: of `const f = (x) => ...` the statement. */
function carrierOf(node: ts.Node): ts.Node {
  let current = node;
  while (!canCarry(current) && !ts.isCallExpression(current.parent)) current = current.parent;
  return current;
}

/** Only statements and members carry markers; of the nodes that begin at one comment, the outermost does. */
export function canCarry(node: ts.Node): boolean {
  return (
    ts.isStatement(node) || ts.isClassElement(node) || ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)
  );
}
