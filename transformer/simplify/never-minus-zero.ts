import type { Value } from "../ir/ir.js";
import type { KnownLiterals } from "./known-literals.js";

/** Is an integer never -0? */
export function isNeverMinusZero(value: Value, known: KnownLiterals, depth = 8): boolean {
  if (value.type.kind !== "integer" || depth === 0) return false;
  const definition = known.definitions.of(value);
  if (definition === null || definition.kind === "parameter") return false;
  if (definition.kind === "body") {
    const { loop, position } = definition;
    return position === 0 && (loop.range === null || isNeverMinusZero(loop.range.from, known, depth - 1));
  }
  const { op, position } = definition;
  switch (op.kind) {
    case "length":
    case "push":
    case "load":
      return op.kind !== "load" || op.at.base.type.kind === "array";
    case "constant":
      return !Object.is(op.value, -0);
    case "loop":
      return position < 2;
    case "apply": {
      const [, b] = op.args;
      // -0 is a sum of two of them only
      if (op.primitive === "add" && op.args.some((arg) => isNeverMinusZero(arg, known, depth - 1))) return true;
      if (op.primitive === "add" || op.primitive === "sub") return b !== undefined && isNonZeroLiteral(b, known);
      return op.primitive.startsWith("bit") || op.primitive === "shr" || op.primitive === "ushr";
    }
    default:
      return false;
  }
}

function isNonZeroLiteral(value: Value, known: KnownLiterals): boolean {
  const literal = known.literal(value);
  return typeof literal === "number" && literal !== 0;
}
