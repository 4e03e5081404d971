/** Constants of modules that can be computed again wherever they are needed: nothing has changed them since they were made. */
import ts from "typescript";
import { isAssignmentOperator, isWrapper, resolveAlias, symbolAt, unwrapped } from "./assigned-symbols.js";
import { makerOf, memberOfMaker } from "./class-members.js";
import { isCopiedByCall } from "./copying-call.js";
import { isEnvironmentMode } from "./environment-mode.js";
import { tableEntries } from "./function-table.js";
import { isGlobal, isReassigned } from "./module-constants.js";
import { isAtTop } from "./run-once.js";
import type { LoweringSession } from "./session.js";

/**
 * Is a constant what its initialiser says, whenever it is read? Its initialiser has to be plain (literals, arithmetic,
 * `Math`), and all uses of it have to be reads. What cannot be told counts as changed.
 *
 *   const w = [1, 2];            w[0] * x           settled
 *   const t = new Float64Array(9); t[0] = 1;        not settled
 *   const noise = Math.random();                    not settled
 */
export function isSettled(session: LoweringSession, declaration: ts.VariableDeclaration): boolean {
  const known = session.settled.get(declaration);
  if (known !== undefined) return known;
  // A constant that leads back to itself is none.
  session.settled.set(declaration, false);
  const settled =
    ts.isIdentifier(declaration.name) &&
    declaration.initializer !== undefined &&
    isPlain(session, declaration.initializer) &&
    isOnlyRead(session, declaration, declaration.name);
  session.settled.set(declaration, settled);
  return settled;
}

/** Has a constant object, with what is in it, the same content whenever it is read? Its initialiser may be anything. */
export function isUnchanged(session: LoweringSession, declaration: ts.VariableDeclaration): boolean {
  return ts.isIdentifier(declaration.name) && isOnlyRead(session, declaration, declaration.name);
}

// ---- Initialisers ---------------------------------------------------------------------------------------

const typedArray = /^(Float|Int|Uint)\d+(Clamped)?Array$/;

/** Does an initialiser give the same value however often it is computed? */
export function isPlain(session: LoweringSession, node: ts.Expression): boolean {
  const at = unwrapped(node);
  const plain = (one: ts.Expression): boolean => isPlain(session, one);
  if (ts.isNumericLiteral(at) || ts.isStringLiteralLike(at)) return true;
  switch (at.kind) {
    case ts.SyntaxKind.TrueKeyword:
    case ts.SyntaxKind.FalseKeyword:
    case ts.SyntaxKind.NullKeyword:
      return true;
    default:
  }
  if (ts.isPrefixUnaryExpression(at)) return !isUpdate(at.operator) && plain(at.operand);
  if (ts.isBinaryExpression(at)) {
    return !isAssignmentOperator(at.operatorToken.kind) && plain(at.left) && plain(at.right);
  }
  if (ts.isConditionalExpression(at)) return plain(at.condition) && plain(at.whenTrue) && plain(at.whenFalse);
  if (ts.isArrayLiteralExpression(at)) return at.elements.every((one) => !ts.isSpreadElement(one) && plain(one));
  if (ts.isObjectLiteralExpression(at)) {
    return at.properties.every(
      (one) => ts.isPropertyAssignment(one) && !ts.isComputedPropertyName(one.name) && plain(one.initializer),
    );
  }
  if (ts.isNewExpression(at)) {
    if (isGlobal(session, at.expression, "Date")) return isFixedDate(at);
    const isArray =
      ts.isIdentifier(at.expression) && (typedArray.test(at.expression.text) || at.expression.text === "Array");
    return isArray && isGlobal(session, at.expression, at.expression.getText()) && (at.arguments ?? []).every(plain);
  }
  if (ts.isCallExpression(at)) {
    const { expression } = at;
    const name = mathFunction(session, expression);
    if (name === null) {
      return (isListMethod(session, expression) || isFixedTime(session, expression)) && at.arguments.every(plain);
    }
    return name !== "random" && at.arguments.every(plain);
  }
  if (isEnvironmentMode(session, at)) return true;
  if (ts.isPropertyAccessExpression(at)) {
    return ["Math", "Number"].some((name) => isGlobal(session, at.expression, name)) || plain(at.expression);
  }
  if (ts.isElementAccessExpression(at)) return plain(at.expression) && plain(at.argumentExpression);
  return ts.isIdentifier(at) && isPlainName(session, at);
}

