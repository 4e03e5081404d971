/** What stands outside the function: constants of modules, of the language, of enums. */
import ts from "typescript";
import { errorText, madeError } from "./error-values.js";
import { lowerError, opaque } from "./lower-opaque.js";
import { isReference, type Literal, type Type, type Value } from "../ir/ir.js";
import { pure } from "../ir/effects.js";
import { typeOf } from "../syntax/type-of.js";
import type { GeneratedImport } from "../derivative-request.js";
import { mentions } from "../syntax/find-requests.js";
import { importOfSymbol } from "../syntax/module-specifier.js";
import {
  assignedSymbols,
  isAssignmentOperator,
  isWrapper,
  resolveAlias,
  symbolAt,
  unwrapped,
} from "./assigned-symbols.js";
import { inner, originOf, refused, Scope, type Cursor } from "./environment.js";
import { lowerExpression } from "./lower-expression.js";

import { argumentOf, entityOf, entityOfSymbol, type Entity } from "./entity.js";
import { makerOf } from "./class-members.js";
import { constantOfFunctions } from "./function-constant.js";
import { isGivenLater, loadedConstant, loadedWhole } from "./loaded-constant.js";
import { memberName } from "./open-object.js";
import { isMemoTable } from "./memo-table.js";
import { isAtTop } from "./run-once.js";
import type { LoweringSession } from "./session.js";
import { scratchOf } from "./scratch.js";
import { scratchVariable } from "./scratch-variable.js";
import { isPlain, isSettled, isUnchanged } from "./settled-constant.js";

const globals: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ["undefined", undefined],
  ["NaN", NaN],
  ["Infinity", Infinity],
]);

export function isLibrarySymbol(session: LoweringSession, symbol: ts.Symbol | null | undefined): boolean {
  return symbol?.declarations?.some((one) => session.program.isSourceFileDefaultLibrary(one.getSourceFile())) === true;
}

/** Does an identifier mean the global of this name, not something of the user's? */
export function isGlobal(session: LoweringSession, node: ts.Node, name: string): boolean {
  const at = ts.isExpression(node) ? unwrapped(node) : node;
  if (!ts.isIdentifier(at)) return false;
  if (at.text !== name) return name === "Math" && isOtherName(session, at, name);
  const symbol = symbolAt(session, at);
  if (name === "Math" && symbol?.valueDeclaration !== undefined && ts.isParameter(symbol.valueDeclaration)) {
    return isOtherName(session, at, name);
  }
  return symbol === null || isLibrarySymbol(session, symbol) || (symbol.declarations ?? []).every(isAmbientGlobal);
}

/** `const M = Math`, `(function (Math) { ... })(Math)` */
function isOtherName(session: LoweringSession, node: ts.Identifier, name: string): boolean {
  const symbol = symbolAt(session, node);
  const declaration = symbol === null ? undefined : resolveAlias(session, symbol).valueDeclaration;
  if (symbol === null || declaration === undefined) return false;
  if (ts.isParameter(declaration)) {
    const argument = argumentOf(session, symbol, declaration);
    return argument !== null && isGlobal(session, argument, name);
  }
  if (!ts.isVariableDeclaration(declaration)) return false;
  const { initializer, parent } = declaration;
  if (initializer === undefined || !ts.isIdentifier(unwrapped(initializer))) return false;
  const isConst = (parent.flags & ts.NodeFlags.Const) !== 0 || isAtTop(session, declaration);
  return isConst && isGlobal(session, initializer, name) && !isReassigned(session, symbol, declaration);
}

