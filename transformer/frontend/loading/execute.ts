/** Statements, while modules are loaded. */
import ts from "typescript";
import { makeClass, makeFunction } from "./classes.js";
import { compileEnum } from "./enums.js";
import { evaluate, truthOf } from "./evaluate.js";
import { targetOf } from "./assign.js";
import { loopOver } from "./loops.js";
import { leak } from "./leaks.js";
import { declare, either, makeScope, perhaps, repeatedly, setCell, step, type Machine } from "./machine.js";
import { compare } from "./operators.js";
import { bindPattern } from "./patterns.js";
import { normal, Thrown, unknown, type Completion, type LoadedScope, type LoadedValue } from "./values.js";

export function execute(machine: Machine, scope: LoadedScope, node: ts.Statement): Completion {
  step(machine);
  if (ts.isExpressionStatement(node)) {
    evaluate(machine, scope, node.expression);
    return normal;
  }
  if (ts.isVariableStatement(node)) {
    declareVariables(machine, scope, node.declarationList);
    return normal;
  }
  if (ts.isBlock(node)) return executeBlock(machine, makeScope(machine, node, scope), node, node.statements);
  if (ts.isIfStatement(node)) return executeIf(machine, scope, node);
  if (ts.isReturnStatement(node)) {
    return {
      kind: "return",
      value: node.expression === undefined ? undefined : evaluate(machine, scope, node.expression),
    };
  }
  if (ts.isBreakOrContinueStatement(node)) {
    const kind = ts.isBreakStatement(node) ? "break" : "continue";
    return { kind, label: node.label?.text ?? null };
  }
  if (ts.isThrowStatement(node)) {
    leak(machine, evaluate(machine, scope, node.expression));
    throw new Thrown();
  }
  if (ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) {
    return executeLoop(machine, scope, node, null);
  }
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) return loopOver(machine, scope, node);
  if (ts.isLabeledStatement(node)) {
    const { statement } = node;
    const isLoop = ts.isForStatement(statement) || ts.isWhileStatement(statement) || ts.isDoStatement(statement);
    const end = isLoop ? executeLoop(machine, scope, statement, node.label.text) : execute(machine, scope, statement);
    return (end.kind === "break" || end.kind === "continue") && end.label === node.label.text ? normal : end;
  }
  if (ts.isSwitchStatement(node)) return executeSwitch(machine, scope, node);
  if (ts.isTryStatement(node)) return executeTry(machine, scope, node);
  if (ts.isClassDeclaration(node)) {
    const made = makeClass(machine, node, scope);
    if (node.name !== undefined) assignDeclared(machine, scope, node.name.text, made);
    return normal;
  }
  if (ts.isEnumDeclaration(node)) {
    assignDeclared(machine, scope, node.name.text, compileEnum(machine, scope, node));
    return normal;
  }
  if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name)) {
    // A namespace of TypeScript: its functions are known to the checker.
    assignDeclared(machine, scope, node.name.text, unknown);
    if (node.body !== undefined && ts.isModuleBlock(node.body)) {
      const inside = makeScope(machine, node, scope);
      perhaps(machine, () => executeBlock(machine, inside, node, bodyOf(node)));
      for (const cell of inside.cells.values()) leak(machine, cell.value);
    }
  }
  return normal;
}

function bodyOf(node: ts.ModuleDeclaration): readonly ts.Statement[] {
  return node.body !== undefined && ts.isModuleBlock(node.body) ? node.body.statements : [];
}

export function assignDeclared(machine: Machine, scope: LoadedScope, name: string, value: LoadedValue): void {
  const cell = scope.cells.get(name);
  if (cell === undefined) declare(machine, scope, name, value);
  else setCell(machine, cell, value);
}

// ---- Declarations ---------------------------------------------------------------------------------------

/** Declares what is known before a body runs: variables, functions, classes. */
export function hoist(machine: Machine, scope: LoadedScope, body: ts.Node): void {
  for (const name of varsIn(machine, body)) declare(machine, scope, name, undefined);
}

function varsIn(machine: Machine, body: ts.Node): readonly string[] {
  const known = machine.hoisted.get(body);
  if (known !== undefined) return known;
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped)) {
      for (const one of node.declarations) names.push(...namesOf(one.name));
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  machine.hoisted.set(body, names);
  return names;
}

export function namesOf(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((one) => (ts.isBindingElement(one) ? namesOf(one.name) : []));
}

