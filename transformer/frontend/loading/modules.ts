/** Files, while modules are loaded: what they import and export. */
import ts from "typescript";
import { isCommonJs } from "../../syntax/javascript.js";
import { takesWhole } from "../required-module.js";
import { builtin } from "./builtins.js";
import { makeClass, makeFunction } from "./classes.js";
import { evaluate } from "./evaluate.js";
import { assignDeclared, declareBlock, execute, hoist, namesOf } from "./execute.js";
import { leak, open } from "./leaks.js";
import { cellOf, declare, define, makeObject, makeScope, type LoadedModule, type Machine } from "./machine.js";
import { get } from "./members.js";
import { isObject, Thrown, unknown, type LoadedObject, type LoadedScope, type LoadedValue } from "./values.js";

export function loadModule(machine: Machine, file: ts.SourceFile): LoadedModule {
  const known = machine.modules.get(file);
  if (known !== undefined) return known;
  const { weakBelow, laterBelow } = machine;
  // A module is loaded once, whoever asks first.
  machine.laterBelow = machine.sure.has(file) ? 0 : machine.nextId;
  machine.weakBelow = machine.laterBelow;
  try {
    return isCommonJs(file) ? loadCommonJs(machine, file) : loadModern(machine, file);
  } finally {
    machine.weakBelow = weakBelow;
    machine.laterBelow = laterBelow;
  }
}

function run(machine: Machine, scope: LoadedScope, file: ts.SourceFile, exports: () => LoadedValue): void {
  try {
    for (const statement of file.statements) executeTop(machine, scope, statement);
  } catch (error) {
    if (!(error instanceof Thrown)) throw error;
    // A program that throws while it is loaded does not run: something was understood wrongly.
    for (const cell of scope.cells.values()) {
      leak(machine, cell.value);
      cell.value = unknown;
    }
    const whole = exports();
    leak(machine, whole);
    if (isObject(whole)) open(machine, whole);
  }
}

function loadCommonJs(machine: Machine, file: ts.SourceFile): LoadedModule {
  const prototype = builtin(machine, "Object.prototype");
  const exports = makeObject(machine, file, { prototype });
  const module = makeObject(machine, null, { prototype });
  module.members.set("exports", { kind: "data", value: exports, isListed: true });
  const activation = { thisValue: exports, home: null, given: null, code: null };
  const scope = makeScope(machine, file, null, activation);
  declare(machine, scope, "module", module);
  declare(machine, scope, "exports", exports);
  declare(machine, scope, "require", makeObject(machine, null, { run: { kind: "require" } }));
  const whole = (): LoadedValue => get(machine, module, "exports");
  const made: LoadedModule = { file, scope, exports: whole };
  machine.modules.set(file, made);
  hoist(machine, scope, file);
  declareBlock(machine, scope, file.statements);
  run(machine, scope, file, whole);
  return made;
}

function loadModern(machine: Machine, file: ts.SourceFile): LoadedModule {
  const exports = makeObject(machine, file);
  const activation = { thisValue: undefined, home: null, given: null, code: null };
  const scope = makeScope(machine, file, null, activation);
  const made: LoadedModule = { file, scope, exports: () => exports };
  machine.modules.set(file, made);
  hoist(machine, scope, file);
  declareBlock(machine, scope, file.statements);
  for (const statement of file.statements) declareExports(machine, scope, exports, statement);
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) bindImports(machine, scope, statement);
    else if (ts.isImportEqualsDeclaration(statement)) bindWhole(machine, scope, statement);
    else if (ts.isExportDeclaration(statement)) reexport(machine, scope, exports, statement);
  }
  run(machine, scope, file, () => exports);
  return made;
}

const isExported = (node: ts.Statement, kind: ts.SyntaxKind): boolean =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((one) => one.kind === kind) === true;

/** The names that a file declares and exports in one. */
function declareExports(machine: Machine, scope: LoadedScope, exports: LoadedObject, node: ts.Statement): void {
  const give = (exported: string, local: string): void => {
    const cell = declare(machine, scope, local, undefined);
    exports.members.set(exported, { kind: "binding", cell });
  };
  if (ts.isExportAssignment(node) && node.isExportEquals !== true) give("default", "default");
  if (!isExported(node, ts.SyntaxKind.ExportKeyword)) return;
  if (ts.isVariableStatement(node)) {
    for (const one of node.declarationList.declarations) for (const name of namesOf(one.name)) give(name, name);
  } else if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) {
    if (ts.isFunctionDeclaration(node) && node.body === undefined) return;
    const name = node.name?.text ?? "default";
    give(isExported(node, ts.SyntaxKind.DefaultKeyword) ? "default" : name, name);
  } else if ((ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node)) && ts.isIdentifier(node.name)) {
    give(node.name.text, node.name.text);
  }
}

function moduleOf(machine: Machine, specifier: ts.Expression | undefined): LoadedModule | null {
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return null;
  const file = machine.fileAt(specifier);
  return file === null ? null : loadModule(machine, file);
}

