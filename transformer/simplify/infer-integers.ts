import { appendTo } from "../ir/grouped.js";
import type { Compilation } from "../compilation.js";
import { typeAt } from "../ir/build.js";
import { integerType, type IRFunction, type Op, type Region, type Value } from "../ir/ir.js";
import { primitives, type Primitive } from "../ir/primitives.js";
import { mapExit, rebuild, regionsOf } from "../ir/traverse.js";
import { withBody, yieldedBy } from "./rewrite.js";

/** Integers in, integer out. */
const closedOverIntegers: ReadonlySet<Primitive> = new Set(["add", "sub", "mul", "neg", "abs", "max", "min", "mod"]);

/**
 * Gives the type `integer` to numbers that cannot be anything else (but for Infinity and NaN).
 *
 *   let i = 0; while (...) { ...; i = i + 1 }      carried i: number   =>   carried i: integer
 *
 * An optimistic fixed point: all scalars are taken for integers, those that may be fractional are struck off
 * (parameters and loads of numbers, quotients, ...), and all that depends on them. What goes round in a loop
 * thus stays an integer if it starts and is stepped as one.
 *
 * Safe because an integer never carries a derivative: it is computed from constants, lengths, counters and
 * roundings alone, whose derivatives are zero. Afterwards only types have changed.
 */
export function inferIntegers(fn: IRFunction, _compilation: Compilation): IRFunction {
  const inference = new Inference();
  inference.collect(fn.body);
  const integers = inference.solve();
  if (integers.size === 0) return fn;
  const twins = new Map<Value, Value>();
  for (const value of integers) twins.set(value, { type: integerType, origin: value.origin });
  const look = (value: Value): Value => twins.get(value) ?? value;
  const retype = (region: Region): Region => {
    const ops = region.ops.map((op): Op => rebuild(op, { value: look, region: retype, result: look }));
    return { params: region.params.map(look), ops, exit: mapExit(region.exit, look) };
  };
  return withBody(fn, retype(fn.body));
}

class Inference {
  private readonly candidates = new Set<Value>();
  /** Values that are integers only if the key is. */
  private readonly dependents = new Map<Value, Value[]>();
  private readonly refuted: Value[] = [];

  /** `value` is an integer if all of these are. */
  private depends(value: Value, on: readonly (Value | undefined)[]): void {
    if (value.type.kind !== "number") return;
    this.candidates.add(value);
    for (const source of on) {
      if (source === undefined) {
        this.refuted.push(value);
        continue;
      }
      if (source.type.kind === "integer") continue;
      if (source.type.kind !== "number") {
        this.refuted.push(value);
        continue;
      }
      appendTo(this.dependents, source, value);
    }
  }

  collect(region: Region): void {
    for (const op of region.ops) {
      const [result] = op.results;
      switch (op.kind) {
        case "constant":
          if (
            result !== undefined &&
            typeof op.value === "number" &&
            Number.isSafeInteger(op.value) &&
            !Object.is(op.value, -0)
          ) {
            this.depends(result, []);
          }
          break;
        case "apply":
          if (result === undefined) break;
          if (primitives[op.primitive].result === "integer") this.depends(result, []);
          else if (op.primitive === "select") this.depends(result, op.args.slice(1));
          else if (closedOverIntegers.has(op.primitive) && op.args.length > 0) this.depends(result, op.args);
          break;
        case "length":
          if (result !== undefined) this.depends(result, []);
          break;
        case "load":
          if (result !== undefined && typeAt(op.at).kind === "integer") this.depends(result, []);
          break;
        case "if": {
          const [then, otherwise] = [yieldedBy(op.then), yieldedBy(op.else)];
          op.results.forEach((value, k) => {
            this.depends(value, [...(then === null ? [] : [then[k]]), ...(otherwise === null ? [] : [otherwise[k]])]);
          });
          break;
        }
        case "loop": {
          const [counter, ...carried] = op.body.params;
          if (counter !== undefined) {
            if (op.range === null) this.depends(counter, []);
            else if (Number.isInteger(op.range.step)) this.depends(counter, [op.range.from]);
          }
          const yielded = yieldedBy(op.body);
          carried.forEach((param, k) => {
            const sources = [op.initial[k], ...(yielded === null ? [] : [yielded[k + 1]])];
            this.depends(param, sources);
            const final = op.results[k + 2];
            if (final !== undefined) this.depends(final, sources);
          });
          for (const count of op.results.slice(0, 2)) this.depends(count, []);
          break;
        }
        default:
          break;
      }
      regionsOf(op).forEach((inner) => this.collect(inner));
    }
  }

  solve(): ReadonlySet<Value> {
    // what is used but was never a candidate (a load, a parameter, a quotient) refutes its users
    const pending = [...this.refuted];
    for (const source of this.dependents.keys()) if (!this.candidates.has(source)) pending.push(source);
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      this.candidates.delete(value);
      const users = this.dependents.get(value);
      if (users === undefined) continue;
      this.dependents.delete(value);
      pending.push(...users);
    }
    return this.candidates;
  }
}
