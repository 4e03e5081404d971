import { codes, type Category, type Code, type Kind } from "./codes.js";

/** A stretch of a source file: offsets in UTF-16 units, `end` not included. */
export interface SourceSpan {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** What fills the `{name}` places of a message. */
export type Details = Readonly<Record<string, string | number>>;

/** A second place that explains the first. */
export interface Note {
  readonly span: SourceSpan | null;
  readonly text: string;
}

export interface Diagnostic {
  readonly code: Code;
  /** null: no place in a file is to blame. */
  readonly span: SourceSpan | null;
  readonly details: Details;
  readonly notes: readonly Note[];
}

/** Fills the `{name}` places of a template; a place without a detail stays visible. */
function fill(template: string, details: Details): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const detail = details[name];
    return detail === undefined ? place : String(detail);
  });
}

export function categoryOf(diagnostic: Diagnostic): Category {
  return codes[diagnostic.code].category;
}

export function kindOf(diagnostic: Diagnostic): Kind {
  return codes[diagnostic.code].kind;
}

export function isError(diagnostic: Diagnostic): boolean {
  return categoryOf(diagnostic) === "error";
}

/** What is wrong, in one sentence. */
export function messageOf(diagnostic: Diagnostic): string {
  return fill(codes[diagnostic.code].message, diagnostic.details);
}

/** What to write instead; a detail named `advice` replaces the table's. */
export function adviceOf(diagnostic: Diagnostic): string {
  const own = diagnostic.details["advice"];
  return own === undefined ? fill(codes[diagnostic.code].advice, diagnostic.details) : String(own);
}

/** By file, then by place, then by code: the order in which they are shown. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  const fileA = a.span?.file ?? "";
  const fileB = b.span?.file ?? "";
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  const startA = a.span?.start ?? -1;
  const startB = b.span?.start ?? -1;
  if (startA !== startB) return startA - startB;
  return a.code === b.code ? 0 : a.code < b.code ? -1 : 1;
}

/** What a fault of ours says to the user: its first line; dumps that follow are for us. */
export function firstLine(fault: unknown): string {
  const [line = ""] = (fault instanceof Error ? fault.message : String(fault)).split("\n");
  return line;
}
