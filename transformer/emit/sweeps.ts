/** Where the reverse sweep begins: a reader looks for it, so a blank line stands before it. */
import { isReference } from "../ir/ir.js";
import { blocksOf, type Block, type Expression, type Place, type Statement } from "./tree.js";

/** Statements that a sweep has at least, if it has no loop, to be worth setting apart. */
const minimalStatements = 4;

/** The position of the first statement of the reverse sweep; null where one of the two sweeps is too short to be seen. */
export function findReverseSweep(body: Block): number | null {
  let at = body.findIndex(isOfReverse);
  if (at < 0) return null;
  // What is prepared for the reverse sweep alone belongs to it.
  while (isRecord(body[at - 1])) at--;
  const isWorthIt = (sweep: Block): boolean => sweep.some(hasLoop) || sweep.length >= minimalStatements;
  return isWorthIt(body.slice(0, at).filter(computes)) && isWorthIt(body.slice(at)) ? at : null;
}

const isRecord = (statement: Statement | undefined): boolean =>
  statement?.kind === "declare" && statement.local.origin.role === "residual" && isReference(statement.local.type);

const hasLoop = (statement: Statement): boolean =>
  statement.kind === "for" || statement.kind === "while" || statement.kind === "doWhile"
    ? true
    : blocksOf(statement).some((block) => block.some(hasLoop));

/** Neither a check of the arguments nor an allocation. */
function computes(statement: Statement): boolean {
  if (statement.kind === "if") return statement.then.at(-1)?.kind !== "throw";
  return statement.kind !== "declare" || statement.value?.kind !== "allocate";
}

/** Does a statement compute with adjoints? Allocating shadows and putting them in their places is the forward sweep's. */
function isOfReverse(statement: Statement): boolean {
  switch (statement.kind) {
    case "declare":
    case "assign": {
      const { type, origin } = statement.local;
      return origin.role === "adjoint" && type.kind === "number" && statement.value !== null;
    }
    case "accumulate":
      return isAdjoint(statement.place);
    case "store":
      return isAdjoint(statement.place) && holdsNumber(statement.place);
    case "return":
      return true;
    default:
      return blocksOf(statement).some((block) => block.some((inner) => inner.kind !== "return" && isOfReverse(inner)));
  }
}

const rootOf = (expression: Expression): Expression =>
  expression.kind === "load" ? rootOf(expression.place.base) : expression;

function isAdjoint(place: Place): boolean {
  const root = rootOf(place.base);
  return root.kind === "local" && root.local.origin.role === "adjoint";
}

/** Not a shadow that is put in its place beside the primal. */
function holdsNumber({ of, ...place }: Place): boolean {
  if (of.kind === "array") return of.element.kind === "number";
  if (place.kind !== "field") return false;
  if (of.kind === "tuple") return typeof place.field === "number" && of.elements[place.field]?.kind === "number";
  return of.kind === "record" && of.fields.some(({ name, type }) => name === place.field && type.kind === "number");
}
