import type { Initial } from "../ir/ir.js";
import type { Definitions } from "./definitions.js";

/** Is the array copied from its beginning to its end? */
export function isWholeCopy(
  { source, from, to }: Extract<Initial, { kind: "copy" }>,
  definitions: Definitions,
): boolean {
  const end = definitions.opOf(to);
  return definitions.isLiteral(from, 0) && end?.kind === "length" && end.array === source;
}