/** `new Date("2000-01-01T12:00:00Z")`, `new Date(0)`: a point in time that is the same everywhere. */
function isFixedDate({ arguments: args }: ts.NewExpression): boolean {
  const [only] = args ?? [];
  if (only === undefined || args?.length !== 1) return false;
  return ts.isNumericLiteral(only) || (ts.isStringLiteralLike(only) && /T.*Z$/.test(only.text));
}

/** `Date.UTC(2000, 0, 1)`: the same in every time zone. */
const isFixedTime = (session: LoweringSession, callee: ts.Expression): boolean =>
  ts.isPropertyAccessExpression(callee) && callee.name.text === "UTC" && isGlobal(session, callee.expression, "Date");

/** `[3, 2, 1].reverse()`, `list.slice`: what comes out is new, or was known to nobody else. */
function isListMethod(session: LoweringSession, callee: ts.Expression): boolean {
  if (!ts.isPropertyAccessExpression(callee)) return false;
  const list = unwrapped(callee.expression);
  if (callee.name.text === "slice" || callee.name.text === "concat") return isPlain(session, list);
  return callee.name.text === "reverse" && ts.isArrayLiteralExpression(list) && isPlain(session, list);
}

/** The name of a function of `Math`: `Math.sqrt`, or what `const sqrt = Math.sqrt` declares. */
function mathFunction(session: LoweringSession, node: ts.Expression): string | null {
  const at = unwrapped(node);
  if (ts.isPropertyAccessExpression(at)) return isGlobal(session, at.expression, "Math") ? at.name.text : null;
  const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
  const declaration = symbol === null ? undefined : resolveAlias(session, symbol).valueDeclaration;
  if (symbol === null || declaration === undefined) return null;
  if (ts.isVariableDeclaration(declaration)) {
    const { initializer } = declaration;
    if (initializer === undefined || !ts.isPropertyAccessExpression(unwrapped(initializer))) return null;
    return isReassigned(session, resolveAlias(session, symbol), declaration)
      ? null
      : mathFunction(session, initializer);
  }
  if (!ts.isBindingElement(declaration)) return null;
  const owner = declaration.parent.parent;
  const isOfMath =
    ts.isVariableDeclaration(owner) && owner.initializer !== undefined && isGlobal(session, owner.initializer, "Math");
  return isOfMath ? (declaration.propertyName ?? declaration.name).getText() : null;
}

function isPlainName(session: LoweringSession, node: ts.Identifier): boolean {
  if (["undefined", "NaN", "Infinity"].some((name) => isGlobal(session, node, name))) return true;
  const symbol = symbolAt(session, node);
  const target = symbol === null ? undefined : resolveAlias(session, symbol);
  if (target === undefined) return false;
  if (target.flags & ts.SymbolFlags.Enum) return true;
  const declaration = target.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return false;
  return !isReassigned(session, target, declaration) && isSettled(session, declaration);
}

const isUpdate = (operator: ts.PrefixUnaryOperator): boolean =>
  operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;

// ---- Uses -----------------------------------------------------------------------------------------------

/** Are all uses of a variable reads? Looks through its file, and where it is exported through all files. */
function isOnlyRead(session: LoweringSession, declaration: ts.Declaration, name: ts.Identifier): boolean {
  const symbol = symbolAt(session, name);
  if (symbol === null) return false;
  const { program } = session;
  const own = declaration.getSourceFile();
  const others = isExported(declaration) || namesExport(own, name.text) ? program.getSourceFiles() : [];
  const uses = new Uses(session, declaration);
  return [own, ...others.filter((file) => file !== own && !file.isDeclarationFile)].every(
    (file) => !file.text.includes(name.text) || uses.areReads(file, name.text),
  );
}

/** Do functions of its own file do more with a variable than read it? What happens while the file is loaded does not count. */
export function isWorkedIn(session: LoweringSession, declaration: ts.VariableDeclaration): boolean {
  return new Uses(session, declaration).areChangedLater(declaration.getSourceFile(), declaration.name.getText());
}

