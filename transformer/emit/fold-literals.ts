/**
 * Puts numbers in the place of variables that are only ever that number, and decides comparisons of numbers: TypeScript
 * objects to a `const` that is compared with what it cannot be.
 *
 *   d = 1; y = d === 0 ? 0 : d / x   =>   y = 1 / x
 */
import type { Primitive } from "../ir/primitives.js";
import {
  assignedBy,
  blocksOf,
  literal,
  mapParts,
  mapStatement,
  type Block,
  type Expression,
  type Local,
  type Statement,
} from "./tree.js";

export function foldLiterals(params: readonly Local[], body: Block): Block {
  const assigned = new Map<Local, Statement | null>(params.map((local) => [local, null]));
  const note = (statement: Statement): void => {
    for (const local of assignedBy(statement)) assigned.set(local, assigned.has(local) ? null : statement);
    for (const block of blocksOf(statement)) block.forEach(note);
  };
  body.forEach(note);
  const known = new Map<Local, Expression>();
  for (const [local, statement] of assigned) {
    if (statement?.kind === "assign" && isNumber(statement.value)) known.set(local, statement.value);
  }
  if (known.size === 0) return body;
  const expression = (one: Expression): Expression => {
    if (one.kind === "local") return known.get(one.local) ?? one;
    const inner = mapParts(one, expression);
    return inner.kind === "apply" ? (decided(inner.primitive, inner.args) ?? inner) : inner;
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

/** What a comparison of two numbers, or the guard of one, comes to; null where that is not known. */
export function decided(primitive: Primitive, [first, second]: readonly Expression[]): Expression | null {
  const [a, b] = [numberOf(first), numberOf(second)];
  if (primitive === "guard" && a !== null && second !== undefined) return a === 0 ? literal(0) : second;
  if ((primitive !== "eq" && primitive !== "ne") || a === null || b === null) return null;
  return literal((a === b) === (primitive === "eq"));
}
