/** What the commands of this folder take: `--name value`. */
export function numberOption(name: string, fallback: number): number {
  const text = textOption(name);
  return text === undefined ? fallback : Number(text);
}

export function textOption(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

/** `--only a,b`: is this one wanted? */
export function isWanted(name: string): boolean {
  return textOption("only")?.split(",").includes(name) ?? true;
}
