import { isTyped, type ApplyOp, type Op, type Value } from "../ir/ir.js";
import type { KnownLiterals } from "./known-literals.js";
import { isNeverMinusZero } from "./never-minus-zero.js";
import { constantOp } from "./rewrite.js";

/** `(n - 1) - 1 => n - 2`, for indices: integers far below 2 ** 53. */
export function regroupIndices(op: ApplyOp, known: KnownLiterals): readonly Op[] | null {
  const [a, b] = op.args;
  const [result] = op.results;
  if (a === undefined || b === undefined || result?.type.kind !== "integer") return null;
  const right = known.plain(b);
  const left = known.plain(a);
  const inner = typeof right === "number" ? a : typeof left === "number" && op.primitive === "add" ? b : null;
  const outer = typeof right === "number" ? right : typeof left === "number" ? left : NaN;
  if (inner === null || !Number.isSafeInteger(outer) || inner.type.kind !== "integer") return null;
  const sum = known.definitions.opOf(inner);
  if (sum?.kind !== "apply" || (sum.primitive !== "add" && sum.primitive !== "sub")) return null;
  const [c, d] = sum.args;
  if (c === undefined || d === undefined) return null;
  const innerRight = known.plain(d);
  const innerLeft = known.plain(c);
  let base: Value;
  let offset: number;
  if (typeof innerRight === "number") [base, offset] = [c, sum.primitive === "add" ? innerRight : -innerRight];
  else if (typeof innerLeft === "number" && sum.primitive === "add") [base, offset] = [d, innerLeft];
  else return null;
  if (!Number.isSafeInteger(offset) || !isIndex(base, known)) return null;
  const total = offset + (op.primitive === "add" ? outer : -outer);
  if (!Number.isSafeInteger(total) || (total === 0 && !isNeverMinusZero(base, known))) return null;
  const constant = constantOp(Math.abs(total));
  const primitive = total < 0 ? "sub" : "add";
  return [constant, { kind: "apply", results: op.results, primitive, args: [base, constant.results[0]] }];
}

/** A number that counts or addresses something. */
function isIndex(value: Value, known: KnownLiterals, depth = 16): boolean {
  if (value.type.kind !== "integer" || depth === 0) return false;
  const definition = known.definitions.of(value);
  if (definition === null) return false;
  if (definition.kind === "parameter") return true;
  if (definition.kind === "body") return definition.position === 0;
  const { op } = definition;
  switch (op.kind) {
    case "length":
    case "push":
      return true;
    case "load":
      return op.at.base.type.kind === "array" && isTyped(op.at.base.type.storage);
    case "apply":
      return (
        (op.primitive === "add" || op.primitive === "sub") && op.args.every((arg) => isIndexPart(arg, known, depth))
      );
    case "loop":
      return definition.position < 2;
    default:
      return false;
  }
}

function isIndexPart(value: Value, known: KnownLiterals, depth: number): boolean {
  const literal = known.literal(value);
  return (typeof literal === "number" && Math.abs(literal) < 2 ** 31) || isIndex(value, known, depth - 1);
}
