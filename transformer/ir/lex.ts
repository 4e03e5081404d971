/** The tokens of the textual form of IR. Line breaks count: they end lists of operands. */
export type Token =
  | { readonly kind: "name" | "string" | "mark"; readonly text: string; readonly line: number }
  | { readonly kind: "number"; readonly text: string; readonly line: number; readonly value: number }
  | { readonly kind: "line" | "end"; readonly text: ""; readonly line: number };

const patterns = {
  space: /[ \t\r]+|\/\/[^\n]*/uy,
  number: /-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity(?![\p{ID_Continue}$]))|NaN(?![\p{ID_Continue}$])/uy,
  name: /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*(?:#\d+)?(?:@(?:tangent|adjoint|residual))?/uy,
  string: /"(?:[^"\\\n]|\\.)*"/uy,
  mark: /->|[-(){}[\]<>,:=.;]/uy,
};

/** The tokens of a text. */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let line = 1;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) position += found.length;
    return found;
  };
  while (position < text.length) {
    if (match(patterns.space) !== null) continue;
    if (text[position] === "\n") {
      tokens.push({ kind: "line", text: "", line });
      position++;
      line++;
      continue;
    }
    const number = match(patterns.number);
    if (number !== null) {
      tokens.push({ kind: "number", text: number, line, value: Number(number) });
      continue;
    }
    const name = match(patterns.name);
    if (name !== null) {
      tokens.push({ kind: "name", text: name, line });
      continue;
    }
    const string = match(patterns.string);
    if (string !== null) {
      tokens.push({ kind: "string", text: String(JSON.parse(string)), line });
      continue;
    }
    const mark = match(patterns.mark);
    if (mark === null) throw new Error(`IR text, line ${line}: unexpected ${JSON.stringify(text[position])}`);
    tokens.push({ kind: "mark", text: mark, line });
  }
  tokens.push({ kind: "end", text: "", line });
  return tokens;
}
