/**
 * The text by which instances of a class say what they are: `this.type = "line"`, in its constructor and nowhere else.
 * It is part of their type, so that it is known of them wherever they go: from a list, in a function that calls itself.
 */
import ts from "typescript";
import { isAssignmentOperator, unwrapped } from "./assigned-symbols.js";
import { baseOf, type Maker } from "./class-members.js";
import { memberName } from "./open-object.js";
import type { LoweringSession } from "./session.js";

/** null: no text, or one that is not always the same. */
export function ownText(session: LoweringSession, maker: Maker, name: string): string | null {
  for (let at: Maker | null = maker, depth = 0; at !== null && depth < 20; at = baseOf(session, at), depth++) {
    const given = givenIn(at, name);
    if (given.length > 1) return null;
    const [only] = given;
    if (only !== undefined) return only === null || !ts.isStringLiteralLike(only) ? null : only.text;
  }
  return null;
}

/** What code of a class gives to a member of `this`; null: something that is computed. */
function givenIn(maker: Maker, name: string): readonly (ts.Expression | null)[] {
  const given: (ts.Expression | null)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      const target = unwrapped(node.left);
      const isPlain = node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
      if (memberName(target) === name) given.push(isPlain && isOfThis(target) ? unwrapped(node.right) : null);
    } else if (ts.isPropertyDeclaration(node) && node.name.getText() === name && node.initializer !== undefined) {
      given.push(unwrapped(node.initializer));
    }
    ts.forEachChild(node, visit);
  };
  visit(maker);
  return given;
}

const isOfThis = (node: ts.Expression): boolean =>
  ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.ThisKeyword;
