/**
 * What is drawn for a random program: trees of numbers, which the renderer reads as choices. Trees shrink well: parts
 * fall away, numbers become 0, and 0 chooses the plainest form.
 */
import fc from "fast-check";

/** Chooses an expression. */
export interface Expression {
  readonly pick: number;
  readonly more: number;
  readonly parts: readonly Expression[];
}

/** Chooses a statement. */
export interface Statement {
  readonly pick: number;
  readonly more: number;
  readonly values: readonly Expression[];
  readonly blocks: readonly (readonly Statement[])[];
}

/** Chooses a program: its parameters, the functions beside it, its body and its result. */
export interface ProgramChoices {
  readonly parameters: readonly number[];
  readonly form: number;
  readonly helpers: readonly (readonly Statement[])[];
  readonly body: readonly Statement[];
  readonly result: Expression;
}

const pick = fc.nat(9999);
const more = fc.nat(999_999);

const trees = fc.letrec<{ expression: Expression; statement: Statement }>((tie) => {
  const block = (maxLength: number): fc.Arbitrary<Statement[]> =>
    fc.array(tie("statement"), { maxLength, depthIdentifier: "statement" });
  const leaf = fc.constant<Expression[]>([]);
  return {
    expression: fc.record({
      pick,
      more,
      parts: fc.oneof(
        { depthSize: "small", withCrossShrink: true, depthIdentifier: "expression", maxDepth: 2 },
        { weight: 1, arbitrary: leaf },
        { weight: 3, arbitrary: fc.array(tie("expression"), { minLength: 1, maxLength: 3 }) },
      ),
    }),
    statement: fc.record({
      pick,
      more,
      values: fc.array(tie("expression"), { maxLength: 3 }),
      blocks: fc.oneof(
        { depthSize: "small", withCrossShrink: true, depthIdentifier: "statement", maxDepth: 2 },
        { weight: 2, arbitrary: fc.constant<Statement[][]>([]) },
        { weight: 3, arbitrary: fc.array(block(3), { minLength: 1, maxLength: 3 }) },
      ),
    }),
  };
});

export const programChoices: fc.Arbitrary<ProgramChoices> = fc.record({
  parameters: fc.array(fc.nat(999), { minLength: 1, maxLength: 5 }),
  form: fc.nat(999_999),
  helpers: fc.array(fc.array(trees.statement, { maxLength: 3 }), { maxLength: 2 }),
  body: fc.array(trees.statement, { minLength: 1, maxLength: 7 }),
  result: trees.expression,
});

/** Takes one number apart into several choices. */
export class Picks {
  constructor(private rest: number) {}

  /** From 0 to `count - 1`. */
  below(count: number): number {
    const found = this.rest % count;
    this.rest = Math.floor(this.rest / count) + 7 * found + 1;
    return found;
  }

  of<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  }

  /** True in one of `count` cases. */
  one(count: number): boolean {
    return this.below(count) === count - 1;
  }
}
