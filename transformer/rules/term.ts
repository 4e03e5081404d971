/**
 * Expressions in which derivative rules are written: the arguments and the result of one primitive,
 * the incoming tangent or adjoint, literals, and applications of primitives. A rule is data: what it
 * needs of the primal is read off it, and one and the same term serves both modes.
 */
import { assertNever, type Value } from "../ir/ir.js";
import type { Block } from "../ir/build.js";
import { primitives, type Primitive } from "../ir/primitives.js";

export type Term =
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "result" }
  /** Another value of the primal, that is known to be what a rule would compute. */
  | { readonly kind: "primal"; readonly value: Value }
  /** The tangent or adjoint that comes in. */
  | { readonly kind: "incoming" }
  | { readonly kind: "literal"; readonly value: number }
  | { readonly kind: "apply"; readonly primitive: Primitive; readonly args: readonly Term[] }
  /** Strong zero: 0 where what comes in is 0, else `term`; needless where `unlessNonzero` cannot be 0. */
  | { readonly kind: "guarded"; readonly term: Term; readonly unlessNonzero: Term | null };

export const literal = (value: number): Term => ({ kind: "literal", value });
export const argument = (index: number): Term => ({ kind: "argument", index });
export const resultTerm: Term = { kind: "result" };
export const primalTerm = (value: Value): Term => ({ kind: "primal", value });
export const incoming: Term = { kind: "incoming" };

const apply =
  (primitive: Primitive) =>
  (...args: readonly Term[]): Term => ({ kind: "apply", primitive, args });

export const add = apply("add");
export const sub = apply("sub");
export const mul = apply("mul");
export const div = apply("div");
export const neg = apply("neg");
export const pow = apply("pow");
export const log = apply("log");
export const sqrt = apply("sqrt");
export const sign = apply("sign");
export const round = apply("round");
export const sin = apply("sin");
export const cos = apply("cos");
export const sinh = apply("sinh");
export const cosh = apply("cosh");
export const max = apply("max");
export const min = apply("min");
export const lt = apply("lt");
export const gt = apply("gt");
export const ge = apply("ge");
export const eq = apply("eq");
export const and = apply("and");
export const select = apply("select");
export const orZero = apply("orZero");
/** 0 where the first argument is 0, else the second: where what comes in is the first, `guarded` says it. */
export const guard = apply("guard");

/** The term under a strong zero of what comes in. */
export const guarded = (term: Term, unlessNonzero: Term | null = null): Term => ({
  kind: "guarded",
  term,
  unlessNonzero,
});

/** Visits the leaves of a term. */
function leaves(term: Term, visit: (leaf: Term) => void): void {
  switch (term.kind) {
    case "argument":
    case "result":
    case "primal":
    case "incoming":
    case "literal":
      return visit(term);
    case "apply":
      return term.args.forEach((arg) => leaves(arg, visit));
    case "guarded":
      return leaves(term.term, visit);
    default:
      return assertNever(term);
  }
}

/** What of the primal a term mentions: positions of arguments, whether the result, and other values. */
export function mentions(term: Term): {
  readonly args: ReadonlySet<number>;
  readonly result: boolean;
  readonly others: ReadonlySet<Value>;
} {
  const args = new Set<number>();
  const others = new Set<Value>();
  let result = false;
  leaves(term, (leaf) => {
    if (leaf.kind === "argument") args.add(leaf.index);
    if (leaf.kind === "primal") others.add(leaf.value);
    if (leaf.kind === "result") result = true;
  });
  return { args, result, others };
}

/** The term with those of its applications for which there is a value replaced by that value. */
export function reuse(term: Term, known: (primitive: Primitive, args: readonly Term[]) => Value | null): Term {
  switch (term.kind) {
    case "apply": {
      const value = known(term.primitive, term.args);
      if (value !== null) return { kind: "primal", value };
      return { ...term, args: term.args.map((arg) => reuse(arg, known)) };
    }
    case "guarded":
      return { ...term, term: reuse(term.term, known) };
    case "argument":
    case "result":
    case "primal":
    case "incoming":
    case "literal":
      return term;
    default:
      return assertNever(term);
  }
}

/** The numbers that stand for a term's leaves, for tests and for folding. */
export interface Sample {
  readonly args: readonly number[];
  readonly result: number;
  readonly incoming: number;
}

/** What a term comes to where its leaves are these numbers. */
export function evaluateTerm(term: Term, at: Sample): number {
  switch (term.kind) {
    case "argument":
      return at.args[term.index] ?? NaN;
    case "result":
      return at.result;
    case "primal":
      return NaN;
    case "incoming":
      return at.incoming;
    case "literal":
      return term.value;
    case "apply":
      return primitives[term.primitive].evaluate(...term.args.map((arg) => evaluateTerm(arg, at)));
    case "guarded":
      return at.incoming === 0 ? 0 : evaluateTerm(term.term, at);
    default:
      return assertNever(term);
  }
}

/** The values that stand for a term's leaves when it becomes operations. */
export interface Leaves {
  readonly arg: (index: number) => Value;
  readonly result: () => Value;
  readonly primal: (value: Value) => Value;
  readonly incoming: Value;
  /** Is a primal leaf known never to be zero? */
  readonly isNonzero: (leaf: Term) => boolean;
}

/** Appends the operations of a term to a block and gives its value. */
export function instantiate(term: Term, block: Block, by: Leaves): Value {
  switch (term.kind) {
    case "argument":
      return by.arg(term.index);
    case "result":
      return by.result();
    case "primal":
      return by.primal(term.value);
    case "incoming":
      return by.incoming;
    case "literal":
      return block.constant(term.value);
    case "apply":
      return block.apply(
        term.primitive,
        term.args.map((arg) => instantiate(arg, block, by)),
        { span: null, variable: null, role: "adjoint" },
      );
    case "guarded": {
      const value = instantiate(term.term, block, by);
      const known = block.literalOf(by.incoming);
      if (typeof known === "number" && known !== 0) return value;
      if (term.unlessNonzero !== null && by.isNonzero(term.unlessNonzero)) return value;
      return block.apply("guard", [by.incoming, value], { span: null, variable: null, role: "adjoint" });
    }
    default:
      return assertNever(term);
  }
}
