import {
  adviceOf,
  categoryOf,
  compareDiagnostics,
  messageOf,
  type Diagnostic,
  type Note,
  type SourceSpan,
} from "./diagnostic.js";
import type { Category } from "./codes.js";

/** How parts of the output are painted; the identity where there is no colour. */
export interface Palette {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly info: (text: string) => string;
  readonly place: (text: string) => string;
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;
export const plainPalette: Palette = { error: same, warning: same, info: same, place: same, dim: same };

export interface FormatOptions {
  /** The text of a file, for line numbers and code frames; undefined when it is not known. */
  readonly textOf: (file: string) => string | undefined;
  /** How a file is named to the user (relative to the working directory, say). */
  readonly nameOf?: (file: string) => string;
  readonly palette?: Palette;
}

export interface LineAndColumn {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/** Where an offset stands in a text. */
export function lineAndColumn(text: string, offset: number): LineAndColumn {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  const last = lines[lines.length - 1] ?? "";
  return { line: lines.length, column: last.length + 1 };
}

function labelOf(category: Category): string {
  return category;
}

/**
 * The lines around a span, the span underlined:
 *
 *     3 |   return await x;
 *       |          ^^^^^^^
 */
export function codeFrame(
  text: string,
  span: SourceSpan,
  palette: Palette = plainPalette,
  category: Category = "error",
): string {
  const { line, column } = lineAndColumn(text, span.start);
  const source = text.split(/\r\n|\r|\n/)[line - 1] ?? "";
  const end = lineAndColumn(text, Math.max(span.end, span.start + 1));
  const until = end.line === line ? end.column : source.length + 1;
  const width = Math.max(1, until - column);
  const gutter = String(line);
  const blank = " ".repeat(gutter.length);
  // Tabs stay tabs in the second line, so that the marks stand below what they mean.
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, " ");
  const paint = palette[category];
  return [
    `  ${palette.dim(`${gutter} |`)} ${source}`,
    `  ${palette.dim(`${blank} |`)} ${indent}${paint("^".repeat(width))}`,
  ].join("\n");
}

function placeOf(span: SourceSpan | null, options: FormatOptions): string {
  if (span === null) return "";
  const name = (options.nameOf ?? same)(span.file);
  const text = options.textOf(span.file);
  if (text === undefined) return name;
  const { line, column } = lineAndColumn(text, span.start);
  return `${name}:${line}:${column}`;
}

function formatNote(note: Note, options: FormatOptions): string {
  const place = placeOf(note.span, options);
  return place === "" ? `  note: ${note.text}` : `  note: ${place}: ${note.text}`;
}

/** One diagnostic: place, code, message, code frame, advice, notes. */
export function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions): string {
  const palette = options.palette ?? plainPalette;
  const category = categoryOf(diagnostic);
  const paint = palette[category];
  const place = placeOf(diagnostic.span, options);
  const head = `${place === "" ? "" : `${palette.place(place)} - `}${paint(labelOf(category))} ${diagnostic.code}: ${messageOf(diagnostic)}`;
  const lines = [head];
  if (diagnostic.span !== null) {
    const text = options.textOf(diagnostic.span.file);
    if (text !== undefined) lines.push(codeFrame(text, diagnostic.span, palette, category));
  }
  lines.push(`  ${palette.dim("help:")} ${adviceOf(diagnostic)}`);
  for (const note of diagnostic.notes) lines.push(formatNote(note, options));
  return lines.join("\n");
}

/** All diagnostics, in the order of their places. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions): string {
  return [...diagnostics]
    .sort(compareDiagnostics)
    .map((diagnostic) => formatDiagnostic(diagnostic, options))
    .join("\n\n");
}
