/**
 * Leaves out what a test has decided already: TypeScript remembers it too, and objects to a comparison that cannot hold.
 *
 *   if (k === 2) { dx = k === 0 ? 0 : k * x; }   =>   if (k === 2) { dx = k * x; }
 *
 * Only for variables that are not assigned where the test counts.
 */
import { isLeft } from "./presence.js";
import {
  assignedBy,
  blocksOf,
  eachStatement,
  literal,
  mapParts,
  mapStatement,
  type Block,
  type Expression,
  type Local,
} from "./tree.js";

/** What a variable is known to be, or not to be. */
type Fact = { readonly is: number } | { readonly isNot: readonly number[] };
type Known = ReadonlyMap<Local, Fact>;

/** Comparisons that a test before has decided => what they come to. */
export const settleNumbers = (body: Block): Block => inBlock(body, new Map());

function inBlock(statements: Block, outer: Known): Block {
  let known = outer;
  return statements.map((statement) => {
    const here = known;
    known = without(known, [statement]);
    if (statement.kind === "if") {
      const { test, then, otherwise } = statement;
      if (isLeft(then)) known = without(after(test, false, here), otherwise);
      return {
        ...statement,
        test: settled(test, here),
        then: inBlock(then, after(test, true, here)),
        otherwise: inBlock(otherwise, after(test, false, here)),
      };
    }
    // Of a loop what it assigns is not known, in its test either.
    const inside = blocksOf(statement).length === 0 ? here : known;
    return mapStatement(statement, {
      expression: (one) => settled(one, inside),
      block: (inner) => inBlock(inner, inside),
      local: (local) => local,
    });
  });
}

function settled(one: Expression, known: Known): Expression {
  if (one.kind === "conditional") return choice(one.test, one.then, one.otherwise, known);
  if (one.kind !== "apply") return mapParts(one, (part) => settled(part, known));
  const [first, second, third] = one.args;
  if (first === undefined) return one;
  if (one.primitive === "select" && second !== undefined && third !== undefined)
    return choice(first, second, third, known, one);
  if ((one.primitive === "and" || one.primitive === "or") && second !== undefined)
    return { ...one, args: [settled(first, known), settled(second, after(first, one.primitive === "and", known))] };
  const args = one.args.map((arg) => settled(arg, known));
  if (known.size === 0) return { ...one, args };
  if (one.primitive === "guard") {
    const isZero = areEqual(first, literal(0), known);
    return isZero === null ? { ...one, args } : isZero ? literal(0) : (args[1] ?? one);
  }
  if ((one.primitive !== "eq" && one.primitive !== "ne") || second === undefined) return { ...one, args };
  const answer = areEqual(first, second, known);
  return answer === null ? { ...one, args } : literal(answer === (one.primitive === "eq"));
}

/** null where tests before do not say it. */
function areEqual(a: Expression, b: Expression, known: Known): boolean | null {
  if (a.kind !== "local") return b.kind === "local" ? areEqual(b, a, known) : null;
  const fact = known.get(a.local);
  const other = b.kind === "local" ? known.get(b.local) : undefined;
  const number = other === undefined ? numberOf(b) : "is" in other ? other.is : null;
  if (fact === undefined || number === null) return null;
  if ("is" in fact) return fact.is === number;
  return fact.isNot.includes(number) ? false : null;
}

/** `original`: the same, as an operation. */
function choice(
  test: Expression,
  then: Expression,
  otherwise: Expression,
  known: Known,
  original: Extract<Expression, { kind: "apply" }> | null = null,
): Expression {
  const question = settled(test, known);
  if (question.kind === "literal" && test.kind !== "literal")
    return settled(question.value === true ? then : otherwise, known);
  const yes = settled(then, after(test, true, known));
  const no = settled(otherwise, after(test, false, known));
  if (original !== null) return { ...original, args: [question, yes, no] };
  return { kind: "conditional", test: question, then: yes, otherwise: no };
}

/** What is known where a test came out as `outcome`. */
function after(test: Expression, outcome: boolean, known: Known): Known {
  if (test.kind !== "apply") return known;
  const [a, b] = test.args;
  if (a === undefined) return known;
  if (test.primitive === "not") return after(a, !outcome, known);
  if (b === undefined) return known;
  if (test.primitive === (outcome ? "and" : "or")) return after(b, outcome, after(a, outcome, known));
  if (test.primitive !== "eq" && test.primitive !== "ne") return known;
  const number = numberOf(b);
  if (a.kind !== "local" || number === null) return known;
  if ((test.primitive === "eq") === outcome) return new Map(known).set(a.local, { is: number });
  const before = known.get(a.local);
  if (before !== undefined && "is" in before) return known;
  return new Map(known).set(a.local, { isNot: [...(before?.isNot ?? []), number] });
}

function numberOf(one: Expression): number | null {
  return one.kind === "literal" && typeof one.value === "number" && one.text === null ? one.value : null;
}

/** What is still known in statements that may assign variables. */
function without(known: Known, block: Block): Known {
  if (known.size === 0) return known;
  const assigned = new Set<Local>();
  eachStatement(block, (statement) => {
    for (const local of assignedBy(statement)) assigned.add(local);
  });
  return new Map([...known].filter(([local]) => !assigned.has(local)));
}
