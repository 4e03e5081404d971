import MagicString from "magic-string";

/** Replaces `start..end` of a text; an insertion where the two are equal. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A source map, version 3, as an object. */
export interface EditMap {
  readonly version: 3;
  readonly file?: string;
  readonly sources: readonly string[];
  readonly sourcesContent: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
}

export interface EditedText {
  readonly text: string;
  readonly map: EditMap;
  /** Where a character of the new text stood in the old one; null: it is new. */
  readonly originalOffset: (offset: number) => number | null;
}

/** Applies edits that do not overlap; insertions at one place keep their order. */
export function editText(text: string, edits: readonly Edit[], file: string): EditedText {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  const magic = new MagicString(text);
  for (const { start, end, text: replacement } of sorted) {
    if (end > start && replacement === "") magic.remove(start, end);
    else if (end > start) magic.update(start, end, replacement);
    else if (replacement !== "") magic.appendLeft(start, replacement);
  }
  const map = magic.generateMap({ source: file, file, includeContent: true, hires: true });
  return {
    text: magic.toString(),
    map: {
      version: 3,
      file,
      sources: [file],
      sourcesContent: [text],
      names: map.names,
      mappings: map.mappings,
    },
    originalOffset: (offset) => originalOffset(offset, sorted),
  };
}

function originalOffset(offset: number, edits: readonly Edit[]): number | null {
  let shift = 0;
  for (const { start, end, text } of edits) {
    if (offset < start + shift) break;
    if (offset < start + shift + text.length) return end > start ? start : null;
    shift += text.length - (end - start);
  }
  return offset - shift;
}
