/**
 * What stands behind a guard is not guarded again.
 *
 *   d === 0 ? 0 : a * (d === 0 ? 0 : b)   =>   d === 0 ? 0 : a * b
 */
import { mapParts, mapStatement, type Block, type Expression, type Local } from "./tree.js";

/** Guards within a guard of the same => what they guard. */
export function guardOnce(body: Block): Block {
  return body.map((statement) =>
    mapStatement(statement, {
      expression: (expression) => unguarded(expression, new Set()),
      block: guardOnce,
      local: (local) => local,
    }),
  );
}

/** `nonzero`: what the guards around have tested. */
function unguarded(expression: Expression, nonzero: ReadonlySet<Local>): Expression {
  if (expression.kind !== "apply" || expression.primitive !== "guard")
    return mapParts(expression, (part) => unguarded(part, nonzero));
  const [d, term] = expression.args;
  if (d?.kind !== "local" || term === undefined) return mapParts(expression, (part) => unguarded(part, nonzero));
  const inner = unguarded(term, new Set(nonzero).add(d.local));
  return nonzero.has(d.local) ? inner : { ...expression, args: [d, inner] };
}
