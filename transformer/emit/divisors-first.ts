/**
 * How a guarded quotient is asked for in a loop.
 *
 *   d === 0 ? 0 : d / w   =>   Math.abs(w) > 0 || d !== 0 ? d / w : 0
 *
 * What a guard is there for is 0 / 0, so both say the same, whatever w is. A divisor is known early and hardly ever 0, and
 * engines do well with a test of it; `d` is known last of all, and to wait for it cost a tenth of a loop and more.
 * Elsewhere the shorter one stands.
 */
import { apply, literal, mapParts, mapStatement, type Block, type Expression } from "./tree.js";

/** Guarded quotients within loops => tests of the divisor first. */
export function askDivisorsFirst(body: Block, isInLoop = false): Block {
  return body.map((statement) => {
    const repeats = isInLoop || statement.kind === "for" || statement.kind === "while" || statement.kind === "doWhile";
    return mapStatement(statement, {
      expression: isInLoop ? inLoop : (expression) => expression,
      block: (block) => askDivisorsFirst(block, repeats),
      local: (local) => local,
    });
  });
}

function inLoop(expression: Expression): Expression {
  const mapped = mapParts(expression, inLoop);
  if (mapped.kind !== "apply" || mapped.primitive !== "guard") return mapped;
  const [d, quotient] = mapped.args;
  const divisor = d === undefined || quotient === undefined ? null : divisorOf(quotient, d);
  if (d === undefined || quotient === undefined || divisor === null) return mapped;
  const zero = literal(0);
  const test = apply("or", apply("gt", apply("abs", divisor), zero), apply("ne", d, zero));
  return { kind: "conditional", test, then: quotient, otherwise: zero };
}

/** The variable by which `e` divides `d`, itself or times a number from 1 on. */
function divisorOf(e: Expression, d: Expression): Expression | null {
  if (e.kind !== "apply" || e.primitive !== "div" || d.kind !== "local") return null;
  const [numerator, divisor] = e.args;
  if (numerator?.kind !== "local" || numerator.local !== d.local || divisor === undefined) return null;
  if (divisor.kind !== "apply" || divisor.primitive !== "mul") return divisor.kind === "local" ? divisor : null;
  const [factor, rest] = divisor.args;
  const isScaled = factor?.kind === "literal" && typeof factor.value === "number" && factor.value >= 1;
  return isScaled && rest?.kind === "local" ? rest : null;
}