/** Declared for all files: by the types of an environment such as Node. */
function isAmbientGlobal(declaration: ts.Declaration): boolean {
  const file = declaration.getSourceFile();
  if (!file.isDeclarationFile) return false;
  if (!ts.isExternalModule(file) && ts.findAncestor(declaration, ts.isModuleBlock) === undefined) return true;
  const isGlobalBlock = (at: ts.Node): boolean =>
    ts.isModuleDeclaration(at) && (at.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
  return ts.findAncestor(declaration, isGlobalBlock) !== undefined;
}

/** `undefined`, `NaN`, `Infinity`. */
export function globalConstant(cursor: Cursor, node: ts.Identifier): Value | null {
  if (!globals.has(node.text) || !isGlobal(cursor.session, node, node.text)) return null;
  return cursor.block.constant(globals.get(node.text), originOf(node));
}

/** The name under which the output file sees something at its top level, or null. */
export function visibleName(cursor: Cursor, symbol: ts.Symbol): string | null {
  return nameInScope(cursor.session, cursor.frame.outputFile, symbol);
}

/** The name under which something is seen at the top level of a file, or null. */
export function nameInScope(session: LoweringSession, file: ts.SourceFile, symbol: ts.Symbol): string | null {
  const names = namesInScope(session, file);
  const target = resolveAlias(session, symbol);
  const declaration = target.valueDeclaration ?? target.declarations?.[0];
  // What is exported has two symbols: that of the file, and that of its exports.
  const isSame = (one: ts.Symbol | undefined): boolean =>
    one === target || (declaration !== undefined && one?.declarations?.includes(declaration) === true);
  if (isSame(names.get(target.name))) return target.name;
  for (const [name, one] of names) if (isSame(one)) return name;
  return null;
}

/**
 * The name by which the output file reads something that stands in another file and is exported there: an import is
 * added for it. null: it is private, or stands in a package that the file does not import it from.
 */
export function importedName(cursor: Cursor, symbol: ts.Symbol): string | null {
  const { session, frame } = cursor;
  const { outputFile } = frame;
  const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
  if (declaration === undefined || declaration.getSourceFile() === outputFile) return null;
  const known = session.imported.get(outputFile) ?? new Map<ts.Node, GeneratedImport>();
  session.imported.set(outputFile, known);
  const before = known.get(declaration);
  if (before !== undefined) return before.local;
  const found = importOfSymbol(symbol, outputFile, session.program);
  if (found === null) return null;
  const own = found.name === "default" ? symbol.name : found.name;
  const local = freeImport(known, outputFile, own === "default" ? "imported" : own);
  known.set(declaration, { ...found, local });
  return local;
}

/** The name by which the output file calls a function of the package itself, which it need not import yet. */
export function importFromPackage(cursor: Cursor, key: ts.Node, name: string): string {
  const { session, frame } = cursor;
  const known = session.imported.get(frame.outputFile) ?? new Map<ts.Node, GeneratedImport>();
  session.imported.set(frame.outputFile, known);
  const before = [...known.values()].find((one) => one.module === "enzyme-ts" && one.name === name);
  if (before !== undefined) return before.local;
  const local = freeImport(known, frame.outputFile, name);
  known.set(key, { module: "enzyme-ts", name, local });
  return local;
}

function freeImport(known: ReadonlyMap<ts.Node, GeneratedImport>, file: ts.SourceFile, stem: string): string {
  const taken = new Set([...known.values()].map(({ local }) => local));
  let local = stem;
  for (let count = 1; taken.has(local) || mentions(file.text, local); count++) local = `${stem}_${count}`;
  return local;
}

function namesInScope(session: LoweringSession, file: ts.SourceFile): ReadonlyMap<string, ts.Symbol> {
  const names = session.visible.get(file) ?? namesIn(session, file);
  session.visible.set(file, names);
  return names;
}

function namesIn(session: LoweringSession, file: ts.SourceFile): ReadonlyMap<string, ts.Symbol> {
  const names = new Map<string, ts.Symbol>();
  const inScope = [ts.SymbolFlags.Value, ts.SymbolFlags.Alias].flatMap((flags) =>
    session.checker.getSymbolsInScope(file, flags),
  );
  for (const symbol of inScope) {
    if (symbol.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration) === true) continue;
    if (!isLibrarySymbol(session, symbol)) names.set(symbol.name, resolveAlias(session, symbol));
  }
  return names;
}

/** Memory that belongs to a module, which must not be written. */
export function isModuleValue(cursor: Cursor, value: Value): boolean {
  return cursor.session.moduleValues.has(value);
}

export function markModuleValue(cursor: Cursor, value: Value): Value {
  cursor.session.moduleValues.add(value);
  return value;
}

/** The same of what the function makes again, as it is made when the module is loaded: what makes it may write it. */
export function markMadeAtLoad(cursor: Cursor, value: Value): Value {
  cursor.session.madeAtLoad.add(value);
  return markModuleValue(cursor, value);
}

