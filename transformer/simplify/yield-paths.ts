import type { Definitions } from "../analyze/definitions.js";
import type { Value } from "../ir/ir.js";
import type { CounterTest } from "./counter-test.js";
import { yieldedBy } from "./rewrite.js";

/** What a path through a body yields, and whether it stops the loop there (null: now and then). */
export interface YieldPath {
  readonly value: Value;
  readonly stop: Value;
  readonly stops: boolean | null;
}

/**
 * The values that may be yielded, by the paths through the `if`s that yield them, and whether each path stops the loop.
 * `test`: only paths on which it holds.
 */
export function yieldPaths(
  stop: Value,
  value: Value,
  test: CounterTest | null,
  definitions: Definitions,
  found: YieldPath[] = [],
): readonly YieldPath[] {
  const [ofStop, ofValue] = [definitions.of(stop), definitions.of(value)];
  const owner =
    ofValue?.kind === "result" && ofValue.op.kind === "if"
      ? ofValue.op
      : ofStop?.kind === "result" && ofStop.op.kind === "if"
        ? ofStop.op
        : null;
  if (owner === null || found.length > 200) {
    const literal = definitions.literalOf(stop);
    found.push({ value, stop, stops: typeof literal === "boolean" ? literal : null });
    return found;
  }
  for (const branch of [owner.then, owner.else]) {
    // the test holds on all paths that count
    if (test !== null && owner.test === test.result && branch === owner.else) continue;
    const yielded = yieldedBy(branch);
    if (yielded === null) continue; // it throws
    const follow = (one: Value): Value => {
      const definition = definitions.of(one);
      const mine = definition?.kind === "result" && definition.op === owner;
      return mine ? (yielded[definition.position] ?? one) : one;
    };
    yieldPaths(follow(stop), follow(value), test, definitions, found);
  }
  return found;
}
