/** What a file assigns: to variables, and to members of objects that are there once it is loaded. */
import ts from "typescript";
import { isAssignmentOperator, symbolAt, unwrapped } from "./assigned-symbols.js";
import { entityOf, nameText, type Entity } from "./entity.js";
import { isAtTop } from "./run-once.js";
import type { LoweringSession } from "./session.js";

interface Write {
  readonly target: ts.Expression;
  readonly value: ts.Expression;
}

/** All that a file assigns, by the last name of the target. */
export interface Writes {
  readonly named: ReadonlyMap<string, readonly Write[]>;
  /** `owner[key] = value`: any member. */
  readonly computed: readonly ts.ElementAccessExpression[];
  /** `Object.assign(owner, { ... })` */
  readonly merged: readonly { readonly owner: ts.Expression; readonly source: ts.Expression }[];
}

export function writesIn(session: LoweringSession, file: ts.SourceFile): Writes {
  const known = session.writes.get(file);
  if (known !== undefined) return known;
  const named = new Map<string, Write[]>();
  const computed: ts.ElementAccessExpression[] = [];
  const merged: { owner: ts.Expression; source: ts.Expression }[] = [];
  const write = (target: ts.Expression, value: ts.Expression): void => {
    const at = unwrapped(target);
    const name = lastName(at);
    if (name !== null) named.set(name, [...(named.get(name) ?? []), { target: at, value }]);
    else if (ts.isElementAccessExpression(at)) computed.push(at);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      // An update gives what nobody knows: the expression as a whole stands for it.
      write(node.left, node.operatorToken.kind === ts.SyntaxKind.EqualsToken ? lastValue(node) : node);
    } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken) {
        write(node.operand, node);
      }
    } else if (ts.isDeleteExpression(node)) write(node.expression, node);
    else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression, name } = node.expression;
      const [owner, ...sources] = node.arguments;
      if (
        ts.isIdentifier(expression) &&
        expression.text === "Object" &&
        name.text === "assign" &&
        owner !== undefined
      ) {
        for (const source of sources) merged.push({ owner, source });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const writes = { named, computed, merged };
  session.writes.set(file, writes);
  return writes;
}

function lastName(node: ts.Expression): string | null {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  const key = ts.isElementAccessExpression(node) ? unwrapped(node.argumentExpression) : null;
  return key !== null && ts.isStringLiteralLike(key) ? key.text : null;
}

/** `a = b = f`: what all of them are given. */
export function lastValue(node: ts.BinaryExpression): ts.Expression {
  const at = unwrapped(node.right);
  return ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken ? lastValue(at) : node.right;
}

/** Is a member given something after its object is made, or perhaps? */
export function isMemberWritten(session: LoweringSession, owner: Entity, name: string): boolean {
  return writesTo(session, owner, name)?.length !== 0;
}

/** All values that a member is given after its object is made; null: there is no telling. `void 0` is nothing yet. */
export function writesTo(session: LoweringSession, owner: Entity, name: string): readonly ts.Expression[] | null {
  const own = owner.node.getSourceFile();
  const others = session.program
    .getSourceFiles()
    .filter((file) => file !== own && !file.isDeclarationFile && file.text.includes(`.${name}`));
  const values: ts.Expression[] = [];
  for (const file of [own, ...others]) {
    const found = writesOfFile(session, file, owner, name);
    if (found === null) return null;
    values.push(...found);
  }
  return values;
}

function writesOfFile(
  session: LoweringSession,
  file: ts.SourceFile,
  owner: Entity,
  name: string,
): readonly ts.Expression[] | null {
  const { named, computed, merged } = writesIn(session, file);
  const isOwner = (node: ts.Expression): boolean => entityOf(session, node) === owner;
  for (const { expression, argumentExpression } of computed) {
    if (keysOf(session, argumentExpression)?.has(name) !== false && isOwner(expression)) return null;
  }
  const values = (named.get(name) ?? []).flatMap(({ target, value }) => {
    const isMember = ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target);
    return isMember && isOwner(target.expression) && !ts.isVoidExpression(unwrapped(value)) ? [value] : [];
  });
  for (const one of merged) {
    if (!isOwner(one.owner)) continue;
    const source = entityOf(session, one.source);
    if (source === null || !ts.isObjectLiteralExpression(source.node) || !isAtTop(session, one.source)) return null;
    for (const property of source.node.properties) {
      if (property.name === undefined || nameText(property.name) !== name) continue;
      if (!ts.isPropertyAssignment(property)) return null;
      values.push(property.initializer);
    }
  }
  return values;
}

/**
 * The texts that a key can be; null: any.
 *
 *   (function (names) {
 *     for (var i = 0; i < names.length; i++) (function (name) { lib[name] = ...; })(names[i]);
 *   })("sum mean".split(" "));
 */
function keysOf(session: LoweringSession, node: ts.Expression): ReadonlySet<string> | null {
  const at = unwrapped(node);
  if (ts.isStringLiteralLike(at) || ts.isNumericLiteral(at)) return new Set([at.text]);
  if (ts.isElementAccessExpression(at)) return textsIn(session, at.expression);
  const declaration = ts.isIdentifier(at) ? symbolAt(session, at)?.valueDeclaration : undefined;
  if (declaration === undefined) return null;
  const loop = declaration.parent.parent;
  if (ts.isVariableDeclaration(declaration) && ts.isForOfStatement(loop)) return textsIn(session, loop.expression);
  if (!ts.isParameter(declaration)) return null;
  // A function that is called where it stands, perhaps in a loop, or for each element of a list.
  const fn = declaration.parent;
  const position = fn.parameters.indexOf(declaration);
  let outer: ts.Node = fn.parent;
  while (ts.isParenthesizedExpression(outer)) outer = outer.parent;
  if (!ts.isCallExpression(outer)) return null;
  const callee = unwrapped(outer.expression);
  if (callee === fn) {
    const argument = outer.arguments[position];
    return argument === undefined ? null : keysOf(session, argument);
  }
  const isForEach = ts.isPropertyAccessExpression(callee) && callee.name.text === "forEach" && position === 0;
  return isForEach ? textsIn(session, callee.expression) : null;
}

/** The texts in a list: `["a", "b"]`, `"a b".split(" ")`. */
function textsIn(session: LoweringSession, node: ts.Expression): ReadonlySet<string> | null {
  const list = entityOf(session, node)?.node ?? unwrapped(node);
  if (ts.isArrayLiteralExpression(list)) {
    const texts = list.elements.flatMap((one) => (ts.isStringLiteralLike(one) ? [one.text] : []));
    return texts.length === list.elements.length ? new Set(texts) : null;
  }
  if (!ts.isCallExpression(list) || !ts.isPropertyAccessExpression(list.expression)) return null;
  const text = unwrapped(list.expression.expression);
  const [separator] = list.arguments;
  if (list.expression.name.text !== "split" || !ts.isStringLiteralLike(text)) return null;
  return separator !== undefined && ts.isStringLiteralLike(separator) ? new Set(text.text.split(separator.text)) : null;
}