/** A name that means nothing: where it is imported, the module is not there. */
export function refuseUnresolved(
  cursor: Cursor,
  node: ts.Expression,
  name: string,
  symbol: ts.Symbol | undefined,
): Value {
  const imported = symbol?.declarations?.map((one) => ts.findAncestor(one, ts.isImportDeclaration)).find(Boolean);
  if (imported === undefined) return refused(cursor, node, "EZ1017", { name });
  const { line } = ts.getLineAndCharacterOfPosition(imported.getSourceFile(), imported.getStart());
  return refused(cursor, node, "EZ1026", { name, module: imported.moduleSpecifier.getText(), line: line + 1 });
}

/** A name that is bound outside the function. */
export function moduleConstant(cursor: Cursor, node: ts.Expression, symbol: ts.Symbol): Value {
  const { session } = cursor;
  const target = resolveAlias(session, symbol);
  const declaration = target.valueDeclaration ?? target.declarations?.[0];
  const name = node.getText();
  if (declaration === undefined) return refuseUnresolved(cursor, node, name, symbol);
  if (ts.isEnumMember(declaration)) {
    const value = session.checker.getConstantValue(declaration);
    if (value !== undefined) return cursor.block.constant(value, originOf(node));
  }
  if (ts.isBindingElement(declaration)) {
    const parent = declaration.parent.parent;
    const source = ts.isVariableDeclaration(parent) ? parent.initializer : undefined;
    if (source !== undefined && isGlobal(session, source, "Math") && ts.isIdentifier(declaration.name)) {
      const key = declaration.propertyName ?? declaration.name;
      const constant = mathConstants.get(key.getText());
      if (constant !== undefined) return cursor.block.constant(constant, originOf(node), `Math.${key.getText()}`);
    }
  }
  if (ts.isVariableDeclaration(declaration) && isModuleLevel(session, declaration)) {
    return variableConstant(cursor, node, target, declaration);
  }
  if (ts.isPropertyAssignment(declaration) || ts.isPropertyDeclaration(declaration)) {
    return fieldConstant(cursor, node, target, declaration);
  }
  if (ts.isExportAssignment(declaration)) return defaultConstant(cursor, node, target, declaration);
  const assigned = commonJsValue(target);
  const exact = assigned === null ? undefined : exactValue(session, assigned);
  if (exact !== undefined) return cursor.block.constant(exact, originOf(node));
  if (ts.isFunctionDeclaration(declaration) || ts.isClassDeclaration(declaration)) {
    return refused(cursor, node, "EZ2013", { name });
  }
  const settled = settledConstant(cursor, node, symbol) ?? loadedConstant(cursor, node);
  if (settled !== null) return settled;
  return refused(cursor, node, "EZ2021", {
    name: cursor.frame.declaration.name?.getText() ?? "the function",
    captured: name,
  });
}

/** A constant that is reached through functions that run once, and through what modules export. */
function settledConstant(cursor: Cursor, node: ts.Expression, symbol: ts.Symbol): Value | null {
  return entityConstant(cursor, node, entityOfSymbol(cursor.session, symbol));
}

/** `constants.RADIUS`, of an object that stands at the top of a file; null: it is no number, text or boolean. */
export function settledMember(
  cursor: Cursor,
  node: ts.PropertyAccessExpression | ts.ElementAccessExpression,
): Value | null {
  const settled = entityConstant(cursor, node, entityOf(cursor.session, node));
  // The length of an array reads best as it is written.
  return settled ?? (memberName(node) === "length" ? null : loadedConstant(cursor, node));
}

function entityConstant(cursor: Cursor, node: ts.Expression, found: Entity | null): Value | null {
  const { session } = cursor;
  if (found?.kind !== "value" || !ts.isExpression(found.node)) return null;
  const exact = exactValue(session, found.node);
  if (exact !== undefined) return cursor.block.constant(exact, originOf(node));
  const instance = instanceConstant(cursor, node, found);
  if (instance !== null) return instance;
  const isScalar = (session.checker.getTypeAtLocation(found.node).flags & ts.TypeFlags.NumberLike) !== 0;
  return isScalar && isPlain(session, found.node) ? lowerElsewhere(cursor, found.node, node) : null;
}

