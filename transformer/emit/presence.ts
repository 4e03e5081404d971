/**
 * Leaves out the mark of presence where a test before says it already, as TypeScript's own narrowing does.
 *
 *   if (x === undefined) { return 0; } return x! * 2   =>   if (x === undefined) { return 0; } return x * 2
 *
 * Only for variables that are assigned once: narrowing ends where a variable is assigned. A test may have a name:
 * TypeScript remembers what `const isAbsent = x === undefined` says.
 */
import { assignedBy, eachStatement, mapParts, mapStatement, type Block, type Expression, type Local } from "./tree.js";

type Present = ReadonlySet<Local>;

/** Marks of presence => none, where a test before says it. */
export function settlePresence(params: readonly Local[], body: Block, typed: ReadonlySet<Local>): Block {
  const counts = new Map<Local, number>(params.map((local) => [local, 1]));
  /** What a `const` was given. */
  const constants = new Map<Local, Expression>();
  eachStatement(body, (statement) => {
    const isBare = statement.kind === "declare" && statement.value === null;
    if (!isBare) for (const local of assignedBy(statement)) counts.set(local, (counts.get(local) ?? 0) + 1);
    // Of a constant whose type is written TypeScript remembers nothing.
    if (statement.kind === "declare" && !statement.mutable && statement.value !== null && !typed.has(statement.local)) {
      constants.set(statement.local, statement.value);
    }
  });
  const isSettled = (local: Local): boolean => counts.get(local) === 1;
  const isConstant = (local: Local): boolean => isSettled(local) && (constants.has(local) || params.includes(local));

  /** What is present where a test came out as `outcome`. */
  const facts = (test: Expression, outcome: boolean): readonly Local[] => {
    if (test.kind === "isAbsent") {
      const { value } = test;
      return !outcome && value.kind === "local" && isSettled(value.local) ? [value.local] : [];
    }
    if (test.kind === "local") {
      const named = constants.get(test.local);
      return named === undefined ? [] : facts(named, outcome).filter(isConstant);
    }
    if (test.kind !== "apply") return [];
    const [a, b] = test.args;
    if (a === undefined) return [];
    if (test.primitive === "not") return facts(a, !outcome);
    const isBoth = test.primitive === (outcome ? "and" : "or");
    return isBoth && b !== undefined ? [...facts(a, outcome), ...facts(b, outcome)] : [];
  };
  const also = (present: Present, more: readonly Local[]): Present =>
    more.length === 0 ? present : new Set([...present, ...more]);

  const expression = (one: Expression, present: Present): Expression => {
    if (one.kind === "unwrap" && one.as === null && one.value.kind === "local" && present.has(one.value.local))
      return one.value;
    if (one.kind === "conditional") {
      return {
        ...one,
        test: expression(one.test, present),
        then: expression(one.then, also(present, facts(one.test, true))),
        otherwise: expression(one.otherwise, also(present, facts(one.test, false))),
      };
    }
    if (one.kind === "apply" && (one.primitive === "and" || one.primitive === "or")) {
      const [a, b] = one.args;
      if (a === undefined || b === undefined) return one;
      const known = also(present, facts(a, one.primitive === "and"));
      return { ...one, args: [expression(a, present), expression(b, known)] };
    }
    return mapParts(one, (part) => expression(part, present));
  };
  const block = (statements: Block, outer: Present): Block => {
    let present = outer;
    return statements.map((statement) => {
      const here = present;
      if (statement.kind === "if") {
        const { test } = statement;
        if (isLeft(statement.then)) present = also(present, facts(test, false));
        return {
          ...statement,
          test: expression(test, here),
          then: block(statement.then, also(here, facts(test, true))),
          otherwise: block(statement.otherwise, also(here, facts(test, false))),
        };
      }
      const inside = statement.kind === "while" && statement.test !== null ? facts(statement.test, true) : [];
      return mapStatement(statement, {
        expression: (one) => expression(one, here),
        block: (inner) => block(inner, also(here, inside)),
        local: (local) => local,
      });
    });
  };
  return block(body, new Set());
}

/** Does a block end by leaving what is around it? */
export function isLeft(block: Block): boolean {
  const last = block.at(-1)?.kind;
  return last === "return" || last === "throw" || last === "break" || last === "continue";
}
