import type { Definitions } from "../analyze/definitions.js";
import { isPure } from "../analyze/effects.js";
import type { LoopOp, Region, Value } from "../ir/ir.js";
import type { CounterTest } from "./counter-test.js";
import { yieldedBy } from "./rewrite.js";
import { yieldPaths } from "./yield-paths.js";

/**
 * Follows the body under the assumption that the test fails: does it then do nothing but stop, with all carried
 * values as they came in?
 */
export function leavesUntouched(loop: LoopOp, test: CounterTest, definitions: Definitions): boolean {
  const known = new Map<Value, boolean>([[test.result, false]]);
  const same = new Map<Value, Value>();
  const resolve = (value: Value): Value => same.get(value) ?? value;
  const decide = (value: Value): boolean | null => {
    const outcome = known.get(resolve(value));
    if (outcome !== undefined) return outcome;
    const literal = definitions.literalOf(resolve(value));
    return typeof literal === "boolean" ? literal : null;
  };
  const follow = (region: Region): readonly Value[] | null => {
    for (const op of region.ops) {
      const [result] = op.results;
      if (op.kind === "apply" && result !== undefined) {
        const outcome = decideApplication(op.primitive, op.args.map(decide));
        if (outcome !== null) known.set(result, outcome);
      } else if (op.kind === "if") {
        const outcome = decide(op.test);
        if (outcome === null) {
          // either way nothing may happen, and the results stay unknown unless both sides agree
          const [then, otherwise] = [follow(op.then), follow(op.else)];
          if (then === null || otherwise === null) return null;
          op.results.forEach((value, k) => {
            const [a, b] = [then[k], otherwise[k]];
            if (a === undefined || b === undefined) return;
            if (resolve(a) === resolve(b)) same.set(value, resolve(a));
            const [x, y] = [decide(a), decide(b)];
            if (x !== null && x === y) known.set(value, x);
          });
          continue;
        }
        const taken = follow(outcome ? op.then : op.else);
        if (taken === null) return null;
        op.results.forEach((value, k) => {
          const by = taken[k];
          if (by === undefined) return;
          same.set(value, resolve(by));
          const decided = decide(by);
          if (decided !== null) known.set(value, decided);
        });
      } else if (!isPure(op) && op.kind !== "load" && op.kind !== "length") return null;
    }
    return yieldedBy(region);
  };
  const yielded = follow(loop.body);
  const [stop, ...finals] = yielded ?? [];
  if (stop === undefined || decide(stop) !== true) return false;
  return finals.every((value, k) => {
    const param = loop.body.params[k + 1];
    const final = resolve(value);
    return final === param || isConstantlyInitial(loop, k, final, definitions);
  });
}

/** A carried constant (a flag) that goes on as it began: whatever stops by the range leaves it so. */
function isConstantlyInitial(loop: LoopOp, k: number, final: Value, definitions: Definitions): boolean {
  const [initial, param] = [loop.initial[k], loop.body.params[k + 1]];
  const literal = initial === undefined ? undefined : definitions.literalOf(initial);
  if (literal === undefined || !Object.is(definitions.literalOf(final), literal)) return false;
  const yielded = yieldedBy(loop.body);
  const [stop, value] = [yielded?.[0], yielded?.[k + 1]];
  if (stop === undefined || value === undefined) return false;
  return yieldPaths(stop, value, null, definitions).every(
    (leaf) =>
      leaf.stops === true ||
      leaf.value === param ||
      // it goes on only where its own stop is false
      (leaf.value === leaf.stop && literal === false) ||
      Object.is(definitions.literalOf(leaf.value), literal),
  );
}

function decideApplication(primitive: string, args: readonly (boolean | null)[]): boolean | null {
  const [a, b] = args;
  if (primitive === "not") return a === null || a === undefined ? null : !a;
  if (primitive === "and") return a === false || b === false ? false : a === true && b === true ? true : null;
  if (primitive === "or") return a === true || b === true ? true : a === false && b === false ? false : null;
  return null;
}
