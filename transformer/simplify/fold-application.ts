/**
 * What an application comes to, where enough is known of its operands: a literal, one of the operands, or another
 * application. Only identities that hold for NaN, Infinity and -0 are used.
 */
import type { ApplyOp, Literal, Op, Value } from "../ir/ir.js";
import { primitives, type Primitive } from "../ir/primitives.js";
import type { KnownLiterals } from "./known-literals.js";
import { isNeverMinusZero } from "./never-minus-zero.js";
import { regroupIndices } from "./index-groups.js";
import { yieldedBy } from "./rewrite.js";

const comparisons: ReadonlySet<Primitive> = new Set(["lt", "le", "gt", "ge", "eq", "ne"]);

/** The value of an application whose operands are all known, where it may be computed here and reads well. */
export function valueOf(op: ApplyOp, known: KnownLiterals): Literal {
  const info = primitives[op.primitive];
  // NaN is neither equal to anything nor less or greater.
  if (comparisons.has(op.primitive) && op.args.some((arg) => Number.isNaN(known.plain(arg))))
    return op.primitive === "ne";
  if (!info.exact || info.operands === "any") {
    if (!comparisons.has(op.primitive)) return undefined;
  }
  const numbers: number[] = [];
  let named = false;
  for (const arg of op.args) {
    const literal = known.of(arg);
    if (literal === null) return evaluateOverBranch(op, known);
    named ||= literal.named;
    if (typeof literal.value === "number") numbers.push(literal.value);
    else if (typeof literal.value === "boolean" && (info.operands === "boolean" || comparisons.has(op.primitive))) {
      numbers.push(Number(literal.value));
    } else return undefined;
  }
  if (op.args.length === 0) return undefined;
  const value = info.evaluate(...numbers);
  if (info.result === "boolean") return value !== 0;
  // 1 / 3 reads better than its digits, and an engine folds it
  return named || (!Number.isInteger(value) && String(value).length > 8) ? undefined : value;
}

/** `(if c { 1 } else { 0 }) !== 0` is decided by c alone; here only where both branches say the same. */
function evaluateOverBranch(op: ApplyOp, known: KnownLiterals): Literal {
  const outcome = comparedBranch(op, known);
  return outcome !== null && outcome.then === outcome.else ? outcome.then : undefined;
}

/** The operand that the application equals, for every value that it may have. */
export function identityOf(op: ApplyOp, known: KnownLiterals): Value | null {
  const [a, b, c] = op.args;
  if (a === undefined) return null;
  const left = known.plain(a);
  const right = known.plain(b);
  switch (op.primitive) {
    case "mul":
      if (right === 1) return a;
      return left === 1 && b !== undefined ? b : null;
    case "div":
    case "pow":
      return right === 1 ? a : null;
    case "sub":
      return right === 0 && !Object.is(right, -0) ? a : null;
    case "add":
      if (Object.is(right, -0)) return a;
      if (b !== undefined && Object.is(left, -0)) return b;
      if (right === 0 && isNeverMinusZero(a, known)) return a;
      return left === 0 && b !== undefined && isNeverMinusZero(b, known) ? b : null;
    case "neg":
    case "not": {
      const inner = known.definitions.opOf(a);
      return inner?.kind === "apply" && inner.primitive === op.primitive ? (inner.args[0] ?? null) : null;
    }
    case "floor":
    case "ceil":
    case "round":
    case "trunc":
      return a.type.kind === "integer" ? a : null;
    case "and":
      if (known.literal(a) === true && b !== undefined) return b;
      if (known.literal(b) === true) return a;
      if (known.literal(a) === false) return a;
      return known.literal(b) === false && b !== undefined ? b : a === b ? a : null;
    case "or":
      if (known.literal(a) === false && b !== undefined) return b;
      if (known.literal(b) === false) return a;
      if (known.literal(a) === true) return a;
      return known.literal(b) === true && b !== undefined ? b : a === b ? a : null;
    case "max":
    case "min":
      return op.args.length === 1 ? a : null;
    case "select": {
      if (b === undefined || c === undefined) return null;
      const test = known.literal(a);
      if (test === true || b === c) return b;
      return test === false ? c : null;
    }
    case "orZero": {
      const inner = known.definitions.opOf(a);
      return inner?.kind === "constant" || inner?.kind === "apply" ? a : null;
    }
    default: {
      const outcome = comparedBranch(op, known);
      return outcome !== null && outcome.then && !outcome.else ? outcome.test : null;
    }
  }
}

/** The same in another form, simpler or more regular. */
export function otherFormOf(op: ApplyOp, known: KnownLiterals): readonly Op[] | null {
  const [a, b] = op.args;
  const [result] = op.results;
  if (a === undefined || result === undefined) return null;
  const make = (primitive: Primitive, args: readonly Value[]): readonly Op[] => [
    { kind: "apply", results: op.results, primitive, args },
  ];
  const left = known.plain(a);
  const right = known.plain(b);
  switch (op.primitive) {
    case "pow":
      return right === 2 ? make("mul", [a, a]) : null;
    case "mul":
      if (b === undefined) return null;
      if (right === -1) return make("neg", [a]);
      return left === -1 ? make("neg", [b]) : null;
    case "becomesNaN":
      return known.definitions.opOf(a)?.kind === "apply" ? make("isNaN", [a]) : null;
    case "not": {
      const inner = known.definitions.opOf(a);
      if (inner?.kind !== "apply") return null;
      // not for < and its like: NaN is neither less nor greater
      if (inner.primitive === "eq") return make("ne", inner.args);
      return inner.primitive === "ne" ? make("eq", inner.args) : null;
    }
    case "add":
    case "sub":
      return regroupIndices(op, known);
    default: {
      const outcome = comparedBranch(op, known);
      return outcome !== null && !outcome.then && outcome.else ? make("not", [outcome.test]) : null;
    }
  }
}

/** A comparison with what an `if` of literals gives: its test, and how the comparison comes out in either branch. */
function comparedBranch(op: ApplyOp, known: KnownLiterals): { test: Value; then: boolean; else: boolean } | null {
  const [a, b] = op.args;
  if (!comparisons.has(op.primitive) || a === undefined || b === undefined) return null;
  const { evaluate } = primitives[op.primitive];
  const right = known.literal(b);
  const left = known.literal(a);
  const chosen = right !== undefined ? a : left !== undefined ? b : null;
  const definition = chosen === null ? null : known.definitions.of(chosen);
  if (definition?.kind !== "result" || definition.op.kind !== "if") return null;
  const outcomes: boolean[] = [];
  for (const branch of [definition.op.then, definition.op.else]) {
    const literal = known.literal(yieldedBy(branch)?.[definition.position]);
    const pair = right !== undefined ? [literal, right] : [left, literal];
    const numbers = pair.flatMap((one) => (typeof one === "number" ? [one] : []));
    if (numbers.length !== 2) return null;
    outcomes.push(evaluate(...numbers) !== 0);
  }
  const [then, otherwise] = outcomes;
  return then === undefined || otherwise === undefined ? null : { test: definition.op.test, then, else: otherwise };
}
