/** Tests that a counter goes through before each iteration. */
import type { Definitions } from "../analyze/definitions.js";
import type { Op, Value } from "../ir/ir.js";

/** A test of the counter, as it must hold for the loop to go on. */
export interface CounterTest {
  readonly result: Value;
  /** Position among the carried values. */
  readonly counter: number;
  /** What is added to the counter before it is compared: 1 in `i + 1 < n`. */
  readonly offset: number;
  readonly to: Value;
  readonly comparison: "lt" | "le" | "gt" | "ge" | "ne";
}

const mirrored = { lt: "gt", le: "ge", gt: "lt", ge: "le", ne: "ne" } as const;

/** The test of a carried integer that an operation makes; null: it makes none. */
export function counterTestOf(op: Op, carried: readonly Value[], definitions: Definitions): CounterTest | null {
  const [result] = op.results;
  if (op.kind !== "apply" || result === undefined) return null;
  const { primitive } = op;
  if (primitive !== "lt" && primitive !== "le" && primitive !== "gt" && primitive !== "ge" && primitive !== "ne")
    return null;
  const [a, b] = op.args;
  if (a === undefined || b === undefined) return null;
  const isNumber = (value: Value): boolean => value.type.kind === "number" || value.type.kind === "integer";
  const counterIn = (value: Value, other: Value): Pick<CounterTest, "counter" | "offset"> | null => {
    if (value.type.kind !== "integer" || !isNumber(other)) return null;
    const { root, offset } = definitions.affine(value);
    const counter = carried.findIndex((one) => one === root && one.type.kind === "integer");
    // `i + 1 < n` is `i < n - 1` of integers, but not of 1e-20
    return counter < 0 || (offset !== 0 && other.type.kind !== "integer") ? null : { counter, offset };
  };
  const left = counterIn(a, b);
  if (left !== null) return { result, ...left, to: b, comparison: primitive };
  const right = counterIn(b, a);
  return right === null ? null : { result, ...right, to: a, comparison: mirrored[primitive] };
}

/** Does a step lead to where the test fails? */
export function isTowards({ comparison }: CounterTest, step: number): boolean {
  switch (comparison) {
    case "lt":
    case "le":
      return step > 0;
    case "gt":
    case "ge":
      return step < 0;
    case "ne":
      return Math.abs(step) === 1;
  }
}