/** What a module exports under a name, as it is imported. */
function exportedBy(machine: Machine, module: LoadedModule, name: string, importer: ts.SourceFile): LoadedValue {
  const whole = module.exports();
  if (name !== "default" || !isCommonJs(module.file)) return get(machine, whole, name);
  if (takesWhole(machine.program, importer)) return whole;
  return get(machine, whole, "__esModule") === true ? get(machine, whole, "default") : whole;
}

/** Gives a name in a scope to what a module exports: the variable itself, where there is one. */
function link(
  machine: Machine,
  scope: LoadedScope,
  local: string,
  module: LoadedModule | null,
  name: string,
  importer: ts.SourceFile,
): void {
  const whole = module?.exports();
  const member = isObject(whole) ? whole.members.get(name) : undefined;
  if (member?.kind === "binding") scope.cells.set(local, member.cell);
  else declare(machine, scope, local, module === null ? unknown : exportedBy(machine, module, name, importer));
}

function bindImports(machine: Machine, scope: LoadedScope, node: ts.ImportDeclaration): void {
  const module = moduleOf(machine, node.moduleSpecifier);
  const clause = node.importClause;
  if (clause === undefined) return;
  if (clause.name !== undefined) link(machine, scope, clause.name.text, module, "default", node.getSourceFile());
  const bindings = clause.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) {
    declare(machine, scope, bindings.name.text, module === null ? unknown : module.exports());
  } else {
    for (const one of bindings.elements) {
      link(machine, scope, one.name.text, module, (one.propertyName ?? one.name).text, node.getSourceFile());
    }
  }
}

/** `import lib = require("lib")` */
function bindWhole(machine: Machine, scope: LoadedScope, node: ts.ImportEqualsDeclaration): void {
  const { moduleReference, isTypeOnly } = node;
  if (isTypeOnly || !ts.isExternalModuleReference(moduleReference)) return;
  declare(machine, scope, node.name.text, moduleOf(machine, moduleReference.expression)?.exports() ?? unknown);
}

/** `import("lib")`: who waits for it gets the module. */
export function handOver(machine: Machine, specifier: ts.Expression | undefined): void {
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
  const file = machine.fileAt(specifier);
  const module = file === null ? undefined : machine.modules.get(file);
  if (module !== undefined) leak(machine, module.exports());
  if (file !== null) machine.handedOver.add(file);
}

/** Whoever waits for a module gets it once all are loaded. */
export function handOverAll(machine: Machine): void {
  for (const file of machine.handedOver) leak(machine, loadModule(machine, file).exports());
}

function reexport(machine: Machine, scope: LoadedScope, exports: LoadedObject, node: ts.ExportDeclaration): void {
  const module = node.moduleSpecifier === undefined ? null : moduleOf(machine, node.moduleSpecifier);
  const clause = node.exportClause;
  if (clause === undefined) {
    const whole = module?.exports();
    if (!isObject(whole)) return open(machine, exports);
    for (const [key, member] of whole.members) {
      if (key !== "default" && !exports.members.has(key)) exports.members.set(key, member);
    }
    return;
  }
  if (ts.isNamespaceExport(clause)) {
    const value = module === null ? unknown : module.exports();
    define(machine, exports, clause.name.text, { kind: "data", value, isListed: true });
    return;
  }
  for (const one of clause.elements) {
    const name = (one.propertyName ?? one.name).text;
    if (node.moduleSpecifier !== undefined) {
      const holder = makeScope(machine, one, null);
      link(machine, holder, name, module, name, node.getSourceFile());
      const cell = cellOf(holder, name);
      if (cell !== null) exports.members.set(one.name.text, { kind: "binding", cell });
    } else {
      const cell = cellOf(scope, name) ?? declare(machine, scope, name, unknown);
      exports.members.set(one.name.text, { kind: "binding", cell });
    }
  }
}

/** `N.C` of `import C = N.C` */
function entityName(machine: Machine, scope: LoadedScope, name: ts.EntityName): LoadedValue {
  return ts.isIdentifier(name)
    ? evaluate(machine, scope, name)
    : get(machine, entityName(machine, scope, name.left), name.right.text);
}

function executeTop(machine: Machine, scope: LoadedScope, node: ts.Statement): void {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
  if (ts.isImportEqualsDeclaration(node)) {
    const { moduleReference, name, isTypeOnly } = node;
    if (isTypeOnly || ts.isExternalModuleReference(moduleReference)) return;
    assignDeclared(machine, scope, name.text, entityName(machine, scope, moduleReference));
    return;
  }
  if (ts.isExportAssignment(node)) {
    const value = evaluate(machine, scope, node.expression);
    if (node.isExportEquals !== true) assignDeclared(machine, scope, "default", value);
    else leak(machine, value);
    return;
  }
  if (ts.isClassDeclaration(node) && node.name === undefined) {
    assignDeclared(machine, scope, "default", makeClass(machine, node, scope));
    return;
  }
  if (ts.isFunctionDeclaration(node) && node.name === undefined && node.body !== undefined) {
    assignDeclared(machine, scope, "default", makeFunction(machine, node, scope));
    return;
  }
  const end = execute(machine, scope, node);
  if (end.kind === "perhaps") machine.weakBelow = machine.nextId;
}
