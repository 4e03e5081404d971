/**
 * Whether a program runs for those who develop it: `process.env.NODE_ENV`. By convention it stays as it is while a
 * program runs (bundlers write it into the code), but it is not known when a derivative is made: it is asked again there.
 */
import ts from "typescript";
import { pure } from "../ir/effects.js";
import type { Value } from "../ir/ir.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import { Scope, type Callable, type Choice, type Cursor } from "./environment.js";
import { loadedValue } from "./loading/loading.js";
import { isOneOf } from "./loading/values.js";
import { lowerCondition } from "./lower-condition.js";
import { opaque } from "./lower-opaque.js";
import { isGlobal } from "./module-constants.js";
import { memberName } from "./open-object.js";
import type { LoweringSession } from "./session.js";
import { isPlain } from "./settled-constant.js";
import { writesIn } from "./writes.js";

/** `process.env.NODE_ENV`, where the program knows `process`. */
export function isEnvironmentMode(session: LoweringSession, node: ts.Expression): boolean {
  const at = unwrapped(node);
  if (memberName(at) !== "NODE_ENV" || !isMember(at)) return false;
  const env = unwrapped(at.expression);
  if (memberName(env) !== "env" || !isMember(env)) return false;
  const root = unwrapped(env.expression);
  return ts.isIdentifier(root) && isGlobal(session, root, "process") && symbolAt(session, root) !== null;
}

const isMember = (node: ts.Node): node is ts.PropertyAccessExpression | ts.ElementAccessExpression =>
  ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);

/** The text that it is at run time. */
export const environmentMode = (cursor: Cursor, node: ts.Node): Value =>
  opaque(cursor, `process.env["NODE_ENV"]`, [], { kind: "opaque", text: "string | undefined" }, node, null, pure);

/**
 * A function that a module chooses while it is loaded; null: it is none of two, or not chosen by the environment alone.
 *
 *   var check = function () {};
 *   if (process.env.NODE_ENV !== "production") check = function (ok) { if (!ok) throw new Error(); };
 */
export function chosenByMode(
  cursor: Cursor,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
  resolve: (node: ts.Expression) => Callable | null,
): Choice | null {
  const { session } = cursor;
  const { name, initializer } = declaration;
  if (!ts.isIdentifier(name)) return null;
  const given = (writesIn(session, declaration.getSourceFile()).named.get(name.text) ?? []).filter(
    ({ target }) => ts.isIdentifier(target) && symbolAt(session, target) === symbol,
  );
  const ways = given.map(({ target, value }) => ({ value, ...wayTo(session, target) }));
  const [first] = ways;
  const test = first?.test;
  if (test == null || ways.length > 2 || ways.some((one) => one.test !== test)) return null;
  const functionFor = (when: boolean): Callable | null => {
    const found = ways.filter((one) => one.when === when);
    const value = found.length === 0 ? initializer : found[0]?.value;
    return value === undefined || found.length > 1 ? null : resolve(value);
  };
  const [yes, no] = [functionFor(true), functionFor(false)];
  if (yes?.kind !== "closure" || no?.kind !== "closure") return null;
  // Nothing else ever gets there.
  const loaded = loadedValue(session, name);
  if (!isOneOf(loaded) || loaded.orUnknown) return null;
  const nodes: readonly (ts.Node | null)[] = [yes.node, no.node];
  if ([...loaded.objects].some(({ node }) => !nodes.includes(node))) return null;
  return choice(cursor, test, yes, no);
}

/** `const check = process.env.NODE_ENV === "production" ? f : g` */
export function eitherByMode(
  cursor: Cursor,
  node: ts.ConditionalExpression,
  resolve: (node: ts.Expression) => Callable | null,
): Choice | null {
  if (!isTestOfMode(cursor.session, node.condition)) return null;
  const [yes, no] = [resolve(node.whenTrue), resolve(node.whenFalse)];
  return yes?.kind !== "closure" || no?.kind !== "closure" ? null : choice(cursor, node.condition, yes, no);
}

const choice = (cursor: Cursor, test: ts.Expression, yes: Callable, no: Callable): Choice => ({
  kind: "choice",
  ways: [{ test: lowerCondition({ ...cursor, scope: new Scope(null) }, test), callable: yes }],
  otherwise: no,
});

/** The test of the environment that an assignment at the top of a file depends on, and on which side of it it stands. */
function wayTo(
  session: LoweringSession,
  target: ts.Node,
): { readonly test: ts.Expression | null; readonly when: boolean } {
  const assignment = target.parent;
  const statement = assignment.parent;
  const block = ts.isBlock(statement.parent) ? statement.parent : statement;
  const { parent } = block;
  const isSimple = ts.isBinaryExpression(assignment) && ts.isExpressionStatement(statement) && ts.isIfStatement(parent);
  if (!isSimple || !ts.isSourceFile(parent.parent) || !isTestOfMode(session, parent.expression)) {
    return { test: null, when: false };
  }
  return { test: parent.expression, when: block === parent.thenStatement };
}

function isTestOfMode(session: LoweringSession, node: ts.Expression): boolean {
  const asks = (at: ts.Node): boolean =>
    (ts.isExpression(at) && isEnvironmentMode(session, at)) ||
    ts.forEachChild(at, (child) => asks(child) || undefined) === true;
  return asks(node) && isPlain(session, node);
}
