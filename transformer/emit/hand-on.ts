/**
 * Hands on as a whole what a call gave, where the function returns just that.
 *
 *   const [a, b] = f(x); return [a, b];   =>   return f(x);
 */
import { mapStatement, type Block, type Statement } from "./tree.js";

export function handOn(body: Block): Block {
  const statements = body.map((statement) =>
    mapStatement(statement, { expression: (one) => one, block: handOn, local: (one) => one }),
  );
  return statements.flatMap((statement, k): Block => {
    if (isHandedOn(statement, statements[k + 1])) return [];
    const before = statements[k - 1];
    return isHandedOn(before, statement) && before?.kind === "unpack"
      ? [{ kind: "return", values: [before.value], isWhole: true }]
      : [statement];
  });
}

function isHandedOn(statement: Statement | undefined, next: Statement | undefined): boolean {
  if (statement?.kind !== "unpack" || next?.kind !== "return") return false;
  const { locals } = statement;
  return (
    next.values.length === locals.length &&
    next.values.every((value, k) => value.kind === "local" && value.local === locals[k])
  );
}
