/** Assignments, while modules are loaded. */
import ts from "typescript";
import { unwrapped } from "../assigned-symbols.js";
import { evaluate, evaluateKey, goesOn, numeric } from "./evaluate.js";
import { globals } from "./builtins.js";
import { leak } from "./leaks.js";
import { cellOf, either, makeArray, perhaps, setCell, type Machine } from "./machine.js";
import { get, keyText, put } from "./members.js";
import { combine } from "./operators.js";
import { elementsOf, restOf, withDefault } from "./patterns.js";
import { unknown, type LoadedScope, type LoadedValue } from "./values.js";

const arithmetic: ReadonlyMap<ts.SyntaxKind, ts.SyntaxKind> = new Map([
  [ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.MinusEqualsToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.AsteriskEqualsToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.SlashEqualsToken, ts.SyntaxKind.SlashToken],
  [ts.SyntaxKind.PercentEqualsToken, ts.SyntaxKind.PercentToken],
  [ts.SyntaxKind.AsteriskAsteriskEqualsToken, ts.SyntaxKind.AsteriskAsteriskToken],
  [ts.SyntaxKind.AmpersandEqualsToken, ts.SyntaxKind.AmpersandToken],
  [ts.SyntaxKind.BarEqualsToken, ts.SyntaxKind.BarToken],
  [ts.SyntaxKind.CaretEqualsToken, ts.SyntaxKind.CaretToken],
  [ts.SyntaxKind.LessThanLessThanEqualsToken, ts.SyntaxKind.LessThanLessThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken],
]);

export function assignTo(machine: Machine, scope: LoadedScope, node: ts.BinaryExpression): LoadedValue {
  const operator = node.operatorToken.kind;
  const { write, read } = targetOf(machine, scope, node.left);
  if (operator === ts.SyntaxKind.EqualsToken) {
    const value = evaluate(machine, scope, node.right);
    write(value);
    return value;
  }
  const before = read();
  const plain = arithmetic.get(operator);
  if (plain !== undefined) {
    const value = combine(plain, before, evaluate(machine, scope, node.right));
    write(value);
    return value;
  }
  const decided = goesOn(shortOf(operator), before);
  if (decided === false) return before;
  const assign = (): LoadedValue => {
    const value = evaluate(machine, scope, node.right);
    write(value);
    return value;
  };
  return decided === true ? assign() : either(machine, before, perhaps(machine, assign));
}

function shortOf(operator: ts.SyntaxKind): ts.SyntaxKind {
  if (operator === ts.SyntaxKind.AmpersandAmpersandEqualsToken) return ts.SyntaxKind.AmpersandAmpersandToken;
  return operator === ts.SyntaxKind.BarBarEqualsToken ? ts.SyntaxKind.BarBarToken : ts.SyntaxKind.QuestionQuestionToken;
}

/** `x++` and its like; gives the new value. */
export function update(machine: Machine, scope: LoadedScope, target: ts.Expression, by: number): LoadedValue {
  const { write, read } = targetOf(machine, scope, target);
  const before = numeric(read());
  const value = typeof before === "number" ? before + by : unknown;
  write(value);
  return value;
}

interface Target {
  readonly read: () => LoadedValue;
  readonly write: (value: LoadedValue) => void;
}

/** Something that is assigned to. Its object and key are evaluated once. */
export function targetOf(machine: Machine, scope: LoadedScope, node: ts.Expression): Target {
  const at = unwrapped(node);
  if (ts.isIdentifier(at)) {
    const cell = cellOf(scope, at.text);
    return {
      read: () => (cell === null ? unknown : cell.value),
      write: (value) =>
        cell === null ? put(machine, globals(machine), at.text, value) : setCell(machine, cell, value),
    };
  }
  if (ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at)) {
    const owner = evaluate(machine, scope, at.expression);
    // Members that have a text for a name stay what they are.
    if (ts.isElementAccessExpression(at) && isSymbol(scope, at.argumentExpression))
      return { read: () => unknown, write: (value) => leak(machine, value) };
    const key = ts.isPropertyAccessExpression(at) ? at.name.text : evaluate(machine, scope, at.argumentExpression);
    return {
      read: () => {
        const name = keyText(key);
        return name === null ? unknown : get(machine, owner, name);
      },
      write: (value) => put(machine, owner, key, value),
    };
  }
  return { read: () => unknown, write: (value) => destructure(machine, scope, at, value) };
}

/** `Symbol.iterator`, `Symbol.for("nodejs.util.inspect.custom")`: nothing that is asked of an object goes by these. */
function isSymbol(scope: LoadedScope, node: ts.Expression): boolean {
  const at = unwrapped(node);
  const callee = ts.isCallExpression(at) ? at.expression : at;
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== (ts.isCallExpression(at) ? "for" : "iterator"))
    return false;
  const { expression } = callee;
  return ts.isIdentifier(expression) && expression.text === "Symbol" && cellOf(scope, "Symbol") === null;
}

/** `[a, b.c] = value`, `({ x: a } = value)` */
function destructure(machine: Machine, scope: LoadedScope, pattern: ts.Expression, value: LoadedValue): void {
  const give = (target: ts.Expression, part: LoadedValue): void => {
    const at = unwrapped(target);
    if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      targetOf(machine, scope, at.left).write(withDefault(machine, scope, part, at.right));
    } else targetOf(machine, scope, at).write(part);
  };
  if (ts.isArrayLiteralExpression(pattern)) {
    const list = elementsOf(value);
    if (list === null) leak(machine, value);
    pattern.elements.forEach((one, k) => {
      if (ts.isOmittedExpression(one)) return;
      if (ts.isSpreadElement(one))
        give(one.expression, list === null ? unknown : makeArray(machine, one, list.slice(k)));
      else give(one, list === null ? unknown : list[k]);
    });
    return;
  }
  if (!ts.isObjectLiteralExpression(pattern)) {
    leak(machine, value);
    return;
  }
  const taken: string[] = [];
  for (const property of pattern.properties) {
    if (ts.isSpreadAssignment(property)) {
      give(property.expression, restOf(machine, value, taken, property));
      continue;
    }
    const key = evaluateKey(machine, scope, property.name);
    if (key !== null) taken.push(key);
    if (key === null) leak(machine, value);
    const part = key === null ? unknown : get(machine, value, key);
    if (ts.isPropertyAssignment(property)) give(property.initializer, part);
    else if (ts.isShorthandPropertyAssignment(property)) {
      const given = withDefault(machine, scope, part, property.objectAssignmentInitializer ?? null);
      give(property.name, given);
    }
  }
}
