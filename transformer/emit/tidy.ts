/**
 * Gives statements the shape in which a programmer writes them. Nothing moves but what is said here.
 *
 *   while (true) { if (t) { A } else { break; } }     =>   while (t) { A }
 *   while (true) { A; if (t) break; }                 =>   do { A } while (!t)
 *   if (c) { A; break; } else { B }                   =>   if (c) { A; break; } B
 *   if (c) { } else { A }                             =>   if (!c) { A }, or at a loop's end  if (c) continue; A
 *   if (!c) { A } else { B }                          =>   if (c) { B } else { A }
 *   if (c) { if (d) { A } }                           =>   if (c && d) { A }
 */
import {
  apply,
  assignedBy,
  blocksOf,
  eachStatement,
  expressionsOf,
  isLiteral,
  readsLocal,
  visitReads,
  type Block,
  type Expression,
  type Local,
  type Statement,
} from "./tree.js";

/** A block => the same as a person would write it. */
export function tidy(body: Block): Block {
  return tidyBlock(body, "function");
}

type Around = "function" | "loop" | "block";

function tidyBlock(block: Block, around: Around): Block {
  const inner = block.flatMap((statement): Block => tidyStatement(statement));
  return endWell(flatten(useStops(inner)), around);
}

function tidyStatement(statement: Statement): Block {
  switch (statement.kind) {
    case "if":
      return tidyIf({
        ...statement,
        then: tidyBlock(statement.then, "block"),
        otherwise: tidyBlock(statement.otherwise, "block"),
      });
    case "for":
      return [{ ...statement, body: tidyBlock(statement.body, "loop") }];
    case "while":
      return tidyWhile(tidyBlock(statement.body, "loop"), statement.test);
    case "doWhile":
      return [{ ...statement, body: tidyBlock(statement.body, "loop") }];
    default:
      return [statement];
  }
}

function tidyIf(statement: Extract<Statement, { kind: "if" }>): Block {
  const { test, then, otherwise } = statement;
  if (then.length === 0 && otherwise.length === 0) return [];
  if (then.length === 0) return tidyIf({ ...statement, test: negate(test), then: otherwise, otherwise: [] });
  const [only, second] = then;
  if (otherwise.length === 0 && second === undefined && only?.kind === "if" && only.otherwise.length === 0) {
    return [{ ...only, test: both(test, only.test) }];
  }
  const isNegated = test.kind === "apply" && test.primitive === "not";
  if (isNegated && otherwise.length > 0)
    return [{ ...statement, test: negate(test), then: otherwise, otherwise: then }];
  return [statement];
}

/** `a && b`; of negations `!(a || b)`. */
function both(a: Expression, b: Expression): Expression {
  const [left, right] = [negated(a), negated(b)];
  return left !== null && right !== null ? apply("not", apply("or", left, right)) : apply("and", a, b);
}

/** Does control never pass the end of this block? */
function leaves(block: Block): boolean {
  const last = block.at(-1);
  switch (last?.kind) {
    case "break":
    case "continue":
    case "return":
    case "throw":
      return true;
    case "if":
      return leaves(last.then) && leaves(last.otherwise);
    case "while":
      return last.test === null && !breaks(last.body);
    default:
      return false;
  }
}

/** Is there a `break` in a block that ends the loop around the block? */
function breaks(block: Block): boolean {
  return block.some(
    (statement) => statement.kind === "break" || (statement.kind === "if" && blocksOf(statement).some(breaks)),
  );
}

function continues(block: Block): boolean {
  return block.some(
    (statement) => statement.kind === "continue" || (statement.kind === "if" && blocksOf(statement).some(continues)),
  );
}

/** `stop = e; x = y; if (stop) break;`   =>   `x = y; if (e) break;` */
function useStops(block: Block): Block {
  let result = block;
  block.forEach((statement) => {
    if (statement.kind !== "if" || statement.test.kind !== "local" || statement.test.local.hint !== "stop") return;
    const stop = statement.test.local;
    const at = result.findIndex((one) => one.kind === "assign" && one.local === stop);
    const to = result.indexOf(statement);
    const assigned = result[at];
    if (at < 0 || assigned?.kind !== "assign" || readsOf(block, stop) !== 1) return;
    const between = result.slice(at + 1, to);
    const blocked = between.some((one) => assignedBy(one).some((local) => readsLocal(assigned.value, local)));
    if (blocked || between.some((one) => one.kind !== "assign")) return;
    result = [...result.slice(0, at), ...between, { ...statement, test: assigned.value }, ...result.slice(to + 1)];
  });
  return result;
}

