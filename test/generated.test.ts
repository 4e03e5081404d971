import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Compilation } from "../transformer/compilation.js";
import { interpret } from "../transformer/ir/interpret.js";
import { Refusal } from "../transformer/differentiate/refusal.js";
import type { IRFunction, Op, Region, Value } from "../transformer/ir/ir.js";
import { print } from "../transformer/ir/print.js";
import { rebuild } from "../transformer/ir/traverse.js";
import { verify } from "../transformer/ir/verify.js";
import { deriveIR, runnable } from "./support/derive-ir.js";
import { simplify } from "../transformer/simplify/simplify.js";
import { checkPrograms } from "./random/check.js";
import { programChoices } from "./random/choices.js";
import { Tally } from "./random/tally.js";
import { checkGradient, compareReports, type GradientReport } from "./support/gradient-check.js";
import { simplificationPasses, type Pass } from "./support/passes.js";
import { irArguments, irFunctions, oddIrArguments } from "./support/random-ir.js";
import { runs } from "./support/runs.js";
import { arrayShape, constShape, difference, numberShape, type Shape } from "./support/shape.js";

const passes = await simplificationPasses();

/** What a run of a function leaves behind: its results and its arguments. */
function behaviour(fn: IRFunction): readonly unknown[] {
  return [irArguments(), ...oddIrArguments()].map((args) => {
    const { results } = interpret(fn, args, { limit: 200_000 });
    return [results, args];
  });
}

function expectSameMeaning(before: IRFunction, names: readonly string[]): void {
  const compilation = new Compilation({ checks: true });
  let after = before;
  const input = print(before);
  for (const name of names) {
    const pass = passes.get(name);
    if (pass === undefined) continue;
    after = pass(after, compilation);
    verify(after, name);
  }
  expect(print(before), "the pass changed its input").toBe(input);
  const found = difference(behaviour(before), behaviour(after), "run");
  if (found !== null) throw new Error(`${found}\n${input}\n=> ${names.join(", ")} =>\n${print(after)}`);
}

describe("simplification of random functions", () => {
  test.each([...passes.keys()])("%s changes no value, and its input least of all", (name) => {
    fc.assert(
      fc.property(irFunctions, (fn) => expectSameMeaning(fn, [name])),
      runs(150),
    );
  });

  test.each([...passes.keys()])("%s gives back the same object where nothing changed", (name) => {
    const keep: Pass = (fn) => fn;
    const pass = passes.get(name) ?? keep;
    const removeDead = passes.get("removeDead") ?? keep;
    fc.assert(
      fc.property(irFunctions, (fn) => {
        const compilation = new Compilation();
        let last = fn;
        for (let round = 0; round < 20; round++) {
          const next = pass(last, compilation);
          if (next === last) return;
          last = removeDead(next, compilation);
        }
        throw new Error(`${name} does not settle\n${print(last)}`);
      }),
      runs(60),
    );
  });

  test("any sequence of passes changes no value", () => {
    fc.assert(
      fc.property(
        irFunctions,
        fc.array(fc.constantFrom(...passes.keys()), { minLength: 1, maxLength: 6 }),
        expectSameMeaning,
      ),
      runs(150),
    );
  });
});

const irShapes: readonly Shape[] = [
  numberShape,
  numberShape,
  arrayShape(),
  arrayShape(),
  arrayShape(arrayShape()),
  constShape,
];

/** Checks all modes of a function; a failure shows the primal and the derivative at fault. */
function checkIR(primal: IRFunction, compilation: Compilation, finish: (fn: IRFunction) => IRFunction): GradientReport {
  const { derivatives, functions } = deriveIR(primal, compilation, finish);
  try {
    return checkGradient({
      primal: runnable(primal, compilation),
      derivatives,
      parameters: irShapes,
      result: numberShape,
      args: irArguments(),
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const mode = /^(\w+)(?::| throws| leaves| prints| draws| returns)/.exec(message)?.[1];
    const shown = functions.get(mode ?? "reverse");
    throw new Error(`${message}\n${print(primal)}${shown === undefined ? "" : print(shown)}`);
  }
}

describe("derivatives of random functions", () => {
  test("agree with each other and with central differences", () => {
    fc.assert(
      fc.property(irFunctions, (fn) => void checkIR(fn, new Compilation({ checks: true }), (derived) => derived)),
      runs(150),
    );
  });

  test("are the same with and without simplification", () => {
    fc.assert(
      fc.property(irFunctions, (fn) => {
        const compilation = new Compilation({ checks: true });
        const plain = checkIR(fn, compilation, (derived) => derived);
        const simplified = checkIR(simplify(fn, compilation), compilation, (derived) => simplify(derived, compilation));
        compareReports(plain, simplified, "plain and simplified");
      }),
      runs(150),
    );
  });
});

/** The function with snapshots asked for of every loop, or of those that stand in so many others. */
function withCheckpoints(fn: IRFunction, snapshots: number, depths: readonly number[]): IRFunction {
  const same = (value: Value): Value => value;
  const region = (one: Region, depth: number): Region => ({
    ...one,
    ops: one.ops.map((op): Op => {
      if (op.kind === "if") return rebuild(op, { value: same, result: same, region: (inner) => region(inner, depth) });
      if (op.kind !== "loop") return op;
      const loop = { ...op, body: region(op.body, depth + 1) };
      return depths.includes(depth) ? { ...loop, checkpoint: { snapshots, span: null } } : loop;
    }),
  });
  return { ...fn, body: region(fn.body, 0) };
}

describe("derivatives of random functions from snapshots", () => {
  test("are those from records", { timeout: 24 * 3600_000 }, () => {
    let reversed = 0;
    fc.assert(
      fc.property(irFunctions, fc.integer({ min: 1, max: 6 }), fc.subarray([0, 1, 2]), (fn, snapshots, depths) => {
        const compilation = new Compilation({ checks: true });
        const marked = withCheckpoints(fn, snapshots, depths);
        const recorded = checkIR(fn, compilation, (derived) => derived);
        try {
          const plain = checkIR(marked, compilation, (derived) => derived);
          const simplified = checkIR(simplify(marked, compilation), compilation, (one) => simplify(one, compilation));
          compareReports(recorded, plain, "records and snapshots");
          compareReports(recorded, simplified, "records and snapshots, simplified");
          reversed++;
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }),
      runs(120),
    );
    expect(reversed).toBeGreaterThan(0);
  });
});

describe("random programs through the whole road", () => {
  // Many in one compilation; where one fails, fast-check leaves the others out first, and then shrinks it.
  const batches = fc.array(programChoices, { minLength: 1, maxLength: 10 });
  test("their derivatives agree with each other and with central differences", { timeout: 24 * 3600_000 }, () => {
    const tally = new Tally();
    fc.assert(
      fc.property(batches, (trees) => {
        const verdicts = checkPrograms(trees, tally.programs);
        tally.add(verdicts);
        for (const { fault } of verdicts) if (fault !== null) throw new Error(fault);
      }),
      runs(12),
    );
    // Most of what people could have written is differentiated.
    expect(tally.refused).toBeLessThan(0.2 * tally.programs);
    expect(tally.invalid).toBeLessThan(0.1 * tally.programs);
    tally.print();
  });
});
