import path from "node:path";
import remapping, { type EncodedSourceMap } from "@jridgewell/remapping";
import type { EditMap } from "../emit/typescript/edit-text.js";

/** The edit map of a source file, by its full path; undefined where the file was not edited. */
export type EditMapOf = (fileName: string) => EditMap | undefined;

const inlineMap = /(\/\/# sourceMappingURL=data:application\/json;(?:charset=[^;]*;)?base64,)([A-Za-z0-9+/=]+)(\s*)$/;

/**
 * The compiler's source maps lead into the edited text; the user wants to see their own:
 *
 *   out.js -> edited a.ts -> a.ts   =>   out.js -> a.ts
 *
 * Takes any output file; those without a map come back as they are.
 */
export function composeOutput(fileName: string, text: string, editMapOf: EditMapOf): string {
  if (fileName.endsWith(".map")) return composeMap(fileName, text, editMapOf);
  const inline = inlineMap.exec(text);
  if (inline === null) return text;
  const [whole, head = "", encoded = "", tail = ""] = inline;
  const json = Buffer.from(encoded, "base64").toString("utf8");
  const composed = Buffer.from(composeMap(fileName, json, editMapOf), "utf8").toString("base64");
  return `${text.slice(0, text.length - whole.length)}${head}${composed}${tail}`;
}

function composeMap(fileName: string, json: string, editMapOf: EditMapOf): string {
  const map = parseMap(json);
  if (map === null) return json;
  const folder = path.dirname(fileName);
  const editOf = (source: string | null): EditMap | undefined =>
    source === null ? undefined : editMapOf(path.resolve(folder, map.sourceRoot ?? "", source).replaceAll("\\", "/"));
  if (!map.sources.some((source) => editOf(source) !== undefined)) return json;

  const { sourceRoot, ...bare } = map;
  const composed = remapping(bare, (source, context) => {
    // Only the compiler's map has edited sources; those of an edit map are the user's own.
    if (context.depth > 1) return null;
    const edit = editOf(source);
    if (edit === undefined) return null;
    return {
      version: 3,
      names: [...edit.names],
      mappings: edit.mappings,
      sources: [path.posix.basename(source)],
      sourcesContent: [...edit.sourcesContent],
    };
  });
  return JSON.stringify({
    version: 3,
    file: map.file,
    sourceRoot,
    sources: composed.sources,
    names: composed.names,
    mappings: composed.mappings,
    // Texts are only there where the compiler was asked for them.
    sourcesContent: map.sourcesContent === undefined ? undefined : composed.sourcesContent,
  });
}

function parseMap(json: string): EncodedSourceMap | null {
  try {
    const map: unknown = JSON.parse(json);
    return isSourceMap(map) ? map : null;
  } catch {
    return null;
  }
}

function isSourceMap(map: unknown): map is EncodedSourceMap {
  return (
    typeof map === "object" &&
    map !== null &&
    "mappings" in map &&
    typeof map.mappings === "string" &&
    "sources" in map &&
    Array.isArray(map.sources)
  );
}
