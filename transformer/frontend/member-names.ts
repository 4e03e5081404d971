/** Which members the instances of a class, or of a function that `new` runs, are given by its own code. */
import ts from "typescript";
import { isAssignmentOperator, symbolAt, unwrapped } from "./assigned-symbols.js";
import { baseOf, makerOf, memberOfMaker, type Maker } from "./class-members.js";
import { prototypeOf, entityOf } from "./entity.js";
import { fieldName, memberName } from "./open-object.js";
import type { LoweringSession } from "./session.js";
import { writesIn } from "./writes.js";

/** All of them, those of the classes above included; what a getter or a setter answers for is none of them. */
export function memberNamesOf(session: LoweringSession, maker: Maker): ReadonlySet<string> {
  const known = session.memberNames.get(maker);
  if (known !== undefined) return known;
  const names = new Set<string>();
  session.memberNames.set(maker, names);
  const base = baseOf(session, maker);
  if (base !== null) for (const name of memberNamesOf(session, base)) names.add(name);
  for (const node of [maker, ...prototypeFunctions(session, maker)]) collect(session, node, names);
  for (const name of names) {
    const isComputed = (["get", "set"] as const).some((kind) => memberOfMaker(session, maker, name, kind) !== null);
    if (isComputed) names.delete(name);
  }
  return names;
}

/** The functions that the prototype of a function is given: `V.prototype.add = function () { ... }`. */
function prototypeFunctions(session: LoweringSession, maker: Maker): readonly ts.Node[] {
  const prototype = prototypeOf(session, maker);
  if (prototype === null) return [];
  const found: ts.Node[] = prototype.kind === "value" ? [prototype.node] : [];
  for (const writes of writesIn(session, maker.getSourceFile()).named.values()) {
    for (const { target, value } of writes) {
      if (!ts.isPropertyAccessExpression(target) || memberName(unwrapped(target.expression)) !== "prototype") continue;
      if (entityOf(session, target.expression) === prototype) found.push(value);
    }
  }
  return found;
}

/** What is assigned to `this`, or to a variable that holds it. */
function collect(session: LoweringSession, node: ts.Node, names: Set<string>): void {
  const isSelf = (owner: ts.Expression): boolean => {
    const at = unwrapped(owner);
    if (at.kind === ts.SyntaxKind.ThisKeyword) return true;
    const declaration = ts.isIdentifier(at) ? symbolAt(session, at)?.valueDeclaration : undefined;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return false;
    return declaration.initializer?.kind === ts.SyntaxKind.ThisKeyword;
  };
  const target = (at: ts.Expression): void => {
    const name = memberName(at);
    const isMember = ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at);
    if (name !== null && isMember && isSelf(at.expression)) names.add(name);
  };
  const visit = (at: ts.Node): void => {
    if (ts.isBinaryExpression(at) && isAssignmentOperator(at.operatorToken.kind)) target(unwrapped(at.left));
    else if (ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) target(unwrapped(at.operand));
    else if (ts.isPropertyDeclaration(at) && !isStatic(at)) names.add(fieldName(at.name.getText()));
    else if (isParameterProperty(at)) names.add(fieldName(at.name.getText()));
    else if (ts.isCallExpression(at) && memberName(at.expression) === "call") borrow(session, at, names);
    ts.forEachChild(at, visit);
  };
  visit(node);
}

/** `Base.call(this, x)`: what that function gives its instances. */
function borrow(session: LoweringSession, call: ts.CallExpression, names: Set<string>): void {
  const [self] = call.arguments;
  if (self?.kind !== ts.SyntaxKind.ThisKeyword || !ts.isPropertyAccessExpression(call.expression)) return;
  const maker = makerOf(session, call.expression.expression);
  if (maker !== null) for (const name of memberNamesOf(session, maker)) names.add(name);
}

/** `constructor(readonly x: number)` */
const isParameterProperty = (node: ts.Node): node is ts.ParameterDeclaration =>
  ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent);

const isStatic = (member: ts.PropertyDeclaration): boolean =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;
