import ts from "typescript";
import { isMode } from "../derivative-request.js";
import type { Details, SourceSpan } from "../diagnostics/diagnostic.js";

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
  return /@enzyme/i.test(text);
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

/** What looks like a marker and is none. */
export interface Overlooked {
  readonly code: "EZ3045" | "EZ3060";
  readonly span: SourceSpan;
  readonly details: Details;
}

/**
 * What looks like a marker and is none, since it does not begin its line, is written otherwise, or stands in another
 * kind of comment; or null. Text that goes on behind it only speaks of the marker.
 *
 *   /** The sum of all. @enzyme gradient *\/        // @enzyme gradient        /** @Enzyme *\/
 */
export function overlookedAnnotation(declaration: ts.Node, sourceFile: ts.SourceFile): Overlooked | null {
  const documentation = documentationOf(declaration, sourceFile);
  if (documentation !== null && tag.test(documentation.text)) return null;
  const inside = documentation === null ? null : /(?<=\s)(@enzyme)(?![\w-])([^\r\n]*)/.exec(documentation.text);
  if (documentation !== null && inside !== null)
    return overlooked("EZ3045", inside, documentation.pos + inside.index, sourceFile);
  for (const { text, pos } of commentsAhead(declaration, sourceFile)) {
    const match = likeTag.exec(text);
    if (match !== null) return overlooked("EZ3060", match, pos + match[0].search(/@enzyme/i) + match.index, sourceFile);
  }
  return null;
}

/** The tag in any comment, however it is written. */
const likeTag = /^(?:\/\/+|\/\*+|[ \t]*\*)?[ \t]*(@enzyme)(?![\w-])([^\r\n]*)/im;

/** Nothing but what could stand in a marker may follow: other text only speaks of it. */
function overlooked(
  code: Overlooked["code"],
  [, name = "", rest = ""]: RegExpExecArray,
  start: number,
  { fileName: file }: ts.SourceFile,
): Overlooked | null {
  const words = rest.replace(/\*\/\s*$/, "").match(/[^\s,]+/g) ?? [];
  const isWordOfMarker = (word: string): boolean =>
    isMode(word) || /^(?:custom|inactive|checkpoint|memory|\d[\d.]*[kmg]?b?|\w+=\S+)$/i.test(word);
  if (!words.every(isWordOfMarker)) return null;
  const marker = ["@enzyme", ...words].join(" ");
  return { code, span: { file, start, end: start + name.length }, details: { text: name, marker } };
}

/** The comments ahead of a declaration, the last one first. */
function commentsAhead(
  declaration: ts.Node,
  { text: source }: ts.SourceFile,
): readonly { readonly text: string; readonly pos: number }[] {
  // On the line of what comes before: `import "x"; /** @enzyme *\/`. At the very start there is nothing before.
  const trailing = declaration.pos === 0 ? [] : (ts.getTrailingCommentRanges(source, declaration.pos) ?? []);
  const comments = [...trailing, ...(ts.getLeadingCommentRanges(source, declaration.pos) ?? [])];
  return comments.reverse().map(({ pos, end }) => ({ text: source.slice(pos, end), pos }));
}

/** The documentation comment ahead of a declaration: the last one. */
const documentationOf = (
  declaration: ts.Node,
  sourceFile: ts.SourceFile,
): { readonly text: string; readonly pos: number } | null =>
  commentsAhead(declaration, sourceFile).find(({ text }) => text.startsWith("/**")) ?? null;

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
