import ts from "typescript";
import { isMode } from "../derivative-request.js";
import type { SourceSpan } from "../diagnostics/diagnostic.js";

/** What stands in a `@enzyme` comment: its words, and where each stands. */
export interface Annotation {
  readonly span: SourceSpan;
  readonly words: readonly AnnotationWord[];
}

export interface AnnotationWord {
  readonly text: string;
  readonly span: SourceSpan;
}

/** The tag at the start of a line of a comment; `@enzyme-macro` and `@enzymes` are others'. */
const tag = /^(?:\/\*\*|[ \t]*\*)?[ \t]*(@enzyme)(?![\w-])([^\r\n]*)/m;

/** Could a text hold an annotation? Cheap, asked of every file first. */
export function mayHoldAnnotation(text: string): boolean {
  return text.includes("@enzyme");
}

/**
 * The annotation in the documentation comment ahead of a declaration, or null.
 *
 *   /** @enzyme gradient forward *\/   =>   words: gradient, forward
 *
 * The comment's text is read, never `ts.getJSDocTags`: `tsc` parses documentation comments only as far as it needs for
 * type errors, and shows no tags then.
 */
export function annotationOf(declaration: ts.Node, sourceFile: ts.SourceFile): Annotation | null {
  const comment = documentationOf(declaration, sourceFile);
  return comment === null ? null : readComment(comment.text, comment.pos, sourceFile.fileName);
}

/**
 * What looks like a marker and is none, since it does not begin its line, or null. Text that goes on behind it only
 * speaks of the marker.
 *
 *   /** The sum of all. @enzyme gradient *\/
 */
export function misplacedAnnotation(declaration: ts.Node, sourceFile: ts.SourceFile): SourceSpan | null {
  const comment = documentationOf(declaration, sourceFile);
  if (comment === null || tag.test(comment.text)) return null;
  const match = /(?<=\s)@enzyme(?![\w-])([^\r\n]*)/.exec(comment.text);
  const words = match?.[1]?.replace(/\*\/\s*$/, "").match(/[^\s,]+/g) ?? [];
  if (
    match === null ||
    !words.every((word) => isMode(word) || /^(?:custom|inactive|checkpoint|\d+|\w+=\S+)$/.test(word))
  )
    return null;
  const start = comment.pos + match.index;
  return { file: sourceFile.fileName, start, end: start + "@enzyme".length };
}

/** The documentation comment ahead of a declaration: the last one. */
function documentationOf(
  declaration: ts.Node,
  { text: source }: ts.SourceFile,
): { readonly text: string; readonly pos: number } | null {
  // On the line of what comes before: `import "x"; /** @enzyme *\/`. At the very start there is nothing before.
  const trailing = declaration.pos === 0 ? [] : (ts.getTrailingCommentRanges(source, declaration.pos) ?? []);
  const comments = [...trailing, ...(ts.getLeadingCommentRanges(source, declaration.pos) ?? [])];
  for (const { pos, end } of comments.reverse()) {
    const text = source.slice(pos, end);
    if (text.startsWith("/**")) return { text, pos };
  }
  return null;
}

function readComment(text: string, offset: number, file: string): Annotation | null {
  const match = tag.exec(text);
  if (match === null) return null;
  const start = offset + match.index + match[0].indexOf("@enzyme");
  const rest = (match[2] ?? "").replace(/\*\/\s*$/, "");
  const restStart = start + "@enzyme".length;
  const words: AnnotationWord[] = [];
  for (const word of rest.matchAll(/[^\s,]+/g)) {
    const at = restStart + word.index;
    words.push({ text: word[0], span: { file, start: at, end: at + word[0].length } });
  }
  return { span: { file, start, end: restStart }, words };
}
