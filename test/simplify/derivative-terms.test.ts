/** Regrouping in derivative code, on random functions that are taken for derivatives from end to end. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Compilation } from "../../transformer/compilation.js";
import { interpret } from "../../transformer/ir/interpret.js";
import type { IRFunction, Op, Region, Value } from "../../transformer/ir/ir.js";
import { print } from "../../transformer/ir/print.js";
import { mapExit, rebuild } from "../../transformer/ir/traverse.js";
import { verify } from "../../transformer/ir/verify.js";
import { collectTerms } from "../../transformer/simplify/collect-terms.js";
import { mergeAccumulates } from "../../transformer/simplify/merge-accumulates.js";
import { removeDead } from "../../transformer/simplify/remove-dead.js";
import { shareCommon } from "../../transformer/simplify/share-common.js";
import { irArguments, irFunctions } from "../support/random-ir.js";
import { runs } from "../support/runs.js";

/** The same function, all of whose values are adjoints. */
function asDerivative(fn: IRFunction): IRFunction {
  const twins = new Map<Value, Value>();
  const look = (value: Value): Value => twins.get(value) ?? value;
  const define = (value: Value): Value => {
    const twin: Value = { type: value.type, origin: { ...value.origin, role: "adjoint" } };
    twins.set(value, twin);
    return twin;
  };
  const copy = (region: Region): Region => {
    const params = region.params.map(define);
    const ops = region.ops.map((op): Op => rebuild(op, { value: look, region: copy, result: define }));
    return { params, ops, exit: mapExit(region.exit, look) };
  };
  const params = fn.params.map((param) => ({ ...param, value: define(param.value) }));
  return { ...fn, params, body: copy(fn.body) };
}

const numbersIn = (value: unknown): number[] =>
  typeof value === "number"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(numbersIn)
      : [];

function behaviour(fn: IRFunction): number[] {
  const args = irArguments();
  return [interpret(fn, args, { limit: 200_000 }).results, args].flatMap(numbersIn);
}

test("the results stay the same to many digits, and the operations do not become more", () => {
  fc.assert(
    fc.property(irFunctions, (primal) => {
      const before = asDerivative(primal);
      verify(before, "asDerivative");
      const compilation = new Compilation();
      let after = before;
      for (let round = 0; round < 3; round++) {
        for (const pass of [shareCommon, mergeAccumulates, collectTerms, removeDead]) {
          after = pass(after, compilation);
          verify(after, pass.name);
        }
      }
      const [expected, found] = [behaviour(before), behaviour(after)];
      expect(found.length).toBe(expected.length);
      expected.forEach((value, k) => {
        const scale = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
        const distance = Math.abs((found[k] ?? NaN) - value);
        if (!(distance <= 1e-9 * scale) && !Object.is(found[k], value)) {
          throw new Error(`${String(value)} became ${String(found[k])}\n${print(before)}\n=>\n${print(after)}`);
        }
      });
    }),
    runs(200),
  );
});
