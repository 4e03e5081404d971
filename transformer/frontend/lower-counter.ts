/**
 * What a module counts from call to call: `this.id = Material.idCounter++`, `++calls`.
 *
 * Where the file of the derivative can name it, it is counted there as the program does, once for each time, like a draw
 * of `Math.random()`. Elsewhere it is not counted, and what the count would be is not known: a derivative of which
 * anything is left that asks for it is refused (`ir/uncounted.ts`). Nobody else may read it: that is refused anyway.
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { readsOnly } from "../ir/effects.js";
import { numberType, type Effects, type Value } from "../ir/ir.js";
import { uncounted } from "../ir/uncounted.js";
import { isInPackage } from "../syntax/implementations.js";
import { resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { makerOf } from "./class-members.js";
import { originOf, type Cursor } from "./environment.js";
import { exactValue, importedName, nameInScope } from "./module-constants.js";
import { isAtTop } from "./run-once.js";
import { scratchVariable } from "./scratch-variable.js";

type Count = ts.PrefixUnaryExpression | ts.PostfixUnaryExpression | ts.BinaryExpression;

/** It is counted once. */
const counts: Effects = { reads: true, writes: false, observable: true };

/** `n++`, `--n`, `n += 2` of what a module counts; null: it is something else. */
export function lowerCount(cursor: Cursor, node: Count): Value | null {
  const target = unwrapped(ts.isBinaryExpression(node) ? node.left : node.operand);
  const step = stepText(cursor, node);
  const counter = step === null ? null : counterAt(cursor, target);
  if (step === null || counter === null) return null;
  const value = makeValue(numberType, originOf(node));
  const isStatement = ts.isExpressionStatement(node.parent);
  if (counter.name === null) {
    const template = `${uncounted}${target.getText()}`;
    cursor.block.append({ kind: "opaque", results: [value], template, operands: [], effects: readsOnly });
  } else {
    const name = counter.name.replaceAll("$", "\\u0024");
    const text = ts.isPostfixUnaryExpression(node) ? `${name}${step}` : `${step}${name}`;
    const counted = !ts.isBinaryExpression(node) ? text : isStatement ? `${name} ${step}` : `(${name} ${step})`;
    cursor.block.append({ kind: "opaque", results: [value], template: counted, operands: [], effects: counts });
  }
  cursor.session.present.add(value);
  return value;
}

/** How far it counts, as it is written: the same each time. */
function stepText({ session }: Cursor, node: Count): string | null {
  if (!ts.isBinaryExpression(node)) {
    if (node.operator === ts.SyntaxKind.PlusPlusToken) return "++";
    return node.operator === ts.SyntaxKind.MinusMinusToken ? "--" : null;
  }
  const { kind } = node.operatorToken;
  const by = exactValue(session, node.right);
  if (typeof by !== "number") return null;
  if (kind === ts.SyntaxKind.PlusEqualsToken) return `+= ${by}`;
  return kind === ts.SyntaxKind.MinusEqualsToken ? `-= ${by}` : null;
}

/** `name`: how the output file counts it; null: it cannot. */
interface Counter {
  readonly name: string | null;
}

function counterAt(cursor: Cursor, target: ts.Expression): Counter | null {
  const { checker } = cursor.session;
  const { flags } = checker.getTypeAtLocation(target);
  if (!(flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.Any))) return null;
  if (ts.isIdentifier(target)) return variableCounter(cursor, target);
  return ts.isPropertyAccessExpression(target) ? memberCounter(cursor, target) : null;
}

/** `let calls = 0` of a module. */
function variableCounter(cursor: Cursor, node: ts.Identifier): Counter | null {
  const { session, scope, frame } = cursor;
  const symbol = symbolAt(session, node);
  if (symbol === null || scope.get(symbol) !== null) return null;
  const declared = resolveAlias(session, symbol);
  const { valueDeclaration: declaration } = declared;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration) || !isAtTop(session, declaration))
    return null;
  if (!isNumber(cursor, declaration.initializer) || scratchVariable(cursor, node) !== null) return null;
  // What is imported cannot be assigned.
  const isOwn = declaration.getSourceFile() === frame.outputFile;
  return { name: isOwn ? nameInScope(session, frame.outputFile, declared) : null };
}

/** `Material.idCounter`, of a class or of a function that makes instances. */
function memberCounter(cursor: Cursor, node: ts.PropertyAccessExpression): Counter | null {
  const { session, frame } = cursor;
  const owner = unwrapped(node.expression);
  if (!ts.isIdentifier(owner) && !ts.isPropertyAccessExpression(owner)) return null;
  const maker = makerOf(session, owner);
  if (maker === null || !isAtTop(session, maker) || isLocal(cursor, owner)) return null;
  const member = symbolAt(session, node.name);
  const declaration = member?.valueDeclaration;
  if (declaration !== undefined && ts.isPropertyDeclaration(declaration)) {
    if (!isNumber(cursor, declaration.initializer)) return null;
  }
  if (declaration !== undefined && ts.isAccessor(declaration)) return null;
  const symbol = maker.name === undefined ? undefined : session.checker.getSymbolAtLocation(maker.name);
  const isHidden = ts.isPrivateIdentifier(node.name) || isInPackage(maker.getSourceFile(), session.program);
  if (symbol === undefined || isHidden) return { name: null };
  const name = nameInScope(session, frame.outputFile, symbol) ?? importedName(cursor, symbol);
  if (name === null) return { name };
  const modifiers = declaration === undefined ? ts.ModifierFlags.None : ts.getCombinedModifierFlags(declaration);
  const isOpen = !(modifiers & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected));
  return { name: isOpen ? `${name}.${node.name.text}` : `${name}["${node.name.text}"]` };
}

/** Is the object a variable of the function that is lowered? */
function isLocal({ session, scope }: Cursor, node: ts.Expression): boolean {
  const root = ts.isPropertyAccessExpression(node) ? unwrapped(node.expression) : node;
  const symbol = ts.isIdentifier(root) ? symbolAt(session, root) : null;
  return symbol !== null && scope.get(symbol) !== null;
}

const isNumber = ({ session }: Cursor, initializer: ts.Expression | undefined): boolean =>
  initializer !== undefined && typeof exactValue(session, initializer) === "number";
