/** How long the bytecode of statements is, roughly: as V8 compiles a function of so many variables that each has a wide number. */
import { primitives } from "../ir/primitives.js";
import { blocksOf, expressionsOf, partsOf, type Block, type Expression, type Statement } from "./tree.js";

/** How long the bytecode of a block is. */
export const codeSize = (block: Block): number => block.reduce((sum, statement) => sum + sizeOf(statement), 0);

const sizeOf = (statement: Statement): number =>
  (statement.kind === "for" ? 30 : 8) +
  expressionsOf(statement).reduce((sum, expression) => sum + sizeOfExpression(expression), 0) +
  blocksOf(statement).reduce((sum, block) => sum + codeSize(block), 0);

function sizeOfExpression(expression: Expression): number {
  const parts = partsOf(expression).reduce((sum, part) => sum + sizeOfExpression(part), 0);
  switch (expression.kind) {
    case "local":
    case "literal":
      return 3;
    case "apply":
      return parts + (primitives[expression.primitive].cost === "cheap" ? 6 : 18);
    case "load":
    case "length":
      return parts + 8;
    case "allocate":
      return parts + 24;
    default:
      return parts + 14;
  }
}
