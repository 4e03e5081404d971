import type { Derivative, EnzymeError } from "./signatures.js";

/** The derivative of a function, as its modes `reverse` and `forward` would give it; one of the two may be left out. */
export interface Rule<P extends readonly unknown[], R> {
  /** Every array or object followed by its shadow, then the seed; adds to the shadows, and returns the adjoints of numbers. */
  readonly reverse?: Derivative<P, R, "reverse", object>;
  /** Every differentiable argument followed by its tangent; returns the tangent of the result. */
  readonly forward?: Derivative<P, R, "forward", object>;
}

/** What `gradient` gives: one number, or a tuple of them. */
type Partials<P extends readonly unknown[]> =
  Derivative<P, number, "gradient", object> extends (...args: never[]) => infer G ? G : never;

/** Only numbers have partials that are numbers. */
type ArePartialsNumbers<G> = G extends number | readonly number[] ? true : false;
export type ScalarRule<P extends readonly unknown[]> =
  ArePartialsNumbers<Partials<P>> extends true
    ? (...args: P) => Partials<P>
    : EnzymeError<"a scalar rule is for functions of numbers: use defineRule(fn, { reverse, forward }), or declare the other parameters Const">;

interface DefineRule {
  /**
   * Gives the derivative of a function: wherever `fn` is called in what is differentiated, it is called as it is, and
   * its derivative is the rule.
   *
   *   defineRule(solve, { reverse: solveReverse, forward: solveForward });
   *
   * The call is read at build time; at run time it does nothing.
   */
  <P extends unknown[], R>(fn: (...args: P) => R, rule: Rule<P, R>): void;
  (
    fn: (...args: never[]) => unknown,
    rule: EnzymeError<"a rule is { reverse, forward }: reverse takes every array followed by its shadow, then the seed, and returns the adjoints of the numbers; forward takes every differentiable argument followed by its tangent, and returns the tangent of the result">,
  ): void;

  /**
   * Gives the partials of a function of numbers, for both modes.
   *
   *   defineRule.scalar(besselJ0, (x) => -besselJ1(x));
   *   defineRule.scalar(area, (width, height) => [height, width]);
   *
   * @param partials takes what `fn` takes; returns the partial with respect to each differentiable number, a tuple
   * where there are several. It is differentiated itself where second derivatives are asked for.
   */
  scalar<P extends unknown[]>(fn: (...args: P) => number, partials: ScalarRule<P>): void;
}

/**
 * A derivative of one's own.
 *
 * @enzyme-define-rule
 */
export const defineRule: DefineRule = Object.assign((): void => undefined, { scalar: (): void => undefined });