/** `Complex.ZERO = new Complex(0, 0)`: read where it is kept, if the output file can name what it is kept in. */
function instanceConstant(cursor: Cursor, node: ts.Expression, found: Entity): Value | null {
  if (!ts.isNewExpression(found.node) || makerOf(cursor.session, found.node.expression) === null) return null;
  const text = pathTo(cursor, node);
  if (text === null || cursor.frame.inlining.includes(found.node)) return null;
  // Its type is that of what the constructor makes.
  const aside = inner(cursor);
  const like = lowerElsewhere({ ...aside, handler: null }, found.node, node);
  if (like.type.kind !== "record" || cursor.session.open.has(like)) return null;
  return namedRead(cursor, text, like.type, node);
}

/** How the output file names something that an object of its imports leads to. */
function pathTo(cursor: Cursor, node: ts.Expression): string | null {
  const at = unwrapped(node);
  const name = memberName(at);
  if (name !== null && (ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at))) {
    const owner = pathTo(cursor, at.expression);
    return owner === null ? null : `${owner}.${name}`;
  }
  const found = ts.isIdentifier(at) ? entityOf(cursor.session, at) : null;
  return found === null ? null : nameOfEntity(cursor, found);
}

function nameOfEntity({ session, frame }: Cursor, found: Entity): string | null {
  for (const [name, symbol] of namesInScope(session, frame.outputFile)) {
    if (entityOfSymbol(session, symbol) === found) return name;
  }
  return null;
}

/** `exports.x = 3`, assigned once besides what compilers write first: `exports.x = void 0`. */
function commonJsValue({ declarations }: ts.Symbol): ts.Expression | null {
  const values: ts.Expression[] = [];
  for (const one of declarations ?? []) {
    if (ts.isSourceFile(one)) return null;
    const assignment = ts.isBinaryExpression(one) ? one : one.parent;
    if (!ts.isBinaryExpression(assignment) || !ts.isSourceFile(topOf(assignment))) return null;
    let value: ts.Expression = assignment;
    while (ts.isBinaryExpression(value) && isAssignmentOperator(value.operatorToken.kind)) value = value.right;
    if (!ts.isVoidExpression(value)) values.push(value);
  }
  const [only] = values;
  return only !== undefined && values.length === 1 ? only : null;
}

/** The parent of the statement that an assignment is part of. */
function topOf(node: ts.Node): ts.Node {
  let at = node.parent;
  while (ts.isBinaryExpression(at) || ts.isExpressionStatement(at)) at = at.parent;
  return at;
}

/** `export default 3` */
function defaultConstant(cursor: Cursor, node: ts.Expression, symbol: ts.Symbol, at: ts.ExportAssignment): Value {
  const { session } = cursor;
  if (isPlain(session, at.expression)) return lowerElsewhere(cursor, at.expression, node);
  const type = typeOf(session.checker.getTypeAtLocation(at.expression), session.types);
  if (type === null) return refused(cursor, node, "EZ1011", { name: node.getText(), type: "any" });
  return readElsewhere(cursor, node, type, visibleName(cursor, symbol) ?? importedName(cursor, symbol));
}

/** At the top level of a file, of a namespace, or of a function that runs once while its file is loaded. */
function isModuleLevel(session: LoweringSession, declaration: ts.Node): boolean {
  const statement = declaration.parent.parent;
  if (!ts.isVariableStatement(statement)) return false;
  if (ts.isSourceFile(statement.parent) || ts.isModuleBlock(statement.parent)) return true;
  return ts.findAncestor(statement, ts.isFunctionLike) !== undefined && isAtTop(session, declaration);
}

