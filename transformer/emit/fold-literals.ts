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

/** What a comparison of two numbers, or the guard of one, comes to; null where that is not known. */
export function decided(primitive: Primitive, [a, b]: readonly Expression[]): Expression | null {
  if (primitive === "guard" && isNumber(a) && b !== undefined) return a.value === 0 ? literal(0) : b;
  if ((primitive !== "eq" && primitive !== "ne") || !isNumber(a) || !isNumber(b)) return null;
  return literal((a.value === b.value) === (primitive === "eq"));
}
