import { callsItself } from "../analyze/calls-itself.js";
import type { Compilation } from "../compilation.js";
import { isAssignable } from "../ir/assignable.js";
import { isReference, type CallOp, type Exit, type IRFunction } from "../ir/ir.js";
import type { Origin, Region, Value } from "../ir/ir.js";
import { walk, someOperation } from "../ir/traverse.js";
import { RegionCopy } from "./region-copy.js";
import { diverges, rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

/** Operations of a callee, with all that is inlined into it, up to which it is inlined wherever it is called. */
const smallSize = 60;
/** A callee that is called once is inlined up to this size: beyond it functions get too large for an engine to optimise. */
const onceSize = 1500;

/**
 * Puts the body of a function in place of a call of it, where it is small or called only once.
 *
 *   function mag(x) { s = ...; return s }
 *   m = call mag x; y = div a m     =>     s = ...; y = div a s
 *
 * Safe because arguments are values, evaluated before the call in any case, and the frontend has turned early
 * returns into `if`s: a body has one exit. A callee that always throws ends the region that called it.
 * Recursive functions stay calls. Each instance has variables of its own, under the callee's names.
 *
 * Relies on nothing. Afterwards: no call of a small function that is not recursive.
 */
export function inlineCalls(fn: IRFunction, compilation: Compilation): IRFunction {
  return inline(fn, compilation, null);
}

/** Those calls alone that must not stay calls, whatever the size of their callee; recursive ones do all the same. */
export function inlineCallsWhere(fn: IRFunction, compilation: Compilation, must: (op: CallOp) => boolean): IRFunction {
  return inline(fn, compilation, must);
}

function inline(fn: IRFunction, compilation: Compilation, must: ((op: CallOp) => boolean) | null): IRFunction {
  if (!someOperation(fn.body, ({ kind }) => kind === "call")) return fn;
  const inlining = new Inlining(fn, compilation, must);
  return withBody(fn, inlining.region(fn.body, new Substitution(), []));
}

class Inlining {
  private readonly sizes = new Map<string, number>();
  private callSites: ReadonlyMap<string, number> | null = null;

  constructor(
    private readonly fn: IRFunction,
    private readonly compilation: Compilation,
    private readonly must: ((op: CallOp) => boolean) | null,
  ) {
    this.sizes.set(fn.name, Infinity); // a callee that calls back is recursive
  }

  /** Is there one call of a function in the whole program? Counted for callees of medium size alone. */
  private isCalledOnce(name: string): boolean {
    this.callSites ??= countCalls(new Map(this.compilation.functions).set(this.fn.name, this.fn).values());
    return this.callSites.get(name) === 1;
  }

  /** Operations of a function with what is inlined into it; Infinity where it is recursive or unknown. */
  private sizeOf(name: string): number {
    const known = this.sizes.get(name);
    if (known !== undefined) return known;
    this.sizes.set(name, Infinity);
    const callee = this.compilation.functions.get(name);
    if (callee === undefined) return Infinity;
    let size = callsItself(name, this.compilation) ? Infinity : 0;
    walk(callee.body, (op) => {
      if (op.kind !== "constant") size++;
      if (op.kind === "call" && this.isInlined(op)) size += this.sizeOf(op.callee);
    });
    this.sizes.set(name, size);
    return size;
  }

  private isInlined(op: CallOp): boolean {
    const callee = this.compilation.functions.get(op.callee);
    if (callee === undefined || callee.params.length !== op.args.length) return false;
    if (callee.helper !== undefined || callee.external !== undefined) return false;
    // what is between the two is a tape, which nobody else looks into
    const mode = callee.derivation?.mode;
    if (mode === "augmentedPrimal" || mode === "reversePass") return false;
    // a number for an `int` parameter: the body relies on an integer
    const fits = callee.params.every(({ value }, k) => {
      const arg = op.args[k];
      return arg !== undefined && isAssignable(arg.type, value.type, false);
    });
    if (!fits) return false;
    if (this.must !== null) return this.must(op) && this.sizeOf(op.callee) < Infinity;
    const size = this.sizeOf(op.callee);
    return size <= smallSize || (size <= onceSize && this.isCalledOnce(op.callee));
  }

  /** `stack`: the callees whose bodies are being put in place. */
  region(region: Region, substitution: Substitution, stack: readonly string[]): Region {
    const thrown: Exit[] = [];
    const result = rewriteRegion(region, substitution, (op, out) => {
      if (thrown.length > 0) return;
      if (op.kind !== "call" || stack.includes(op.callee) || !this.isInlined(op)) {
        out.push(withRegions(op, (inner) => this.region(inner, substitution, stack)));
        return;
      }
      const callee = this.compilation.functions.get(op.callee);
      if (callee === undefined) return void out.push(op);
      const instance = instantiate(callee, op);
      const body = this.region(instance, substitution, [...stack, op.callee]);
      out.push(...body.ops);
      if (body.exit.kind === "throw") thrown.push(body.exit);
      else if (diverges(body)) thrown.push({ kind: "yield", values: [] });
      else {
        const { values } = body.exit;
        op.results.forEach((value, k) => {
          const by = values[k];
          if (by !== undefined && by !== value) substitution.replace(value, by);
        });
      }
    });
    const [exit] = thrown;
    return exit === undefined ? result : { ...result, exit };
  }
}

function countCalls(callers: Iterable<IRFunction>): ReadonlyMap<string, number> {
  const calls = new Map<string, number>();
  for (const { body } of callers) {
    walk(body, (op) => {
      if (op.kind === "call") calls.set(op.callee, (calls.get(op.callee) ?? 0) + 1);
    });
  }
  return calls;
}

/**
 * A copy of the callee's body over the arguments of one call. What the callee returns without a name takes the
 * name that the caller gives it. It keeps its type: an object is made of its parts in the order of its own fields, which
 * need not be that of the type that the callee declares.
 */
function instantiate(callee: IRFunction, op: CallOp): Region {
  const named = new Map<Value, Origin>();
  if (callee.body.exit.kind === "return") {
    callee.body.exit.values.forEach((value, k) => {
      const result = op.results[k];
      if (result === undefined || value.origin.variable !== null || named.has(value)) return;
      if (value.type.kind === result.type.kind && isAssignable(value.type, result.type, false))
        named.set(value, result.origin);
    });
  }
  const copy = new RegionCopy({
    named,
    replace: (inner) => {
      const [result] = inner.results;
      if (inner.kind !== "allocate" || inner.initial.kind !== "zerosLike" || result === undefined) return false;
      const of = copy.look(inner.initial.of);
      if (isReference(of.type)) return false;
      // an absence was handed in: it is its own shadow
      copy.put(result, of);
      return true;
    },
  });
  callee.params.forEach(({ value }, k) => {
    const arg = op.args[k];
    if (arg !== undefined) copy.put(value, arg);
  });
  return copy.region({ ...callee.body, params: [] });
}
