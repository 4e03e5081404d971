/** `for-of`: a loop over the positions of an array. */
import ts from "typescript";
import { element } from "../ir/build.js";
import { isMap, isText, type Value } from "../ir/ir.js";
import { elementTypeOf } from "../ir/join-types.js";
import { isAssignmentOperator, unwrapped } from "./assigned-symbols.js";
import { arrayWalk } from "./array-walk.js";
import { bindPattern } from "./bind-pattern.js";
import {
  isPoisoned,
  originOf,
  outcome,
  refused,
  resumed,
  type Consumer,
  type Cursor,
  type Outcome,
} from "./environment.js";
import { continueAt, leaf, type Flow } from "./flow.js";
import { givenParts } from "./given-list.js";
import { contentsOf, whileWalked } from "./grown-list.js";
import { lowerTarget, writeTarget } from "./lower-assignment.js";
import { dictionaryWalk, keysOf, valueUnder, type DictionaryWalk } from "./lower-dictionary.js";
import { listed, walkOfMap } from "./lower-iterable.js";
import { mustBeThere } from "./implicit-throws.js";
import { lowerWalkedGenerator } from "./lower-generator.js";
import { argumentsAsArray } from "./lower-arguments.js";
import { listOfMark, mostParts } from "./loaded-mark.js";
import { lowerExpression } from "./lower-expression.js";
import { inLoop, lowerLoop, overPositions } from "./lower-loop.js";
import { lowerStatement } from "./lower-statement.js";
import { changesInWalk, roundOfMap } from "./map-walk.js";
import { partsInTurn, type PartAt } from "./tuple-parts.js";

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

export function lowerForOf(cursor: Cursor, node: ts.ForOfStatement, next: Outcome): Flow {
  const walk = dictionaryWalk(cursor, node.expression);
  if (walk !== null) return overDictionary(cursor, node, walk, next);
  const body: Consumer["body"] = (at, value, after) => {
    const here = inLoop(at, node, next, after);
    bindLoopVariable(here, node, value);
    return lowerStatement(here, node.statement, after);
  };
  const generated = lowerWalkedGenerator(cursor, node, body, next);
  if (generated !== null) return generated;
  const { array: walked, of } = arrayWalk(cursor, node.expression);
  const given = lowerExpression(cursor, walked);
  const kept = cursor.session.generators.has(given) ? lowerWalkedGenerator(cursor, node, body, next, given) : null;
  if (kept !== null) return kept;
  const list =
    listOfMark(cursor, given, node.expression) ?? argumentsAsArray(cursor, contentsOf(cursor, given), node.expression);
  const array = of === "values" && isText(list.type) ? listed(cursor, list, node.expression) : list;
  mustBeThere(cursor, array, node.expression);
  const parts = of === "values" ? givenParts(cursor, array, node.expression) : null;
  const each = of === "values" ? partsInTurn(cursor, array, parts, node.expression, mostParts) : null;
  if (each !== null) return whileWalked(cursor.session, given, () => unrolled(cursor, node, each, next));
  if (isMap(array.type)) {
    const of = walkOfMap(cursor, array, node.expression);
    if (of === null) return leaf(cursor, next);
    return overDictionary(cursor, node, { dictionary: array, of }, next);
  }
  if (elementTypeOf(array.type) === null) {
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
      if (of === "keys") {
        bindLoopVariable(here, node, round.counter);
        return lowerStatement(here, node.statement, round.again);
      }
      const value = here.block.load(element(array, round.counter), originOf(node.initializer, loopVariable(node)));
      here.session.certain.add(value);
      if (of === "values") bindLoopVariable(here, node, value);
      else bindEntry(here, node, round.counter, value);
      return lowerStatement(here, node.statement, round.again);
    },
    next,
  );
}

/** Of a list of unlike things the body is written once for each. */
function unrolled(cursor: Cursor, node: ts.ForOfStatement, [part, ...others]: readonly PartAt[], next: Outcome): Flow {
  if (part === undefined) return leaf(cursor, next);
  const after = outcome("next element");
  const here = inLoop(cursor, node, next, after);
  bindLoopVariable(here, node, part(here));
  return continueAt(
    lowerStatement(here, node.statement, after),
    after,
    (place) => unrolled(resumed(cursor, place), node, others, next),
    false,
  );
}

/** Over what `Object.entries(weights)` and its like hold when the loop begins. */
function overDictionary(cursor: Cursor, node: ts.ForOfStatement, walk: DictionaryWalk, next: Outcome): Flow {
  const { dictionary, of } = walk;
  if (!isMap(dictionary.type) && of !== "keys" && writesDictionary(node.statement)) {
    refused(cursor, node, "EZ2001", {
      what: `\`for-of\` over the ${of} of an object, with assignments to such objects inside,`,
      advice: "loop over Object.keys, and read each value where it is used",
    });
    return leaf(cursor, next);
  }
  const keys = keysOf(cursor, dictionary, node.expression, null);
  const changes = changesInWalk(cursor, dictionary, node.statement);
  if (changes === null) return leaf(cursor, next);
  const mapWalk = { map: dictionary, keys, changes, node };
  return lowerLoop(
    cursor,
    node,
    overPositions(cursor, keys, node.expression),
    (at, round) => {
      const name = of === "keys" ? loopVariable(node) : { name: "key" };
      const key = at.block.load(element(keys, round.counter), originOf(node.initializer, name));
      return roundOfMap(at, mapWalk, key, round, (inside, again) => {
        const here = inLoop(inside, node, round.stop, again);
        if (of === "keys") bindLoopVariable(here, node, key);
        else {
          const value = valueUnder(here, dictionary, key, node.initializer);
          if (of === "values") bindLoopVariable(here, node, value);
          else bindEntry(here, node, key, value);
        }
        return lowerStatement(here, node.statement, again);
      });
    },
    next,
  );
}

/** Is something under a computed key assigned? `Object.entries` has taken the values before. */
function writesDictionary(node: ts.Node): boolean {
  const assigns =
    (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind) && isMember(node.left)) ||
    ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && isMember(node.operand)) ||
    ts.isDeleteExpression(node);
  return assigns || ts.forEachChild(node, (child) => writesDictionary(child) || undefined) === true;
}

const isMember = (node: ts.Expression): boolean =>
  ts.isElementAccessExpression(unwrapped(node)) || ts.isPropertyAccessExpression(unwrapped(node));

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
