/** `=`, `+=`, `&&=` and their like, `++` and `--`: as statements and as values. */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { unwrapped } from "./assigned-symbols.js";
import { branches, originOf, type Cursor } from "./environment.js";
import { joinSides } from "./escape.js";
import { assignParts, lowerTarget, readTarget, writeTarget, type Target } from "./lower-assignment.js";
import { lowerCount } from "./lower-counter.js";
import { isAbsent, negate, truthy } from "./lower-condition.js";
import { lowerExpression } from "./lower-expression.js";
import { binary, numericOperand, operatorOfAssignment } from "./lower-operator.js";

const variableOf = (target: Target): { readonly name: string } | null =>
  target.kind === "variable" || target.kind === "member" ? target.slot.variable : null;

/** Assigns, and answers the value assigned. */
export function lowerAssignment(cursor: Cursor, node: ts.BinaryExpression): Value {
  const { kind } = node.operatorToken;
  if (kind === ts.SyntaxKind.EqualsToken) {
    if (ts.isExpressionStatement(node.parent) && assignParts(cursor, node)) return cursor.block.constant(undefined);
    const target = lowerTarget(cursor, node.left);
    const value = lowerExpression(cursor, node.right, variableOf(target));
    writeTarget(cursor, target, value, node.right);
    return value;
  }
  const counted = lowerCount(cursor, node);
  if (counted !== null) return counted;
  const target = lowerTarget(cursor, node.left);
  const before = readTarget(cursor, target);
  if (
    kind === ts.SyntaxKind.AmpersandAmpersandEqualsToken ||
    kind === ts.SyntaxKind.BarBarEqualsToken ||
    kind === ts.SyntaxKind.QuestionQuestionEqualsToken
  ) {
    return assignLogical(cursor, node, kind, target, before);
  }
  const right = lowerExpression(cursor, node.right);
  const value = binary(cursor, operatorOfAssignment(kind), before, right, node, variableOf(target));
  writeTarget(cursor, target, value, node, false);
  return value;
}

type LogicalAssignment =
  | ts.SyntaxKind.AmpersandAmpersandEqualsToken
  | ts.SyntaxKind.BarBarEqualsToken
  | ts.SyntaxKind.QuestionQuestionEqualsToken;

/** `a ||= b` assigns only where it must. */
function assignLogical(
  cursor: Cursor,
  node: ts.BinaryExpression,
  kind: LogicalAssignment,
  target: Target,
  before: Value,
): Value {
  const test =
    kind === ts.SyntaxKind.QuestionQuestionEqualsToken
      ? isAbsent(cursor, before, node)
      : kind === ts.SyntaxKind.BarBarEqualsToken
        ? negate(cursor, truthy(cursor, before, node), node)
        : truthy(cursor, before, node);
  const [then, otherwise] = branches(cursor, test);
  writeTarget(then, target, lowerExpression(then, node.right, variableOf(target)), node.right);
  joinSides(cursor, test, then, otherwise);
  if (ts.isExpressionStatement(node.parent)) return cursor.block.constant(undefined);
  return readTarget(cursor, target);
}

/** `++x` answers what is new, `x++` what was there. */
export function lowerUpdate(
  cursor: Cursor,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  answersNew: boolean,
): Value {
  const counted = lowerCount(cursor, node);
  if (counted !== null) return counted;
  const target = lowerTarget(cursor, unwrapped(node.operand));
  const before = numericOperand(cursor, readTarget(cursor, target), node.operand);
  const one = cursor.block.constant(1);
  const primitive = node.operator === ts.SyntaxKind.PlusPlusToken ? "add" : "sub";
  const value = cursor.block.apply(primitive, [before, one], originOf(node, variableOf(target)));
  const count = cursor.block.literalOf(before);
  if (typeof count === "number") cursor.block.assume(value, primitive === "add" ? count + 1 : count - 1);
  writeTarget(cursor, target, value, node, false);
  return answersNew ? value : before;
}