function variableConstant(
  cursor: Cursor,
  node: ts.Expression,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
): Value {
  const { session } = cursor;
  const name = node.getText();
  if (isReassigned(session, symbol, declaration)) {
    const scratch = ts.isIdentifier(node) ? scratchVariable(cursor, node) : null;
    if (scratch !== null) return cursor.env.get(scratch) ?? refused(cursor, node, "EZ2015", { name });
    return loadedConstant(cursor, node) ?? refused(cursor, node, "EZ2015", { name });
  }
  const { initializer } = declaration;
  if (initializer === undefined) return loadedConstant(cursor, node) ?? refused(cursor, node, "EZ1017", { name });
  if (isMemoTable(session, declaration)) return lowerElsewhere(cursor, initializer, node);
  const text = qualifiedName(cursor, node, symbol);
  const exact = exactValue(session, initializer);
  if (exact !== undefined) return cursor.block.constant(exact, originOf(node), text);
  const error = madeError(session, initializer);
  if (error !== null) {
    const made = errorText(error);
    return text === null
      ? lowerError(cursor, initializer, made)
      : namedRead(cursor, text, { kind: "opaque", text: made }, node);
  }
  const scratch = scratchOf(cursor, declaration);
  if (scratch !== null) return (text === null ? loadedWhole(cursor, node) : null) ?? scratch;
  const held = constantOfFunctions(cursor, node, symbol, declaration, text);
  if (held !== null) return held;
  const type = typeOf(session.checker.getTypeOfSymbolAtLocation(symbol, declaration), session.types);
  if (type !== null && text !== null) return namedRead(cursor, text, type, node);
  if (type !== null && isSettled(session, declaration)) return lowerElsewhere(cursor, initializer, node);
  const loaded = loadedConstant(cursor, node);
  if (loaded !== null) return loaded;
  const declared = session.implementations.declaredName(declaration);
  const own = type ?? (declared === null ? null : typeOf(session.checker.getTypeOfSymbol(declared), session.types));
  if (own === null) return refused(cursor, node, "EZ1011", { name, type: "any" });
  const imported = importedName(cursor, symbol) ?? (declared === null ? null : importedName(cursor, declared));
  return readElsewhere(cursor, node, own, imported);
}

/** Is a variable of a module given another value after its declaration? */
export function isReassigned(
  session: LoweringSession,
  symbol: ts.Symbol,
  declaration: ts.VariableDeclaration,
): boolean {
  const known = session.reassigned.get(declaration);
  if (known !== undefined) return known;
  const answer = isGivenAnother(session, symbol, declaration);
  session.reassigned.set(declaration, answer);
  return answer;
}

function isGivenAnother(session: LoweringSession, symbol: ts.Symbol, declaration: ts.VariableDeclaration): boolean {
  if (declaration.parent.flags & ts.NodeFlags.Const) return false;
  const file = declaration.getSourceFile();
  if (declaration.parent.flags & ts.NodeFlags.BlockScoped) return assignedSymbols(session, file).has(symbol);
  // What JavaScript adds to a function counts as a declaration too.
  if ((symbol.declarations?.filter(ts.isVariableDeclaration).length ?? 0) > 1) return true;
  const visit = (at: ts.Node): boolean => {
    // The declaration itself gives the value.
    if (at === declaration) return declaration.initializer !== undefined && visit(declaration.initializer);
    const isWrite = ts.isBinaryExpression(at) || ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at);
    if ((isWrite || ts.isForOfStatement(at) || ts.isForInStatement(at)) && assignsDirectly(session, at, symbol)) {
      return true;
    }
    return ts.forEachChild(at, (child) => visit(child) || undefined) === true;
  };
  return visit(file);
}

/** Does one expression or loop head assign a variable, not counting what stands inside? */
function assignsDirectly(session: LoweringSession, node: ts.Node, symbol: ts.Symbol): boolean {
  const names = (target: ts.Node): boolean => {
    if (ts.isIdentifier(target)) return symbolAt(session, target) === symbol;
    if (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) return false;
    return ts.forEachChild(target, (child) => names(child) || undefined) === true;
  };
  if (ts.isBinaryExpression(node)) return isAssignmentOperator(node.operatorToken.kind) && names(node.left);
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const isUpdate = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
    return isUpdate && names(node.operand);
  }
  return (ts.isForOfStatement(node) || ts.isForInStatement(node)) && names(node.initializer);
}

/** Reads a constant of another file that is known only when the program runs. */
function readElsewhere(cursor: Cursor, node: ts.Expression, type: Type, text: string | null): Value {
  if (text !== null) return namedRead(cursor, text, type, node);
  const { fileName } = node.getSourceFile();
  return refused(cursor, node, "EZ2023", { name: node.getText(), file: fileName.slice(fileName.lastIndexOf("/") + 1) });
}

export function namedRead(cursor: Cursor, text: string, type: Type, node: ts.Node): Value {
  const value = opaque(cursor, text.replaceAll("$", "\\u0024"), [], type, node, null, pure);
  cursor.session.present.add(value);
  return isReference(type) ? markModuleValue(cursor, value) : value;
}

/** The name by which the output file reaches a constant: `G`, `Constants.G`, or null. */
function qualifiedName(cursor: Cursor, node: ts.Expression, symbol: ts.Symbol): string | null {
  const at = unwrapped(node);
  if (ts.isPropertyAccessExpression(at)) {
    const owner = symbolAt(cursor.session, at.expression);
    const base = owner === null ? null : qualifiedName(cursor, at.expression, resolveAlias(cursor.session, owner));
    return base === null ? visibleName(cursor, symbol) : `${base}.${at.name.text}`;
  }
  return visibleName(cursor, symbol);
}

