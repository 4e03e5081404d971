/** Fields that JavaScript adds to an object after its literal. */
import ts from "typescript";
import type { Field, Type } from "../ir/ir.js";
import { numberType } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isVagueText } from "../syntax/type-of.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import type { Cursor } from "./environment.js";
import { checkedType, isFunctionTyped } from "./lower-expression.js";

/**
 * What is assigned to fields of the variable that a literal is given to: absent at first.
 *
 *   const res = { s, l };  if (s > 0) res.h = hue;   =>   h?: number
 */
export function laterFields(cursor: Cursor, node: ts.ObjectLiteralExpression): readonly Field[] {
  if (!isJavaScript(node.getSourceFile().fileName)) return [];
  const holder = holderOf(node);
  const symbol = holder === null ? null : symbolAt(cursor.session, holder);
  const within = ts.findAncestor(node, ts.isFunctionLike);
  if (holder === null || symbol === null || within === undefined) return [];
  const fields = new Map<string, Type>();
  const visit = (at: ts.Node): void => {
    if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const { left, right } = at;
      const base = ts.isPropertyAccessExpression(left) ? unwrapped(left.expression) : null;
      const isHolder = base !== null && ts.isIdentifier(base) && base.text === holder.text;
      if (isHolder && ts.isPropertyAccessExpression(left) && symbolAt(cursor.session, base) === symbol) {
        // Functions are no memory.
        const type = isFunctionTyped(cursor, right) ? null : checkedType(cursor, right);
        // Where the checker does not know, it is learnt where the field is given: see given-later.ts.
        if (type !== null && !isVague(type)) fields.set(left.name.text, absentAtFirst(type));
      }
    }
    ts.forEachChild(at, visit);
  };
  visit(within);
  return [...fields].map(([name, type]) => ({ name, type, mayBeLeftOut: true }));
}

const isVague = (type: Type): boolean => type.kind === "opaque" && isVagueText(type.text);

function absentAtFirst(type: Type): Type {
  if (type.kind === "optional" || type.kind === "opaque") return type;
  return { kind: "optional", of: type.kind === "integer" ? numberType : type };
}

/** `const res = { }`, `res = { }` */
function holderOf(node: ts.Expression): ts.Identifier | null {
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent)) return holderOf(parent);
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name;
  const isAssigned = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  return isAssigned && parent.right === node && ts.isIdentifier(parent.left) ? parent.left : null;
}