/** Can other files know a variable? */
export const isPublic = (_session: LoweringSession, declaration: ts.VariableDeclaration): boolean =>
  isExported(declaration) || namesExport(declaration.getSourceFile(), declaration.name.getText());

const isExported = (declaration: ts.Declaration): boolean =>
  (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0;

/** `export { table }`, `export default table` */
function namesExport(file: ts.SourceFile, name: string): boolean {
  const names = (node: ts.Node): boolean =>
    (ts.isIdentifier(node) && node.text === name) ||
    ts.forEachChild(node, (child) => names(child) || undefined) === true;
  return file.statements.some(
    (one) =>
      ((ts.isExportDeclaration(one) && one.moduleSpecifier === undefined) || ts.isExportAssignment(one)) && names(one),
  );
}

/** The uses of one variable, and of the variables and parameters that are given it. */
class Uses {
  private readonly seen = new Set<ts.Declaration>();
  /** So many steps into the object lead to numbers and text, whatever the checker knows of them. */
  private readonly depth: number;

  constructor(
    private readonly session: LoweringSession,
    private readonly declaration: ts.Declaration,
  ) {
    this.seen.add(declaration);
    const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
    this.depth = value === undefined ? Infinity : depthOf(session, value);
  }

  areChangedLater(within: ts.Node, name: string): boolean {
    const visit = (node: ts.Node): boolean =>
      ts.isIdentifier(node) && node.text === name && this.means(node, this.declaration)
        ? !this.isRead(node) && !isAtTop(this.session, node)
        : ts.forEachChild(node, (child) => visit(child) || undefined) === true;
    return visit(within);
  }

  areReads(within: ts.Node, name: string, declaration = this.declaration): boolean {
    const visit = (node: ts.Node): boolean => {
      if (ts.isIdentifier(node) && node.text === name && this.means(node, declaration) && !this.isRead(node))
        return false;
      return ts.forEachChild(node, (child) => (visit(child) ? undefined : true)) !== true;
    };
    return visit(within);
  }

  private means(node: ts.Identifier, declaration: ts.Declaration): boolean {
    if (node.parent === declaration && "name" in declaration && declaration.name === node) return false;
    const symbol = symbolAt(this.session, node);
    if (symbol === null) return false;
    return resolveAlias(this.session, symbol).declarations?.includes(declaration) === true;
  }

  private isRead(node: ts.Node): boolean {
    const { parent } = node;
    // A new name would have to be followed.
    if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return parent.propertyName === undefined;
    if (ts.isImportClause(parent) || ts.isExportAssignment(parent)) return false;
    if (ts.findAncestor(parent, ts.isTypeNode) !== undefined) return true;
    let at: ts.Node = ts.isPropertyAccessExpression(parent) && parent.name === node ? parent : node;
    let depth = 0;
    for (;;) {
      const outer: ts.Node = at.parent;
      const isOwner =
        (ts.isPropertyAccessExpression(outer) || ts.isElementAccessExpression(outer)) && outer.expression === at;
      if (!isOwner && !isWrapper(outer)) break;
      if (isOwner && isMethodCall(outer) && this.isTable(outer.name.text)) return true;
      if (isOwner && isMethodCall(outer) && this.isCopied(outer.name.text, depth)) return true;
      if (isOwner && isMethodCall(outer))
        return harmless.has(outer.name.text) || (depth === 0 && this.isReader(outer.name));
      if (isOwner) depth++;
      at = outer;
    }
    if (isTarget(at)) return false;
    const type = this.session.checker.getTypeAtLocation(at);
    if (isLookedAt(at) || isSimple(type)) return true;
    const present = this.session.checker.getNonNullableType(type);
    if (at !== node && present.getCallSignatures().length > 0 && this.isTable(null)) return true;
    if (isCopiedByCall(this.session, at)) return this.holdsNumbers(at, depth);
    return depth > 0 && depth >= this.depth ? true : this.isHandedOnHarmlessly(at);
  }

  /** Is nothing in an array but numbers and text, through which it cannot be changed? `depth` steps lead to it. */
  private holdsNumbers(list: ts.Node, depth: number): boolean {
    return depth + 1 >= this.depth || isSimple(elementType(this.session.checker, list));
  }

  /** `list.slice()` of numbers, `date.getTime()`: what comes out has no part in it. */
  private isCopied(method: string, depth: number): boolean {
    const { declaration, session } = this;
    const made = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
    const value = made === undefined ? undefined : unwrapped(made);
    if (value !== undefined && ts.isNewExpression(value) && isGlobal(session, value.expression, "Date")) {
      return /^(get|to|valueOf$)/.test(method);
    }
    return depth + 1 === this.depth && (method === "slice" || method === "concat");
  }

  /** Is it a table of functions that do not know of it? `key`: one of them. */
  private isTable(key: string | null): boolean {
    const { declaration } = this;
    if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return false;
    const entries = tableEntries(this.session, declaration.initializer);
    return entries !== null && (key === null || entries.some((one) => one.key === key));
  }

  /** A function of the object itself that does not look at it, or only reads it: `Layout.area(x)`, `spring.force(x)` */
  private isReader(name: ts.MemberName): boolean {
    const member = this.memberNamed(name);
    if (member === null || this.seen.has(member)) return member !== null;
    this.seen.add(member);
    const visit = (node: ts.Node): boolean => {
      if (node.kind === ts.SyntaxKind.SuperKeyword) return false;
      if (node.kind === ts.SyntaxKind.ThisKeyword) return this.isRead(node);
      return ts.forEachChild(node, (child) => (visit(child) ? undefined : true)) !== true;
    };
    return visit(member);
  }

  /** The method of an instance of a known class, or what stands in the object's own literal. */
  private memberNamed(name: ts.MemberName): ts.Declaration | null {
    const { declaration, session } = this;
    const made = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
    const value = made === undefined ? undefined : unwrapped(made);
    if (value !== undefined && ts.isNewExpression(value)) {
      const maker = makerOf(session, value.expression);
      return maker === null ? null : memberOfMaker(session, maker, name.text, "method");
    }
    const member = symbolAt(session, name)?.valueDeclaration;
    return member !== undefined && ts.findAncestor(member, (one) => one === declaration) !== undefined ? member : null;
  }

  /** An array or an object: where it goes, it must only be read as well. */
  private isHandedOnHarmlessly(at: ts.Node): boolean {
    const { parent } = at;
    if (ts.isForOfStatement(parent)) {
      return (
        isSimple(this.session.checker.getTypeAtLocation(parent.initializer)) ||
        this.isBoundHarmlessly(parent.initializer)
      );
    }
    if (ts.isSpreadAssignment(parent)) return this.depth === 1;
    if (ts.isVariableDeclaration(parent) && parent.initializer === at) return this.isReadAs(parent);
    if (ts.isCallExpression(parent) && parent.expression !== at) {
      const position = parent.arguments.findIndex((one) => one === at);
      if (
        ts.isPropertyAccessExpression(parent.expression) &&
        isGlobal(this.session, parent.expression.expression, "console")
      ) {
        return true;
      }
      const callee = this.session.checker.getResolvedSignature(parent)?.declaration;
      if (callee === undefined || !("body" in callee) || callee.body === undefined) return false;
      if (parent.arguments.some(ts.isSpreadElement)) return false;
      const parameter = callee.parameters[position];
      return parameter !== undefined && ts.isParameter(parameter) && this.isReadAs(parameter);
    }
    return ts.isSpreadElement(parent) && isSimple(elementType(this.session.checker, at));
  }

  private isBoundHarmlessly(initializer: ts.ForInitializer): boolean {
    if (!ts.isVariableDeclarationList(initializer)) return false;
    return initializer.declarations.every((one) => this.isReadAs(one));
  }

  /** `{ weight, ease }`: numbers, text and functions, through which nothing of the object can be changed. */
  private takesNothingChangeable({ name, dotDotDotToken }: ts.BindingElement): boolean {
    const type = this.session.checker.getTypeAtLocation(name);
    const isFunction = type.getCallSignatures().length > 0 && type.getProperties().length === 0;
    return ts.isIdentifier(name) && dotDotDotToken === undefined && (isSimple(type) || isFunction);
  }

  /** A variable or parameter that holds it: are its uses reads? */
  private isReadAs(declaration: ts.VariableDeclaration | ts.ParameterDeclaration): boolean {
    if (this.seen.has(declaration)) return true;
    this.seen.add(declaration);
    const { name } = declaration;
    if (ts.isObjectBindingPattern(name)) return name.elements.every((one) => this.takesNothingChangeable(one));
    if (!ts.isIdentifier(name) || (ts.isParameter(declaration) && declaration.dotDotDotToken !== undefined))
      return false;
    const within = ts.findAncestor(declaration.parent, (one) => ts.isFunctionLike(one) || ts.isSourceFile(one));
    return within !== undefined && !isExported(declaration) && this.areReads(within, name.text, declaration);
  }
}

/** Methods that leave an array as it is, and hand none of its parts to anybody. */
const harmless: ReadonlySet<string> = new Set(["indexOf", "lastIndexOf", "includes", "join", "toString", "toFixed"]);

function isMethodCall(node: ts.Node): node is ts.PropertyAccessExpression {
  return ts.isPropertyAccessExpression(node) && ts.isCallExpression(node.parent) && node.parent.expression === node;
}

/** `x = `, `x += `, `x++`, `delete x`, `[x] = `, `for (x of ...)` */
function isTarget(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) return parent.left === node && isAssignmentOperator(parent.operatorToken.kind);
  if (ts.isPrefixUnaryExpression(parent)) return isUpdate(parent.operator);
  if (ts.isPostfixUnaryExpression(parent) || ts.isDeleteExpression(parent)) return true;
  if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) return parent.initializer === node;
  let pattern: ts.Node = node;
  while (
    ts.isArrayLiteralExpression(pattern.parent) ||
    ts.isObjectLiteralExpression(pattern.parent) ||
    ts.isPropertyAssignment(pattern.parent) ||
    ts.isSpreadElement(pattern.parent)
  ) {
    pattern = pattern.parent;
  }
  return pattern !== node && isTarget(pattern);
}

