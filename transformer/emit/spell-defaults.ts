/**
 * Says what a default stands for where a test with a name decides it, as the test itself would be printed.
 *
 *   isAbsent = x === undefined; .. isAbsent ? 2 : x   =>   isAbsent = x === undefined; .. x ?? 2
 */
import { assignedBy, eachStatement, mapParts, mapStatement, type Block, type Expression, type Local } from "./tree.js";

/** Choices by a test with a name => defaults, where they are that. */
export function spellDefaults(params: readonly Local[], body: Block): Block {
  const counts = new Map<Local, number>(params.map((local) => [local, 1]));
  const tests = new Map<Local, Extract<Expression, { readonly kind: "isAbsent" }>>();
  eachStatement(body, (statement) => {
    for (const local of assignedBy(statement)) counts.set(local, (counts.get(local) ?? 0) + 1);
    if (statement.kind === "assign" && statement.value.kind === "isAbsent") tests.set(statement.local, statement.value);
  });
  if (tests.size === 0) return body;

  const expression = (one: Expression): Expression => {
    const inner = mapParts(one, expression);
    if (inner.kind !== "conditional" || inner.test.kind !== "local" || counts.get(inner.test.local) !== 1) return inner;
    const test = tests.get(inner.test.local);
    const present = inner.otherwise.kind === "unwrap" ? inner.otherwise.value : inner.otherwise;
    if (test?.value.kind !== "local" || present.kind !== "local") return inner;
    const isDefault = present.local === test.value.local && counts.get(present.local) === 1;
    return isDefault ? { ...inner, test } : inner;
  };
  const block = (statements: Block): Block =>
    statements.map((statement) => mapStatement(statement, { expression, block, local: (local) => local }));
  return block(body);
}