/** What a block declares for itself. */
export function declareBlock(machine: Machine, scope: LoadedScope, statements: readonly ts.Statement[]): void {
  for (const node of statements) {
    if (ts.isVariableStatement(node) && node.declarationList.flags & ts.NodeFlags.BlockScoped) {
      for (const one of node.declarationList.declarations) {
        for (const name of namesOf(one.name)) declare(machine, scope, name, undefined);
      }
    } else if ((ts.isClassDeclaration(node) || ts.isEnumDeclaration(node)) && node.name !== undefined) {
      declare(machine, scope, node.name.text, undefined);
    }
  }
  for (const node of statements) {
    if (!ts.isFunctionDeclaration(node) || node.body === undefined) continue;
    const name = node.name?.text ?? "default";
    const made = makeFunction(machine, node, scope);
    const known = scope.cells.get(name);
    if (known === undefined) declare(machine, scope, name, made);
    else setCell(machine, known, made);
  }
}

function declareVariables(machine: Machine, scope: LoadedScope, list: ts.VariableDeclarationList): void {
  const isBlockScoped = (list.flags & ts.NodeFlags.BlockScoped) !== 0;
  for (const one of list.declarations) {
    if (one.initializer === undefined) {
      if (isBlockScoped && ts.isIdentifier(one.name)) assignDeclared(machine, scope, one.name.text, undefined);
      continue;
    }
    const value = evaluate(machine, scope, one.initializer);
    bindPattern(machine, isBlockScoped ? scope : varScopeOf(scope), one.name, value, null);
  }
}

/** Where `var` declares: the function or the file. */
export function varScopeOf(scope: LoadedScope): LoadedScope {
  let at = scope;
  while (at.outer !== null && !ts.isFunctionLike(at.node) && !ts.isSourceFile(at.node)) at = at.outer;
  return at;
}

// ---- Ways -----------------------------------------------------------------------------------------------

export function executeBlock(
  machine: Machine,
  scope: LoadedScope,
  _node: ts.Node,
  statements: readonly ts.Statement[],
): Completion {
  declareBlock(machine, scope, statements);
  return executeAll(machine, scope, statements);
}

export function executeAll(machine: Machine, scope: LoadedScope, statements: readonly ts.Statement[]): Completion {
  let end: Completion = normal;
  for (const statement of statements) {
    const here = execute(machine, scope, statement);
    if (here.kind === "perhaps") {
      // What follows may not be reached.
      machine.weakBelow = machine.nextId;
      end = end.kind === "perhaps" && end.leaves === "function" ? end : here;
    } else if (here.kind !== "normal") return here;
  }
  return end;
}

/** Follows a statement that may run; null: it throws. */
function maybe(machine: Machine, run: () => Completion): Completion | null {
  try {
    return perhaps(machine, run);
  } catch (error) {
    if (error instanceof Thrown) return null;
    throw error;
  }
}

/** What comes of two ways. */
function joined(machine: Machine, a: Completion | null, b: Completion | null): Completion {
  if (a === null || b === null) {
    const other = a ?? b;
    if (other === null) throw new Thrown();
    return other;
  }
  if (a.kind === "return" && b.kind === "return") return { kind: "return", value: either(machine, a.value, b.value) };
  if (a.kind === "normal" && b.kind === "normal") return normal;
  const leavesFunction = [a, b].map((one) => mayLeaveFunction(machine, one)).includes(true);
  return { kind: "perhaps", leaves: leavesFunction ? "function" : "loop" };
}

/** Does a way that may be taken leave the function? What it gives is kept. */
function mayLeaveFunction(machine: Machine, end: Completion): boolean {
  if (end.kind === "return") {
    machine.returns.at(-1)?.push(end.value);
    return true;
  }
  if (end.kind === "perhaps") return end.leaves === "function";
  return (end.kind === "break" || end.kind === "continue") && end.label !== null;
}

function executeIf(machine: Machine, scope: LoadedScope, node: ts.IfStatement): Completion {
  const test = truthOf(evaluate(machine, scope, node.expression));
  if (test === true) return execute(machine, scope, node.thenStatement);
  const { elseStatement } = node;
  if (test === false) return elseStatement === undefined ? normal : execute(machine, scope, elseStatement);
  const a = maybe(machine, () => execute(machine, scope, node.thenStatement));
  const b = elseStatement === undefined ? normal : maybe(machine, () => execute(machine, scope, elseStatement));
  return joined(machine, a, b);
}

