/** What a type says of instances of a class, beyond their fields. */
import ts from "typescript";
import type { Field, Instance } from "../ir/ir.js";

/** null: the type is none of a class. */
export function instanceOf(type: ts.Type, fields: readonly Field[], checker: ts.TypeChecker): Instance | null {
  const declaration = type.getSymbol()?.declarations?.find(ts.isClassLike);
  if (declaration?.name === undefined) return null;
  const hidden = fields.filter(({ name }) => isHidden(checker.getPropertyOfType(type, name)));
  const assigned = assignedInOrder(declaration);
  const takesFields =
    assigned?.length === fields.length && fields.every(({ name }) => assigned.some((field) => field === name));
  const lineage = lineageOf(type, checker);
  const hasMethods = lineage.some(({ members }) => members.some(isRun));
  return {
    hidden: new Set(hidden.map(({ name }) => name)),
    takesFields,
    ...(hasMethods ? { lineage } : {}),
  };
}

/** The class of a type, and those above it. */
function lineageOf(type: ts.Type, checker: ts.TypeChecker): readonly ts.ClassLikeDeclaration[] {
  const found: ts.ClassLikeDeclaration[] = [];
  const visit = (one: ts.Type): void => {
    const declaration = one.getSymbol()?.declarations?.find(ts.isClassLike);
    if (declaration === undefined || found.includes(declaration)) return;
    found.push(declaration);
    const declared = one.isClassOrInterface() ? one : checker.getDeclaredTypeOfSymbol(one.symbol);
    if (declared.isClassOrInterface()) checker.getBaseTypes(declared).forEach(visit);
  };
  visit(type);
  return found;
}

const isRun = (node: ts.ClassElement): boolean =>
  (ts.isMethodDeclaration(node) || ts.isAccessor(node)) && !hasModifier(node, ts.ModifierFlags.Static);

const hasModifier = (node: ts.Declaration, flag: ts.ModifierFlags): boolean =>
  (ts.getCombinedModifierFlags(node) & flag) !== 0;

const isHidden = (property: ts.Symbol | undefined): boolean =>
  property?.declarations?.some(
    (one) => (ts.getCombinedModifierFlags(one) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0,
  ) === true;

/** Fields in the order in which the constructor takes them, if it does nothing but keep what it is given. */
export function inOrderOfConstructor(type: ts.Type, fields: readonly Field[]): readonly Field[] {
  const declaration = type.getSymbol()?.declarations?.find(ts.isClassLike);
  const assigned = declaration === undefined ? null : assignedInOrder(declaration);
  if (assigned === null || assigned.length !== fields.length) return fields;
  const ordered = assigned.flatMap((name) => fields.filter((field) => field.name === name));
  return ordered.length === fields.length ? ordered : fields;
}

/** The field that each parameter of the constructor goes into; null where the constructor does more than that. */
function assignedInOrder(declaration: ts.ClassLikeDeclaration): readonly string[] | null {
  if (declaration.heritageClauses?.some((one) => one.token === ts.SyntaxKind.ExtendsKeyword) === true) return null;
  const constructor = declaration.members.find(ts.isConstructorDeclaration);
  if (
    constructor?.body === undefined ||
    ts.getCombinedModifierFlags(constructor) & ts.ModifierFlags.NonPublicAccessibilityModifier
  )
    return null;
  const isIdle = (one: ts.PropertyDeclaration): boolean =>
    one.initializer === undefined || (ts.isPrivateIdentifier(one.name) && isEmpty(one.initializer));
  if (declaration.members.some((one) => ts.isPropertyDeclaration(one) && !isStatic(one) && !isIdle(one))) return null;
  const fields = new Map<string, string>();
  for (const parameter of constructor.parameters) {
    if (!ts.isIdentifier(parameter.name) || parameter.dotDotDotToken !== undefined) return null;
    if (ts.isParameterPropertyDeclaration(parameter, constructor)) fields.set(parameter.name.text, parameter.name.text);
  }
  for (const statement of constructor.body.statements) {
    const kept = keptParameter(statement);
    if (kept === null || fields.has(kept.parameter)) return null;
    fields.set(kept.parameter, kept.field);
  }
  const names = constructor.parameters.map(({ name }) => (ts.isIdentifier(name) ? fields.get(name.text) : undefined));
  const known = names.filter((name) => name !== undefined);
  return known.length === names.length && new Set(known).size === known.length ? known : null;
}

const isStatic = (member: ts.PropertyDeclaration): boolean => hasModifier(member, ts.ModifierFlags.Static);

/** `0`, `null`, `[]`: it makes no difference how often that is made. */
const isEmpty = (node: ts.Expression): boolean =>
  ts.isLiteralExpression(node) ||
  node.kind === ts.SyntaxKind.TrueKeyword ||
  node.kind === ts.SyntaxKind.FalseKeyword ||
  node.kind === ts.SyntaxKind.NullKeyword ||
  (ts.isArrayLiteralExpression(node) && node.elements.length === 0) ||
  (ts.isObjectLiteralExpression(node) && node.properties.length === 0);

/** `this.field = parameter;` */
function keptParameter(statement: ts.Statement): { readonly field: string; readonly parameter: string } | null {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return null;
  const { left, operatorToken, right } = statement.expression;
  if (operatorToken.kind !== ts.SyntaxKind.EqualsToken || !ts.isIdentifier(right)) return null;
  if (!ts.isPropertyAccessExpression(left) || left.expression.kind !== ts.SyntaxKind.ThisKeyword) return null;
  return { field: left.name.text, parameter: right.text };
}
