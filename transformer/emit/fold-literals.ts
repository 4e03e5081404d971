/**
 * Puts numbers in the place of variables that are only ever that number, and decides comparisons of numbers: TypeScript
 * objects to a `const` that is compared with what it cannot be.
 *
 *   d = 1; y = d === 0 ? 0 : d / x                =>   y = 1 / x
 *   d = p > 0 ? 1 : -1; y = d === 0 ? 0 : d / x   =>   d = p > 0 ? 1 : -1; y = d / x
 */
import type { Primitive } from "../ir/primitives.js";
import {
  assignedBy,
  eachStatement,
  literal,
  mapParts,
  mapStatement,
  type Block,
  type Expression,
  type Local,
  type Statement,
} from "./tree.js";

/** Variables that are one number => that number. */
export function foldLiterals(params: readonly Local[], body: Block): Block {
  const assigned = new Map<Local, Statement[]>();
  eachStatement(body, (statement) => {
    for (const local of assignedBy(statement)) assigned.set(local, [...(assigned.get(local) ?? []), statement]);
  });
  // What the caller gives may be anything.
  for (const param of params) assigned.delete(param);
  const known = new Map<Local, Expression>();
  for (const [local, [first, second]] of assigned) {
    if (first?.kind === "assign" && second === undefined && isNumber(first.value)) known.set(local, first.value);
  }
  const candidates = candidatesOf(assigned);
  const expression = (one: Expression): Expression => {
    if (one.kind === "local") return known.get(one.local) ?? one;
    const inner = mapParts(one, expression);
    return inner.kind === "apply" ? (decided(inner.primitive, inner.args, candidates) ?? inner) : inner;
  };
  const fold = (block: Block): Block =>
    block.flatMap((statement): Block => {
      if (statement.kind === "assign" && known.has(statement.local)) return [];
      return [mapStatement(statement, { expression, block: fold, local: (local) => local })];
    });
  return fold(body);
}

const isNumber = (one: Expression | undefined): one is Extract<Expression, { kind: "literal" }> =>
  one?.kind === "literal" && typeof one.value === "number" && one.text === null;

/** The number that is written, `-1` too; null where there is more to it. */
function numberOf(one: Expression | undefined): number | null {
  if (isNumber(one)) return Number(one.value);
  if (one?.kind !== "apply" || one.primitive !== "neg") return null;
  const inner = numberOf(one.args[0]);
  return inner === null ? null : -inner;
}

/** The few numbers of which a variable is always one; null where it may be another. */
type Candidates = (local: Local) => readonly number[] | null;

function candidatesOf(assigned: ReadonlyMap<Local, readonly Statement[]>): Candidates {
  const found = new Map<Local, readonly number[] | null>();
  const candidates: Candidates = (local) => {
    const before = found.get(local);
    if (before !== undefined) return before;
    // A variable that is made of itself may become anything.
    found.set(local, null);
    const values = (assigned.get(local) ?? []).map((one) =>
      one.kind === "assign" ? numbersOf(one.value, candidates) : null,
    );
    const numbers = values.length === 0 ? null : joined(values);
    found.set(local, numbers);
    return numbers;
  };
  return candidates;
}

function numbersOf(one: Expression | undefined, candidates: Candidates): readonly number[] | null {
  if (one?.kind === "local") return candidates(one.local);
  if (one?.kind === "conditional") {
    return joined([numbersOf(one.then, candidates), numbersOf(one.otherwise, candidates)]);
  }
  const number = numberOf(one);
  return number === null ? null : [number];
}

function joined(parts: readonly (readonly number[] | null)[]): readonly number[] | null {
  const known = parts.flatMap((part) => (part === null ? [] : [part]));
  return known.length === parts.length ? known.flat() : null;
}

/** What a comparison of two numbers, or the guard of one, comes to; null where that is not known. */
export function decided(
  primitive: Primitive,
  [first, second]: readonly Expression[],
  candidates: Candidates = () => null,
): Expression | null {
  const left = numbersOf(first, candidates);
  if (primitive === "guard") {
    if (left === null || second === undefined) return null;
    if (left.every((one) => one === 0)) return literal(0);
    return left.every((one) => one !== 0) ? second : null;
  }
  const right = numbersOf(second, candidates);
  if ((primitive !== "eq" && primitive !== "ne") || left === null || right === null) return null;
  const outcomes = new Set(left.flatMap((a) => right.map((b) => (a === b) === (primitive === "eq"))));
  const [only] = outcomes;
  return only !== undefined && outcomes.size === 1 ? literal(only) : null;
}
