/** The text that a type of text stands for: `"up"`; null: any text, or one of several. */
export function literalOfText(text: string): string | null {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) return null;
  const value: unknown = JSON.parse(text);
  return typeof value === "string" ? value : null;
}
