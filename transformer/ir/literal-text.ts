/** The text that a type of text stands for: `"up"`; null: any text, or one of several. */
export function literalOfText(text: string): string | null {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) return null;
  const value: unknown = JSON.parse(text);
  return typeof value === "string" ? value : null;
}

/** The texts that a type of text stands for: `"up" | "down"`; null: any text. */
export function textsOf(text: string): readonly string[] | null {
  const all = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  if (all.join(" | ") !== text) return null;
  return all.flatMap((one) => literalOfText(one) ?? []);
}
