/** Names for values that the user gave none: what they are, in a word. `t` where there is nothing to tell. */
import type { Op, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import type { Uses } from "./uses.js";

const words: Partial<Record<Primitive, string>> = {
  sqrt: "root",
  cbrt: "root",
  abs: "size",
  max: "largest",
  min: "smallest",
  hypot: "norm",
  floor: "whole",
  round: "rounded",
  trunc: "whole",
  div: "ratio",
  sign: "sign",
  lt: "isLess",
  le: "isLess",
  gt: "isGreater",
  ge: "isGreater",
  eq: "isEqual",
  ne: "differs",
  and: "both",
  or: "either",
  not: "isNot",
  isNaN: "isNaN",
};

/** Prefixes for functions of one named value: `expX`, `sinAngle`. */
const prefixes: ReadonlySet<Primitive> = new Set([
  ...(["exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan"] as const),
  ...(["sinh", "cosh", "tanh", "asinh", "acosh", "atanh"] as const),
]);

export function hintFor(op: Op | null, uses: Uses): string {
  if (op === null) return "";
  const nameOf = (value: Value | undefined): string | null => value?.origin.variable?.name ?? null;
  switch (op.kind) {
    case "apply": {
      const [a, b] = op.args;
      const name = nameOf(a);
      if (op.primitive === "mul" && a === b && name !== null) return `${name}Squared`;
      if (prefixes.has(op.primitive)) return name === null ? op.primitive : op.primitive + capitalise(name);
      return words[op.primitive] ?? "";
    }
    case "load": {
      const base = nameOf(op.at.base);
      if (op.at.kind === "field") return typeof op.at.field === "string" ? op.at.field : (base ?? "");
      if (base === null) return "";
      const index = nameOf(op.at.index);
      if (index !== null) return index.length <= 2 ? base + index : singular(base);
      const definition = uses.definition(op.at.index)?.op;
      if (definition?.kind === "constant" && typeof definition.value === "number") return `${base}${definition.value}`;
      if (definition?.kind === "apply" && definition.primitive === "add") return `${base}Next`;
      if (definition?.kind === "apply" && definition.primitive === "sub") return `${base}Previous`;
      return singular(base);
    }
    case "length": {
      const base = nameOf(op.array);
      return base === null ? "n" : `${base}Length`;
    }
    case "allocate":
      return "values";
    case "pop": {
      const base = nameOf(op.array);
      return base === null ? "last" : singular(base);
    }
    case "call":
      return "result";
    case "random":
      return "draw";
    case "isAbsent":
      return "isAbsent";
    default:
      return "";
  }
}

export const capitalise = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function singular(name: string): string {
  if (name.length > 3 && name.endsWith("s") && !name.endsWith("ss")) return name.slice(0, -1);
  return name.length <= 2 ? `${name}Value` : name;
}
