/** `for-of`: a loop over the positions of an array. */
import ts from "typescript";
import { element } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { unwrapped } from "./assigned-symbols.js";
import { bindPattern } from "./bind-pattern.js";
import { isPoisoned, originOf, outcome, refused, resumed, type Cursor, type Outcome } from "./environment.js";
import { continueAt, leaf, type Flow } from "./flow.js";
import { givenParts, isMixed } from "./given-list.js";
import { lowerTarget, writeTarget } from "./lower-assignment.js";
import { mustBeThere } from "./implicit-throws.js";
import { lowerExpression } from "./lower-expression.js";
import { inLoop, lowerLoop, overPositions } from "./lower-loop.js";
import { lowerStatement } from "./lower-statement.js";

/** Changes the length of an array while it is being walked. */
const resizing = new Set(["push", "pop", "shift", "unshift", "splice"]);
export function resizes(node: ts.Node): boolean {
  if (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    resizing.has(node.expression.name.text)
  ) {
    return true;
  }
  return ts.forEachChild(node, (child) => resizes(child) || undefined) === true;
}

/** `array.entries()` of an array: positions are bound too. */
function entriesOf(node: ts.Expression): ts.Expression | null {
  const at = unwrapped(node);
  if (!ts.isCallExpression(at) || !ts.isPropertyAccessExpression(at.expression)) return null;
  return at.expression.name.text === "entries" && at.arguments.length === 0 ? at.expression.expression : null;
}

export function lowerForOf(cursor: Cursor, node: ts.ForOfStatement, next: Outcome): Flow {
  const entries = entriesOf(node.expression);
  const array = lowerExpression(cursor, entries ?? node.expression);
  mustBeThere(cursor, array, node.expression);
  const parts = entries === null ? givenParts(cursor.session, array, node.expression) : null;
  if (parts !== null && isMixed(parts) && parts.length <= mostParts) return unrolled(cursor, node, parts, next);
  const { type } = array;
  const elementType = type.kind === "array" ? type.element : type.kind === "tuple" ? type.elements[0] : undefined;
  if (elementType === undefined) {
    if (isPoisoned(cursor, array)) return leaf(cursor, next);
    refused(cursor, node.expression, "EZ2001", { what: "`for-of` over such a value", advice: "loop over an array" });
    return leaf(cursor, next);
  }
  if (resizes(node.statement) && ts.isIdentifier(unwrapped(node.expression))) {
    const walked = unwrapped(node.expression).getText();
    if (node.statement.getText().includes(`${walked}.`)) {
      refused(cursor, node, "EZ2001", {
        what: "an array that may change its length while `for-of` walks it",
        advice: "loop with an index",
      });
    }
  }
  return lowerLoop(
    cursor,
    node,
    overPositions(cursor, array, node.expression),
    (at, round) => {
      const here = inLoop(at, node, round.stop, round.again);
      const value = here.block.load(element(array, round.counter), originOf(node.initializer, loopVariable(node)));
      here.session.certain.add(value);
      if (entries === null) bindLoopVariable(here, node, value);
      else bindEntry(here, node, round.counter, value);
      return lowerStatement(here, node.statement, round.again);
    },
    next,
  );
}

const mostParts = 32;

/** Of a list of unlike things the body is written once for each. */
function unrolled(cursor: Cursor, node: ts.ForOfStatement, [part, ...others]: readonly Value[], next: Outcome): Flow {
  if (part === undefined) return leaf(cursor, next);
  const after = outcome("next element");
  const here = inLoop(cursor, node, next, after);
  bindLoopVariable(here, node, part);
  return continueAt(
    lowerStatement(here, node.statement, after),
    after,
    (place) => unrolled(resumed(cursor, place), node, others, next),
    false,
  );
}

function loopVariable(node: ts.ForOfStatement): { readonly name: string } | null {
  const { initializer } = node;
  if (!ts.isVariableDeclarationList(initializer)) return null;
  const name = initializer.declarations[0]?.name;
  return name !== undefined && ts.isIdentifier(name) ? { name: name.text } : null;
}

function bindLoopVariable(here: Cursor, node: ts.ForOfStatement, value: Value): void {
  const { initializer } = node;
  if (ts.isVariableDeclarationList(initializer)) {
    for (const { name } of initializer.declarations) bindPattern(here, name, value, null);
  } else writeTarget(here, lowerTarget(here, initializer), value, node);
}

function bindEntry(here: Cursor, node: ts.ForOfStatement, counter: Value, value: Value): void {
  const { initializer } = node;
  const name = ts.isVariableDeclarationList(initializer) ? initializer.declarations[0]?.name : undefined;
  if (name === undefined || !ts.isArrayBindingPattern(name)) {
    refused(here, initializer, "EZ2010", { kind: "entry" });
    return;
  }
  [counter, value].forEach((part, k) => {
    const one = name.elements[k];
    if (one !== undefined && ts.isBindingElement(one)) bindPattern(here, one.name, part, one.initializer ?? null);
  });
}
