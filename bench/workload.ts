/** One benchmark: a primal as a user would write it, a hand-written adjoint of the same signature, and its inputs. */
export interface Workload<F extends (...args: never[]) => number | void> {
  readonly name: string;
  readonly title: string;
  readonly primal: F;
  /** What `primal` would be if it were not of a higher order than it need be: times of derivatives are compared with this one. */
  readonly frugalPrimal?: F;
  /**
   * In mode "gradient": takes the primal's arguments, returns the bare gradient or the tuple of gradients.
   * In mode "reverse": every differentiable array is followed by its shadow, which is accumulated into.
   */
  readonly hand: (...args: never[]) => unknown;
  readonly mode: "gradient" | "reverse";
  /** Positions of the parameters that get a derivative. */
  readonly differentiable: readonly number[];
  /** Mode "reverse": positions of the arrays that hold the results; their shadows are the seeds. */
  readonly results?: readonly number[];
  /** Arguments small enough for central differences; fresh at each call. */
  readonly small: () => Parameters<F>;
  /** Arguments to measure with; fresh at each call. */
  readonly full: () => Parameters<F>;
  /** Step of the central differences. */
  readonly step?: number;
  /** What grows in the curves of time and memory against size. */
  readonly scale?: Scale<Parameters<F>>;
}

export interface Scale<A> {
  /** What the sizes count. */
  readonly axis: string;
  readonly sizes: readonly number[];
  readonly make: (size: number) => A;
}

/** A workload whose function type does not matter any more. */
export interface AnyWorkload {
  readonly name: string;
  readonly title: string;
  readonly primal: (...args: unknown[]) => number | void;
  readonly frugalPrimal?: (...args: unknown[]) => number | void;
  readonly hand: (...args: unknown[]) => unknown;
  readonly mode: "gradient" | "reverse";
  readonly differentiable: readonly number[];
  readonly results?: readonly number[];
  readonly small: () => unknown[];
  readonly full: () => unknown[];
  readonly step?: number;
  readonly scale?: Scale<unknown[]>;
}
