/**
 * Drops assignments to variables that nothing reads; of a value with effects the evaluation stays.
 *
 *   x = a * b; y = f(a)   =>   f(a)
 */
import {
  blocksOf,
  eachStatement,
  expressionsOf,
  mapStatement,
  partsOf,
  visitReads,
  type Block,
  type Expression,
  type Local,
  type Statement,
} from "./tree.js";

/** A block => the same without assignments that nothing reads. */
export function dropUnread(body: Block): Block {
  const read = readLocals(body);
  const isDropped = (statement: Statement): boolean => statement.kind === "assign" && !read.has(statement.local);
  if (!someStatement(body, isDropped)) return body;
  const drop = (statements: Block): Block =>
    statements.flatMap((statement): readonly Statement[] => {
      if (statement.kind === "assign" && isDropped(statement)) {
        return hasEffects(statement.value) ? [{ kind: "evaluate", value: statement.value }] : [];
      }
      return [mapStatement(statement, { expression: (one) => one, block: drop, local: (one) => one })];
    });
  // What only these read is dropped next.
  return dropUnread(drop(body));
}

function someStatement(body: Block, test: (statement: Statement) => boolean): boolean {
  return body.some((statement) => test(statement) || blocksOf(statement).some((block) => someStatement(block, test)));
}

function readLocals(body: Block): ReadonlySet<Local> {
  const read = new Set<Local>();
  eachStatement(body, (statement) => {
    // an evaluation that stays reads what was assigned before: s = s + f(s)
    const selfUpdate = statement.kind === "assign" && !hasEffects(statement.value) ? statement.local : null;
    for (const expression of expressionsOf(statement))
      visitReads(expression, (local) => {
        if (local !== selfUpdate) read.add(local);
      });
  });
  return read;
}

function hasEffects(expression: Expression): boolean {
  switch (expression.kind) {
    case "push":
    case "pop":
    case "call":
    case "opaque":
    case "random":
      return true;
    default:
      return partsOf(expression).some(hasEffects);
  }
}