/**
 * `Constants.G`: a property of a constant object, a namespace or a class. `owner`: how the output file calls that, where
 * the expression does not say it; null: it has no name for it.
 */
export function fieldConstant(
  cursor: Cursor,
  node: ts.Expression,
  symbol: ts.Symbol,
  declaration: ts.PropertyAssignment | ts.PropertyDeclaration,
  owner?: string | null,
): Value {
  const { session } = cursor;
  const { initializer } = declaration;
  const name = node.getText();
  if (initializer === undefined) return refused(cursor, node, "EZ1017", { name });
  if (isWritten(session, symbol) || isGivenLater(cursor, node)) {
    return loadedConstant(cursor, node) ?? refused(cursor, node, "EZ2024", { name });
  }
  // Outside of its class nobody can name `#x`.
  const isPrivate = declaration.name.kind === ts.SyntaxKind.PrivateIdentifier;
  const isNamed = owner === undefined && !isPrivate;
  const own = owner == null || isPrivate ? null : `${owner}.${symbol.name}`;
  const text = isNamed ? qualifiedName(cursor, node, symbol) : own;
  const unchanged = isUnchangedField(session, declaration);
  const exact = unchanged ? exactValue(session, initializer) : undefined;
  if (exact !== undefined) return cursor.block.constant(exact, originOf(node), text);
  const type = typeOf(session.checker.getTypeOfSymbolAtLocation(symbol, declaration), session.types);
  if (type === null) return refused(cursor, node, "EZ1011", { name, type: "any" });
  if (text !== null) return namedRead(cursor, text, type, node);
  if (unchanged && isPlain(session, initializer)) return lowerElsewhere(cursor, initializer, node);
  return loadedConstant(cursor, node) ?? readElsewhere(cursor, node, type, isNamed ? importedPath(cursor, node) : null);
}

/** Does a property keep the value of its initialiser? Its object must only be read, wherever it goes. */
function isUnchangedField(
  session: LoweringSession,
  declaration: ts.PropertyAssignment | ts.PropertyDeclaration,
): boolean {
  // A class is hardly ever known under another type: what writes to it was looked for by the field.
  if (ts.isPropertyDeclaration(declaration)) return true;
  const holder = ts.findAncestor(
    declaration.parent,
    (one) => !ts.isObjectLiteralExpression(one) && !ts.isPropertyAssignment(one) && !isWrapper(one),
  );
  return holder !== undefined && ts.isVariableDeclaration(holder) && isUnchanged(session, holder);
}

/** `M.Constants.G` of another file, by an import of its own: `Constants.G`. */
function importedPath(cursor: Cursor, node: ts.Expression): string | null {
  const at = unwrapped(node);
  const symbol = symbolAt(cursor.session, ts.isPropertyAccessExpression(at) ? at.name : at);
  if (symbol === null) return null;
  const target = resolveAlias(cursor.session, symbol);
  const isField = target.valueDeclaration !== undefined && isFieldDeclaration(target.valueDeclaration);
  if (!isField) return visibleName(cursor, target) ?? importedName(cursor, target);
  const owner = ts.isPropertyAccessExpression(at) ? importedPath(cursor, at.expression) : null;
  return owner === null || !ts.isPropertyAccessExpression(at) ? null : `${owner}.${at.name.text}`;
}

const isFieldDeclaration = (node: ts.Node): boolean => ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node);

/** Is a property assigned anywhere in the program? */
function isWritten(session: LoweringSession, property: ts.Symbol): boolean {
  const isProperty = (target: ts.Expression): boolean => {
    const at = unwrapped(target);
    if (ts.isPropertyAccessExpression(at)) return symbolAt(session, at.name) === property;
    return ts.isElementAccessExpression(at) && symbolAt(session, at.argumentExpression) === property;
  };
  const visit = (at: ts.Node): boolean => {
    if (ts.isBinaryExpression(at) && isAssignmentOperator(at.operatorToken.kind) && isProperty(at.left)) return true;
    if (ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) {
      const isUpdate = at.operator === ts.SyntaxKind.PlusPlusToken || at.operator === ts.SyntaxKind.MinusMinusToken;
      if (isUpdate && isProperty(at.operand)) return true;
    }
    if (ts.isDeleteExpression(at) && isProperty(at.expression)) return true;
    return ts.forEachChild(at, (child) => visit(child) || undefined) === true;
  };
  return session.program
    .getSourceFiles()
    .some((file) => !file.isDeclarationFile && file.text.includes(property.name) && visit(file));
}

