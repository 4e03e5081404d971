/**
 * `switch` as a chain of ifs. A case that falls through goes on with the statements of the cases after it, which are
 * then lowered once more.
 *
 *   switch (k) { case 0: a; break; case 1: case 2: b; default: c }
 *     =>   if (k === 0) { a } else if (k === 1 || k === 2) { b; c } else { c }
 */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { inner, originOf, type Cursor, type Outcome } from "./environment.js";
import { escaped } from "./escape.js";
import { fork, leaf, type Flow } from "./flow.js";
import { hoistFunctions } from "./hoist-variables.js";
import { lowerExpression } from "./lower-expression.js";
import { lowerEquality } from "./lower-operator.js";
import { lowerStatements } from "./lower-statement.js";

interface Group {
  readonly tests: readonly ts.Expression[];
  readonly isDefault: boolean;
  readonly statements: readonly ts.Statement[];
}

export function lowerSwitch(cursor: Cursor, node: ts.SwitchStatement, next: Outcome): Flow {
  const subject = lowerExpression(cursor, node.expression);
  const { clauses } = node.caseBlock;
  for (const clause of clauses) hoistFunctions(cursor, clause.statements);
  const groups = groupsOf(clauses);
  const inside: Cursor = {
    ...cursor,
    targets: { label: null, breakTo: next, continueTo: null, plainBreak: true, outer: cursor.targets },
  };
  const otherwise = groups.find((group) => group.isDefault);
  return chain(
    inside,
    subject,
    node,
    groups.filter((group) => group.tests.length > 0 && !group.isDefault),
    (at) => (otherwise === undefined ? leaf(at, next) : lowerStatements(at, otherwise.statements, next)),
    next,
  );
}

/** Clauses that share a body, each with all that it may fall into. */
function groupsOf(clauses: readonly ts.CaseOrDefaultClause[]): readonly Group[] {
  const groups: Group[] = [];
  let tests: ts.Expression[] = [];
  let isDefault = false;
  clauses.forEach((clause, k) => {
    if (ts.isCaseClause(clause)) tests.push(clause.expression);
    else isDefault = true;
    if (clause.statements.length === 0 && k + 1 < clauses.length) return;
    groups.push({ tests, isDefault, statements: clauses.slice(k).flatMap((one) => [...one.statements]) });
    tests = [];
    isDefault = false;
  });
  return groups;
}

function chain(
  cursor: Cursor,
  subject: Value,
  node: ts.SwitchStatement,
  groups: readonly Group[],
  otherwise: (at: Cursor) => Flow,
  next: Outcome,
): Flow {
  const [group, ...others] = groups;
  if (group === undefined) return otherwise(cursor);
  const test = groupTest(cursor, subject, node, group);
  const known = cursor.block.literalOf(test);
  if (known === true) return lowerStatements(cursor, group.statements, next);
  if (known === false) return chain(cursor, subject, node, others, otherwise, next);
  const below = inner(cursor);
  return fork(
    cursor,
    test,
    lowerStatements(inner(cursor), group.statements, next),
    escaped(below, chain(below, subject, node, others, otherwise, next)),
  );
}

function groupTest(cursor: Cursor, subject: Value, node: ts.SwitchStatement, group: Group): Value {
  let all: Value | null = null;
  for (const test of group.tests) {
    const one = lowerEquality(cursor, subject, lowerExpression(cursor, test), false, test);
    all = all === null ? one : cursor.block.apply("or", [all, one], originOf(test));
  }
  return all ?? cursor.block.constant(false, originOf(node));
}