/** How deep the arrays and objects of a literal are nested; Infinity: something else is in it. */
function depthOf(session: LoweringSession, node: ts.Expression): number {
  const at = unwrapped(node);
  const inside = (one: ts.Expression): number => depthOf(session, one);
  if (ts.isArrayLiteralExpression(at)) return 1 + Math.max(0, ...at.elements.map(inside));
  if (ts.isObjectLiteralExpression(at)) {
    const parts = at.properties.map((one) => (ts.isPropertyAssignment(one) ? inside(one.initializer) : Infinity));
    return 1 + Math.max(0, ...parts);
  }
  if (isSimple(session.checker.getTypeAtLocation(at))) return 0;
  if (ts.isCallExpression(at) && ts.isPropertyAccessExpression(at.expression) && isListMethod(session, at.expression)) {
    return inside(at.expression.expression);
  }
  if (ts.isBinaryExpression(at) && /^[-*/+%]$|^\*\*$/.test(at.operatorToken.getText())) return 0;
  return ts.isPropertyAccessExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === "Math"
    ? 0
    : Infinity;
}

/** `typeof x`, `!x`, `x === y`, `key in x`, `Object.keys(x)`, `Array.isArray(x)`: nothing of the object gets away. */
function isLookedAt(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isTypeOfExpression(parent)) return true;
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (ts.isBinaryExpression(parent)) return comparisons.has(parent.operatorToken.kind);
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression)) return false;
  const { expression, name } = parent.expression;
  return ts.isIdentifier(expression) && lookers.has(`${expression.text}.${name.text}`);
}

const lookers: ReadonlySet<string> = new Set(["Object.keys", "Object.hasOwn", "Array.isArray", "ArrayBuffer.isView"]);

const comparisons: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.InKeyword,
  ts.SyntaxKind.InstanceOfKeyword,
]);

/** Not an object: who has it cannot change where it came from. */
function isSimple(type: ts.Type): boolean {
  const simple =
    ts.TypeFlags.NumberLike |
    ts.TypeFlags.StringLike |
    ts.TypeFlags.BooleanLike |
    ts.TypeFlags.BigIntLike |
    ts.TypeFlags.Undefined |
    ts.TypeFlags.Null;
  return type.isUnion() ? type.types.every(isSimple) : (type.flags & simple) !== 0;
}

function elementType(checker: ts.TypeChecker, node: ts.Node): ts.Type {
  const type = checker.getTypeAtLocation(node);
  return checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? type;
}