function executeSwitch(machine: Machine, scope: LoadedScope, node: ts.SwitchStatement): Completion {
  const value = evaluate(machine, scope, node.expression);
  const inside = makeScope(machine, node, scope);
  const { clauses } = node.caseBlock;
  declareBlock(
    machine,
    inside,
    clauses.flatMap((one) => [...one.statements]),
  );
  const matches = clauses.map((clause) =>
    ts.isCaseClause(clause)
      ? compare(ts.SyntaxKind.EqualsEqualsEqualsToken, value, evaluate(machine, inside, clause.expression))
      : false,
  );
  const breaks = (end: Completion): Completion => (end.kind === "break" && end.label === null ? normal : end);
  if (!matches.includes(unknown)) {
    const from = matches.includes(true) ? matches.indexOf(true) : clauses.findIndex(ts.isDefaultClause);
    if (from < 0) return normal;
    return breaks(
      executeAll(
        machine,
        inside,
        clauses.slice(from).flatMap((one) => [...one.statements]),
      ),
    );
  }
  let end: Completion = normal;
  clauses.forEach((_, k) => {
    const statements = clauses.slice(k).flatMap((one) => [...one.statements]);
    const here = maybe(machine, () => breaks(executeAll(machine, inside, statements)));
    if (here !== null) end = joined(machine, end, here);
  });
  return end;
}

function executeTry(machine: Machine, scope: LoadedScope, node: ts.TryStatement): Completion {
  const { catchClause } = node;
  const tried = maybe(machine, () => execute(machine, scope, node.tryBlock));
  let end = tried ?? normal;
  if (catchClause !== undefined) {
    const inside = makeScope(machine, catchClause, scope);
    const name = catchClause.variableDeclaration?.name;
    if (name !== undefined) bindPattern(machine, inside, name, unknown, null);
    end = joined(
      machine,
      end,
      maybe(machine, () => execute(machine, inside, catchClause.block)),
    );
  }
  if (node.finallyBlock === undefined) return end;
  const last = execute(machine, scope, node.finallyBlock);
  return last.kind === "normal" ? end : last;
}

/** A loop that takes longer is not gone through turn by turn. */
const mostSteps = 100_000;

function executeLoop(
  machine: Machine,
  outer: LoadedScope,
  node: ts.ForStatement | ts.WhileStatement | ts.DoStatement,
  label: string | null,
): Completion {
  const before = machine.weakBelow;
  let scope = makeScope(machine, node, outer);
  if (ts.isForStatement(node) && node.initializer !== undefined) {
    if (ts.isVariableDeclarationList(node.initializer)) declareVariables(machine, scope, node.initializer);
    else evaluate(machine, scope, node.initializer);
  }
  const condition = ts.isForStatement(node) ? node.condition : node.expression;
  const test = (): boolean | null => (condition === undefined ? true : truthOf(evaluate(machine, scope, condition)));
  let mayLeave: Completion = normal;
  try {
    const start = machine.steps;
    for (let isFirst = true; machine.isLoading && machine.steps - start < mostSteps; isFirst = false) {
      const goes = ts.isDoStatement(node) && isFirst ? true : test();
      if (goes === false) return mayLeave;
      if (goes === null) break;
      const end = execute(machine, scope, node.statement);
      if (end.kind === "return") return mayLeave.kind === "normal" ? end : joined(machine, end, normal);
      if (end.kind === "break") return end.label === null || end.label === label ? mayLeave : end;
      if (end.kind === "continue" && end.label !== null && end.label !== label) return end;
      if (end.kind === "perhaps") {
        machine.weakBelow = machine.nextId;
        if (end.leaves === "function") mayLeave = end;
      }
      scope = nextTurn(machine, scope, node, outer);
      if (ts.isForStatement(node) && node.incrementor !== undefined) evaluate(machine, scope, node.incrementor);
    }
    repeatedly(machine, () => {
      const end = maybe(machine, () => {
        test();
        const done = execute(machine, scope, node.statement);
        if (ts.isForStatement(node) && node.incrementor !== undefined) evaluate(machine, scope, node.incrementor);
        return done;
      });
      if (end !== null && mayLeaveFunction(machine, end)) mayLeave = { kind: "perhaps", leaves: "function" };
    });
    return mayLeave;
  } finally {
    machine.weakBelow = before;
  }
}

/** Each turn has variables of its own, which functions made there keep. */
function nextTurn(machine: Machine, scope: LoadedScope, node: ts.Node, outer: LoadedScope): LoadedScope {
  if (scope.cells.size === 0) return scope;
  const next = makeScope(machine, node, outer);
  for (const [name, cell] of scope.cells) declare(machine, next, name, cell.value);
  return next;
}

/** A turn of a loop over something: what it gives is assigned, or declared. */
export function giveTurn(
  machine: Machine,
  scope: LoadedScope,
  initializer: ts.ForInitializer,
  value: LoadedValue,
): void {
  if (!ts.isVariableDeclarationList(initializer)) {
    targetOf(machine, scope, initializer).write(value);
    return;
  }
  const isBlockScoped = (initializer.flags & ts.NodeFlags.BlockScoped) !== 0;
  for (const one of initializer.declarations) {
    bindPattern(machine, isBlockScoped ? scope : varScopeOf(scope), one.name, value, null);
  }
}

export { mayLeaveFunction, maybe, joined };
