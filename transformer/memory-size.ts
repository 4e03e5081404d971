/** Amounts of memory as the user writes them: "64 MB", "64MB", "1.5 GB", "4096". */
const units: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ["KB", 2 ** 10],
  ["MB", 2 ** 20],
  ["GB", 2 ** 30],
]);

/** How many bytes a text or a number says; null where it says none. */
export function parseMemory(said: unknown): number | null {
  const match = typeof said === "string" || typeof said === "number" ? pattern.exec(String(said)) : null;
  const [, number, unit = ""] = match ?? [];
  const factor = units.get(unit.toUpperCase());
  const bytes = number === undefined || factor === undefined ? 0 : Math.floor(Number(number) * factor);
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : null;
}

const pattern = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i;

/** 67108864: "64 MB". */
export function printMemory(bytes: number): string {
  const [unit, factor] = [...units].findLast(([, size]) => bytes % size === 0) ?? ["B", 1];
  return `${bytes / factor} ${unit === "" || unit === "B" ? "bytes" : unit}`;
}