function readsOf(block: Block, local: Local): number {
  let count = 0;
  eachStatement(block, (statement) => {
    for (const expression of expressionsOf(statement))
      visitReads(expression, (one) => {
        if (one === local) count++;
      });
  });
  return count;
}

/** After a branch that leaves, the other branch needs no `else`. */
function flatten(block: Block): Block {
  return block.flatMap((statement): Block => {
    if (statement.kind !== "if" || statement.otherwise.length === 0) return [statement];
    const { test, then, otherwise } = statement;
    const [leavesThen, leavesElse] = [leaves(then), leaves(otherwise)];
    if (leavesThen) return [{ ...statement, otherwise: [] }, ...otherwise];
    if (leavesElse) return [{ ...statement, test: negate(test), then: otherwise, otherwise: [] }, ...then];
    return [statement];
  });
}

/** What stands at the end of a block and says nothing. */
function endWell(block: Block, around: Around): Block {
  const last = block.at(-1);
  if (around === "loop" && last?.kind === "continue") return endWell(block.slice(0, -1), around);
  if (around === "loop" && last?.kind === "if" && last.otherwise.length === 0 && !leaves(last.then)) {
    const skipped = negated(last.test);
    if (skipped !== null)
      return [...block.slice(0, -1), { ...last, test: skipped, then: [{ kind: "continue" }] }, ...last.then];
  }
  if (around === "function" && last?.kind === "return" && last.values.length === 0) return block.slice(0, -1);
  return block;
}

function tidyWhile(body: Block, test: Expression | null): Block {
  const [first, ...rest] = body;
  const last = body.at(-1);
  const onlyBreaks = (block: Block): boolean => block.length === 1 && block[0]?.kind === "break";
  if (test === null && first?.kind === "if" && onlyBreaks(first.then) && first.otherwise.length === 0) {
    return [{ kind: "while", test: negate(first.test), body: rest }];
  }
  if (test === null && last?.kind === "if" && onlyBreaks(last.then) && last.otherwise.length === 0) {
    const before = body.slice(0, -1);
    if (!continues(before) && !isDecidedInside(last.test, before)) {
      return [{ kind: "doWhile", body: before, test: negate(last.test) }];
    }
  }
  return [{ kind: "while", test, body }];
}

/** Does a test read a variable that could be declared inside the body? Unknown: it is assigned there and nowhere read first. */
function isDecidedInside(test: Expression, body: Block): boolean {
  const assigned = new Set<Local>();
  const carried = new Set<Local>();
  const visit = (statement: Statement): void => {
    for (const expression of expressionsOf(statement))
      visitReads(expression, (local) => {
        if (!assigned.has(local)) carried.add(local);
      });
    for (const inner of blocksOf(statement)) inner.forEach(visit);
    for (const local of assignedBy(statement)) assigned.add(local);
  };
  body.forEach(visit);
  let inside = false;
  visitReads(test, (local) => {
    inside ||= assigned.has(local) && !carried.has(local);
  });
  return inside;
}

/** `c` where a test is `!c`, and c is more than a variable. */
function negated(test: Expression): Expression | null {
  if (test.kind !== "apply" || test.primitive !== "not") return null;
  const [inner] = test.args;
  return inner === undefined || inner.kind === "local" ? null : inner;
}

/** The opposite of a test, without a `!` where there is another way. */
export function negate(test: Expression): Expression {
  if (test.kind === "apply") {
    const [a, b] = test.args;
    if (test.primitive === "not" && a !== undefined) return a;
    if (a !== undefined && b !== undefined) {
      if (test.primitive === "eq") return apply("ne", a, b);
      if (test.primitive === "ne") return apply("eq", a, b);
    }
  }
  if (isLiteral(test, true)) return { kind: "literal", value: false, text: null };
  if (isLiteral(test, false)) return { kind: "literal", value: true, text: null };
  return apply("not", test);
}
