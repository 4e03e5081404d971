/** Names for values that the user gave none: what they are, in a word. `t` where there is nothing to tell. */
import type { Location, Op, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import { roleName, withRole } from "../ir/roles.js";
import { isRecord } from "./recorded.js";
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
  becomesNaN: "isNaN",
};

/** Prefixes for functions of one named value: `expX`, `sinAngle`. */
const prefixes: ReadonlySet<Primitive> = new Set([
  ...(["exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan"] as const),
  ...(["sinh", "cosh", "tanh", "asinh", "acosh", "atanh"] as const),
]);

/** Where nothing else tells what a recorded value is. */
const sums: Partial<Record<Primitive, string>> = { mul: "product", add: "sum", sub: "difference" };

/** What a value without a name of the user's may be called; "" where nothing suggests itself. */
export function hintFor(value: Value, uses: Uses): string {
  if (isRecord(value)) return hintForRecord(uses.recorded.in(value), uses);
  const op = uses.definition(value)?.op ?? null;
  const hint = hintForResult(op, uses);
  const isUnknown = hint === "" && op?.kind === "apply" && uses.recorded.has(value);
  return isUnknown ? (sums[op.primitive] ?? "") : hint;
}

/** The name of a record, after the values in it: `sinHeadings`, `xBefore` of elements that are overwritten, `wasLess`. */
function hintForRecord(kept: Value | null, uses: Uses): string {
  if (kept === null || isReadBack(kept, uses)) return "";
  const { variable, role } = kept.origin;
  if (variable !== null) return withRole(withRole(variable.name, role), "residual");
  const op = uses.definition(kept)?.op;
  if (op?.kind === "apply" && op.primitive === "toNumber") return hintForTaken(op.args[0], uses);
  if (op?.kind === "load") {
    const name = hintForElement(op.at, uses);
    return name === "" ? "" : withRole(name, "residual");
  }
  const word = hintFor(kept, uses);
  return word === "" ? "" : plural(word);
}

/** Does a value come from a record itself? */
function isReadBack(value: Value, uses: Uses): boolean {
  const op = uses.definition(value)?.op;
  return op?.kind === "load" && isRecord(op.at.base);
}

/** `isLess` is `wasLess` when it is read back. */
function hintForTaken(test: Value | undefined, uses: Uses): string {
  const word = test === undefined ? "" : hintFor(test, uses);
  return /^is[A-Z]/.test(word) ? `was${word.slice(2)}` : "taken";
}

function hintForResult(op: Op | null, uses: Uses): string {
  if (op === null) return "";
  const nameOf = (value: Value | undefined): string | null =>
    value === undefined || value.origin.variable === null ? null : roleName(value.origin.variable, value.origin.role);
  switch (op.kind) {
    case "apply": {
      const [a, b] = op.args;
      const name = nameOf(a);
      if (op.primitive === "mul" && a === b && name !== null) return `${name}Squared`;
      if (prefixes.has(op.primitive)) return name === null ? op.primitive : op.primitive + capitalise(name);
      if (op.primitive === "orZero" && a !== undefined) return hintFor(a, uses);
      if (op.primitive === "div" && isOne(a, uses)) return "inverse";
      if (op.primitive === "neg") return name === null ? "" : `minus${capitalise(name)}`;
      return isLength(op.results[0], uses) ? "length" : (words[op.primitive] ?? "");
    }
    case "load":
      return hintForLoad(op.at, uses);
    case "length": {
      const base = nameOf(op.array);
      return base === null ? "n" : `${base}Length`;
    }
    case "allocate":
      return op.results[0] === undefined ? "" : withRole("values", op.results[0].origin.role);
    case "pop": {
      const base = nameOf(op.array);
      return base === null ? "last" : singular(base);
    }
    case "loop":
      return "count";
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

function isOne(value: Value | undefined, uses: Uses): boolean {
  const op = value === undefined ? undefined : uses.definition(value)?.op;
  return op?.kind === "constant" && op.value === 1;
}

/** `unit cost` as a name: `unitCost`; nothing where no name can be made. */
function identifierFrom(key: string): string {
  const [first = "", ...others] = key.split(/[^\p{ID_Continue}$]+/u).filter((word) => word !== "");
  return /^[\p{ID_Start}$_]/u.test(first) ? first + others.map(capitalise).join("") : "";
}

/** An element takes its name from its array, and its role: `xi`, `dPrice`. */
function hintForLoad(at: Location, uses: Uses): string {
  if (isRecord(at.base)) {
    const kept = uses.recorded.in(at.base);
    return kept === null || kept.origin.variable !== null || isReadBack(kept, uses) ? "" : hintFor(kept, uses);
  }
  const { variable, role } = at.base.origin;
  const inLane = (name: string): string => (name === "" ? "" : name + String(variable?.lane ?? ""));
  const ofRole = (name: string): string => inLane(role === "residual" ? name : withRole(name, role));
  if (at.kind === "field") return typeof at.field === "string" ? ofRole(identifierFrom(at.field)) : "";
  if (variable === null) return "";
  const base = variable.name;
  if (base.length > 2) return ofRole(singular(base));
  const withSuffix = (suffix: string): string =>
    role === "adjoint" ? inLane(withRole(base, role) + suffix) : ofRole(base + suffix);
  const index = at.index.origin.variable?.name;
  if (index !== undefined) return withSuffix(index.length === 1 ? index : "Value");
  const definition = uses.definition(at.index)?.op;
  if (definition?.kind === "constant" && typeof definition.value === "number")
    return withSuffix(String(definition.value));
  const offset = definition?.kind === "apply" ? definition.args[1] : undefined;
  const step = offset === undefined ? undefined : uses.definition(offset)?.op;
  if (definition?.kind === "apply" && step?.kind === "constant" && step.value === 1) {
    if (definition.primitive === "add") return withSuffix("Next");
    if (definition.primitive === "sub") return withSuffix("Previous");
  }
  return withSuffix("Value");
}

/** An element as such, wherever it stands: `x` of `x[i]`; `y0` of `y[0]`. */
function hintForElement(at: Location, uses: Uses): string {
  if (at.kind === "field") return hintForLoad(at, uses);
  const { variable, role } = at.base.origin;
  if (variable === null || role === "residual") return "";
  const hint = hintForLoad(at, uses);
  if (/(?:Next|Previous)$/.test(hint)) return hint;
  const definition = uses.definition(at.index)?.op;
  const isFirst = definition?.kind === "constant" && typeof definition.value === "number";
  return withRole(variable.name, role) + (isFirst ? String(definition.value) : "");
}

/** Is it the length of something allocated? */
const isLength = (value: Value | undefined, uses: Uses): boolean =>
  value !== undefined &&
  uses
    .of(value)
    .some(({ op }) => op?.kind === "allocate" && op.initial.kind === "zeros" && op.initial.length === value);

export const capitalise = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function plural(word: string): string {
  if (/(?:est|ed)$/.test(word)) return `${word}Values`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (word.endsWith("s")) return withRole(word, "residual");
  return /(?:x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function singular(name: string): string {
  if (name.length > 4 && name.endsWith("ies")) return `${name.slice(0, -3)}y`;
  if (/(?:ind|vert|matr)ices$/.test(name)) return name.replace(/ices$/, name.endsWith("matrices") ? "ix" : "ex");
  if (/(?:ss|x|ch|sh|zz)es$/.test(name)) return name.slice(0, -2);
  return name.length > 3 && name.endsWith("s") && !name.endsWith("ss") ? name.slice(0, -1) : `${name}Value`;
}
