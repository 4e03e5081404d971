/**
 * Getters of an object that is spread: the new object has what they answer then, as a field.
 *
 *   const p = { ...v, w: 2 };   where `v` has `get length()`   =>   length: Math.hypot(v.x, v.y)
 */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { isAssignmentOperator, symbolAt, unwrapped } from "./assigned-symbols.js";
import { refused, type Callable, type Cursor } from "./environment.js";
import { isGetter, isSetter, setterName } from "./function-value.js";
import { isGlobal } from "./module-constants.js";
import { readFunction } from "./read-function.js";
import type { LoweringSession } from "./session.js";

/** What the getters among the functions of an object answer; null: that was refused. */
export function askGetters(
  cursor: Cursor,
  source: Value,
  own: ReadonlyMap<string, Callable>,
  node: ts.Expression,
): ReadonlyMap<string, Value> | null {
  const answers = new Map<string, Value>();
  const getters = [...own].filter(([, held]) => isGetter(held));
  const isMute = [...own].some(([name, held]) => isSetter(held) && !getters.some(([one]) => setterName(one) === name));
  const isSure = source.type.kind === "record" && getters.every(([, held]) => onlyReads(cursor.session, held));
  const isUnseen = isMemberUnseen(cursor, source, node);
  if (isUnseen || isMute || (getters.length > 0 && !isSure)) {
    const advice = "name the fields that are wanted";
    const such = isMute ? "a setter without a getter" : "such getters";
    refused(cursor, node, "EZ2001", { what: `spreading an object that has ${such}`, advice });
    return null;
  }
  for (const [name] of getters) {
    const answer = readFunction(cursor, source, name, node);
    if (answer !== null) answers.set(name, answer);
  }
  return answers;
}

/**
 * Members that an object which may be nothing has to the checker, and that are no fields: getters, of which such a value
 * keeps nothing.
 */
function isMemberUnseen({ session: { checker } }: Cursor, { type }: Value, node: ts.Expression): boolean {
  const record = type.kind === "optional" ? type.of : type;
  if (type.kind !== "optional" || record.kind !== "record") return false;
  const declared = checker.getNonNullableType(checker.getTypeAtLocation(node));
  const objects = (declared.isUnion() ? declared.types : [declared]).filter(
    ({ flags }) => (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0,
  );
  return objects
    .flatMap((one) => checker.getPropertiesOfType(one))
    .some(
      (one) =>
        (one.flags & (ts.SymbolFlags.Optional | ts.SymbolFlags.Method)) === 0 &&
        checker.getTypeOfSymbolAtLocation(one, node).getCallSignatures().length === 0 &&
        !record.fields.some(({ name }) => name === one.name),
    );
}

/** Fields are copied in an order that need not be that of the literal: a getter must not change one. */
function onlyReads(session: LoweringSession, callable: Callable): boolean {
  if (callable.kind !== "closure") return false;
  const { node } = callable;
  const isPlain = (at: ts.Node): boolean => {
    if (ts.isNewExpression(at) || ts.isDeleteExpression(at) || ts.isTaggedTemplateExpression(at)) return false;
    if (ts.isCallExpression(at) && !isOfMath(session, at.expression)) return false;
    if (ts.isBinaryExpression(at) && isAssignmentOperator(at.operatorToken.kind) && !isName(at.left)) return false;
    if (ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) {
      const { operator, operand } = at;
      const isUpdate = operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
      if (isUpdate && !isName(operand)) return false;
    }
    if (ts.isPropertyAccessExpression(at) && !isFieldOf(session, at, node.parent)) return false;
    return ts.forEachChild(at, (one) => (isPlain(one) ? undefined : true)) !== true;
  };
  return node.body !== undefined && isPlain(node.body);
}

const isName = (node: ts.Expression): boolean => ts.isIdentifier(unwrapped(node));

function isOfMath(session: LoweringSession, callee: ts.Expression): boolean {
  const at = unwrapped(callee);
  return ts.isPropertyAccessExpression(at) && isGlobal(session, at.expression, "Math");
}

/** Another getter of the same literal is looked at as well; what one of another object does, nobody looks at. */
function isFieldOf(session: LoweringSession, node: ts.PropertyAccessExpression, literal: ts.Node): boolean {
  const declarations = symbolAt(session, node.name)?.declarations ?? [];
  return declarations.length > 0 && declarations.every((one) => !ts.isAccessor(one) || one.parent === literal);
}
