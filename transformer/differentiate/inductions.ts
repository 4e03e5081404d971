/** Carried integers in reversed loops: what follows from the number of the iteration, or from the iterations before. */
import { inductionOf, type Induction, type Step } from "../analyze/induction.js";
import { tripCount } from "../analyze/trip-counts.js";
import { makeValue } from "../ir/build.js";
import type { LoopOp, Value } from "../ir/ir.js";
import { twinOf, type Site, type Sweep } from "./sweep.js";

/** Integers that change by the same amount every time follow from the number of the iteration. */
export function bindInductions(sweep: Sweep, op: LoopOp, number: Value, inner: Site): void {
  for (const { param, induction } of inductionsIn(sweep, op)) {
    const initial = inner.twins.get(induction.initial);
    const total = induction.isUniform ? totalOf(induction.steps, sweep, inner) : null;
    if (initial === null || total === null) continue;
    const distance = inner.block.apply("mul", [number, total.amount]);
    inner.twins.set(param, inner.block.apply(total.primitive, [initial, distance], param.origin));
  }
}

/** What a reversed loop carries along besides adjoints: an induction in the order of the primal, a reference that is changed back. */
export interface CarriedAlong {
  readonly start: Value;
  readonly inside: Value;
  readonly after: Value;
  /** Builds its value in the next iteration. */
  readonly next: () => Value;
}

/** Others add up from iteration to iteration, where these run in their own order. */
export function carryInductions(sweep: Sweep, op: LoopOp, site: Site, inner: Site): readonly CarriedAlong[] {
  if (!sweep.recording.isInOrder(op)) return [];
  return inductionsIn(sweep, op).flatMap(({ param, induction }) => {
    if (induction.isUniform) return [];
    const start = twinOf(site, induction.initial);
    const [inside, after] = [makeValue(param.type, param.origin), makeValue(param.type, param.origin)];
    inner.twins.set(param, inside);
    const next = (): Value => {
      const total = totalOf(induction.steps, sweep, inner);
      return total === null ? inside : inner.block.apply(total.primitive, [inside, total.amount], param.origin);
    };
    return [{ start, inside, after, next }];
  });
}

function inductionsIn(
  { facts, recording }: Sweep,
  op: LoopOp,
): readonly { readonly param: Value; readonly induction: Induction }[] {
  return op.body.params.slice(1).flatMap((param) => {
    const induction = recording.isRecorded(param) ? null : inductionOf(param, facts.tree);
    return induction === null ? [] : [{ param, induction }];
  });
}

interface Total {
  readonly primitive: "add" | "sub";
  readonly amount: Value;
}

/** What the steps add up to; null where a value that they need is not there: nobody asked for the induction. */
function totalOf(steps: readonly Step[], sweep: Sweep, site: Site): Total | null {
  let total: Total | null = null;
  for (const step of steps) {
    const one: Total | null = step.kind === "value" ? amountOf(step, sweep, site) : repeated(step, sweep, site);
    if (one === null) return null;
    if (total === null) total = one;
    else {
      const primitive: Total["primitive"] = total.primitive === one.primitive ? "add" : "sub";
      total = { primitive: total.primitive, amount: site.block.apply(primitive, [total.amount, one.amount]) };
    }
  }
  return total;
}

function amountOf(step: Extract<Step, { kind: "value" }>, sweep: Sweep, site: Site): Total | null {
  const amount = valueAgain(step.value, sweep, site);
  return amount === null ? null : { primitive: step.direction === "up" ? "add" : "sub", amount };
}

function repeated({ loop, steps }: Extract<Step, { kind: "loop" }>, sweep: Sweep, site: Site): Total | null {
  if (loop.range === null) return null;
  const [from, to] = [loop.range.from, loop.range.to].map((bound) => valueAgain(bound, sweep, site));
  const total = totalOf(steps, sweep, site);
  if (from === undefined || to === undefined || from === null || to === null || total === null) return null;
  const count = tripCount(site.block, { ...loop.range, from, to });
  return { ...total, amount: site.block.apply("mul", [count, total.amount]) };
}

/** A value from outside the loop, or integer arithmetic with the counter, once more. */
function valueAgain(value: Value, sweep: Sweep, site: Site): Value | null {
  const { op } = sweep.facts.tree.definitionOf(value);
  if (op?.kind === "constant") return site.block.constant(op.value);
  const twin = site.twins.get(value);
  if (twin !== null || op?.kind !== "apply") return twin;
  const args = op.args.map((arg) => valueAgain(arg, sweep, site));
  const known = args.flatMap((arg) => arg ?? []);
  return known.length < args.length ? null : site.block.apply(op.primitive, known);
}