/** Computes a constant of another file in place, in the scope of that file. */
export function lowerElsewhere(cursor: Cursor, initializer: ts.Expression, node: ts.Node): Value {
  if (cursor.frame.inlining.includes(initializer)) return refused(cursor, node, "EZ1017", { name: node.getText() });
  const there: Cursor = {
    ...cursor,
    scope: new Scope(null),
    frame: { ...cursor.frame, inlining: [...cursor.frame.inlining, initializer], thisValue: null },
    targets: null,
  };
  const value = lowerExpression(there, initializer);
  return isReference(value.type) ? markMadeAtLoad(cursor, value) : value;
}

// ---- Exact values -----------------------------------------------------------------------------------

export const mathConstants: ReadonlyMap<string, number> = new Map([
  ["PI", Math.PI],
  ["E", Math.E],
  ["LN2", Math.LN2],
  ["LN10", Math.LN10],
  ["LOG2E", Math.LOG2E],
  ["LOG10E", Math.LOG10E],
  ["SQRT2", Math.SQRT2],
  ["SQRT1_2", Math.SQRT1_2],
]);

export const numberConstants: ReadonlyMap<string, number> = new Map([
  ["EPSILON", Number.EPSILON],
  ["MAX_VALUE", Number.MAX_VALUE],
  ["MIN_VALUE", Number.MIN_VALUE],
  ["MAX_SAFE_INTEGER", Number.MAX_SAFE_INTEGER],
  ["MIN_SAFE_INTEGER", Number.MIN_SAFE_INTEGER],
  ["POSITIVE_INFINITY", Number.POSITIVE_INFINITY],
  ["NEGATIVE_INFINITY", Number.NEGATIVE_INFINITY],
  ["NaN", NaN],
]);

/** The value of a constant's initialiser where every engine computes the same one: literals and `+ - * /` of them. */
export function exactValue(session: LoweringSession, node: ts.Expression): number | boolean | string | undefined {
  const at = unwrapped(node);
  if (ts.isNumericLiteral(at)) return Number(at.text);
  if (ts.isStringLiteralLike(at)) return at.text;
  if (at.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (at.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isPrefixUnaryExpression(at)) {
    const value = exactValue(session, at.operand);
    if (typeof value !== "number") return undefined;
    if (at.operator === ts.SyntaxKind.MinusToken) return -value;
    return at.operator === ts.SyntaxKind.PlusToken ? value : undefined;
  }
  if (ts.isPropertyAccessExpression(at)) {
    if (isGlobal(session, at.expression, "Math")) return mathConstants.get(at.name.text);
    if (isGlobal(session, at.expression, "Number")) return numberConstants.get(at.name.text);
    return undefined;
  }
  if (ts.isIdentifier(at)) return exactVariable(session, at);
  if (!ts.isBinaryExpression(at)) return undefined;
  const [a, b] = [exactValue(session, at.left), exactValue(session, at.right)];
  if (typeof a !== "number" || typeof b !== "number") return undefined;
  switch (at.operatorToken.kind) {
    case ts.SyntaxKind.PlusToken:
      return a + b;
    case ts.SyntaxKind.MinusToken:
      return a - b;
    case ts.SyntaxKind.AsteriskToken:
      return a * b;
    case ts.SyntaxKind.SlashToken:
      return a / b;
    default:
      return undefined;
  }
}

function exactVariable(session: LoweringSession, node: ts.Identifier): number | boolean | string | undefined {
  if (isGlobal(session, node, "Infinity")) return Infinity;
  if (isGlobal(session, node, "NaN")) return NaN;
  const symbol = symbolAt(session, node);
  const target = symbol === null ? null : resolveAlias(session, symbol);
  const declaration = target?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) {
    return undefined;
  }
  if (!isModuleLevel(session, declaration) || target === null || isReassigned(session, target, declaration))
    return undefined;
  return exactValue(session, declaration.initializer);
}
