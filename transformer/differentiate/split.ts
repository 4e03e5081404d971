/**
 * Reverse mode as two functions, for a call between whose forward and reverse sweeps others run (split
 * reversal: Griewank & Walther, ch. 12.2):
 *
 *   f(x) -> y     =>     f_augmentedPrimal(x, dX) -> y, tape          the forward sweep
 *                        f_reversePass(x, dX, tape, dY) -> dx...      the reverse sweep
 *
 * What the forward sweep records goes onto the tape, a record of its own for each call. References that the
 * caller has are handed to both, with their shadows, so that the caller's analyses see what the pass does.
 */
import type { RegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import { Block, field, makeValue } from "../ir/build.js";
import { nameOfKey } from "../ir/function-keys.js";
import { isReference, type IRFunction, type Parameter, type RecordType, type Value } from "../ir/ir.js";
import { regionsOf, walk } from "../ir/traverse.js";
import { roleName } from "../ir/roles.js";
import { isSeeded } from "./calls.js";
import { Cells, Twins } from "./cells.js";
import { sharedMemory } from "./derivative.js";
import { withActivities, type Derivatives, type SplitDerivative } from "./derivatives.js";
import { isActiveNumber } from "./facts.js";
import { emitForward, firstRun, record } from "./forward-sweep.js";
import { planReverse, resultsOf, type Plan } from "./plan.js";
import { adjointOf, seedFor } from "./reverse.js";
import { emitJoined, emitReversed } from "./reverse-sweep.js";
import { sharingOf } from "./shared-arguments.js";
import { makeSweep, twinOf, type Site, type Sweep } from "./sweep.js";
import { makeTape, tapeOrigin, tapeType } from "./tape.js";

/** The forward and the reverse sweep of a function as two. */
export function differentiateSplit(
  callee: IRFunction,
  split: SplitDerivative,
  compilation: Compilation,
  derivatives: Derivatives,
): { readonly augmentedPrimal: IRFunction; readonly reversePass: IRFunction; readonly plan: Plan } {
  const plan = planReverse(
    withActivities(callee, split.activities),
    {
      name: split.augmentedPrimal,
      takesShadows: true,
      caller: "derivative",
      apart: split,
      givesValue: true,
      seed: null,
      addSeed: () => undefined,
    },
    compilation,
    derivatives,
  );
  const sweep = makeSweep(plan, { joined: emitJoined, reversed: emitReversed }, derivatives);
  const forward = sweepForward(plan, sweep, callee, split);
  return { augmentedPrimal: forward.fn, reversePass: sweepBackward(plan, sweep, callee, split, forward), plan };
}

/** What the forward sweep keeps: under which key both sweeps know it, and in which field of the tape it stands. */
interface Residual {
  readonly key: object;
  readonly value: Value;
  readonly field: string;
}

interface ForwardSweep {
  readonly fn: IRFunction;
  readonly tape: RecordType;
  readonly residuals: readonly Residual[];
}

const openSite = (): Site => ({ block: new Block(true), twins: new Twins(), cells: new Cells(), frame: null });

function sweepForward(plan: Plan, sweep: Sweep, callee: IRFunction, split: SplitDerivative): ForwardSweep {
  const { shadowed, facts } = plan;
  const { primal, fn: withShadows } = shadowed;
  const site = openSite();
  for (const { value } of withShadows.params) site.twins.set(value, value);
  for (const { value } of withShadows.params) record(sweep, value, site, firstRun);
  emitForward(sweep, withShadows.body.ops, site, firstRun);
  const recorded = recordedValues(plan, sweep);
  const kept = site.cells.changed().flatMap((key) => {
    const value = site.cells.get(key);
    return value === null ? [] : [{ key, value }];
  });
  const type = tapeType(
    split.tape,
    kept.map(({ key, value }) => ({
      stem: nameOf(value) ?? wordFor(recorded.get(key), facts.tree),
      type: value.type,
    })),
  );
  const parts = kept.map(({ value }) => value);
  const { ops, tape } = makeTape(site.block.ops, parts, type);
  const given = [...resultsOf(withShadows).map((result) => twinOf(site, result)), tape];
  const { exit } = primal.body;
  const fn: IRFunction = {
    name: split.augmentedPrimal,
    params: withShadows.params,
    results: given.map((value) => value.type),
    body: { params: [], ops, exit: exit.kind === "throw" ? exit : { kind: "return", values: given } },
    derivation: { of: callee.name, mode: "augmentedPrimal", ...sharedMemory(callee) },
    span: callee.span,
    ...sharingOf(callee),
  };
  return { fn, tape: type, residuals: kept.map((one, index) => ({ ...one, field: type.fields[index]?.name ?? "" })) };
}

function sweepBackward(
  plan: Plan,
  sweep: Sweep,
  callee: IRFunction,
  split: SplitDerivative,
  { tape: type, residuals }: ForwardSweep,
): IRFunction {
  const { shadowed, facts } = plan;
  const { primal, fn: withShadows } = shadowed;
  const site = openSite();
  const params: Parameter[] = [];
  /** What the caller hands in for a value of the forward sweep. */
  const handIn = (value: Value, name: string, typeText: string | null): void => {
    const again = makeValue(value.type, value.origin);
    params.push({ value: again, name, activity: "const", typeText });
    if (site.twins.get(value) === null) site.twins.set(value, again);
  };
  for (const { value, name, typeText } of withShadows.params)
    if (isReference(value.type)) handIn(value, name, typeText);
  for (const result of resultsOf(withShadows)) if (isReference(result.type)) handIn(result, "result", null);
  const tape = makeValue(type, tapeOrigin);
  params.push({ value: tape, name: "tape", activity: "const", typeText: null });
  for (const { key, value, field: name } of residuals) {
    site.cells.set(key, site.block.load(field(tape, name), value.origin, value.type));
  }
  for (const result of resultsOf(primal).filter(isSeeded)) {
    const seed = seedFor(result.type, "derivative");
    params.push(seed);
    if (isActiveNumber(result, facts)) site.cells.set(result, seed.value);
  }
  emitReversed(sweep, withShadows.body, site);
  const adjoints = primal.params
    .filter(({ activity }) => activity === "active")
    .map(({ value }) => adjointOf(value, site, "derivative"));
  return {
    name: split.reversePass,
    params,
    results: adjoints.map((value) => value.type),
    body: site.block.region([], { kind: "return", values: adjoints }),
    derivation: { of: callee.name, mode: "reversePass", sharesMemory: true },
    span: callee.span,
    ...sharingOf(callee),
  };
}

/** The recorded values of the primal, by the key under which they are kept. */
function recordedValues({ shadowed, recording }: Plan, sweep: Sweep): ReadonlyMap<object, Value> {
  const { params, body } = shadowed.fn;
  const found = new Map<object, Value>();
  const note = (value: Value): void => {
    if (recording.isRecorded(value)) found.set(sweep.recordKey(value), value);
  };
  for (const { value } of params) note(value);
  walk(body, (op) => {
    op.results.forEach(note);
    for (const region of regionsOf(op)) region.params.forEach(note);
  });
  return found;
}

const nameOf = ({ origin: { variable, role } }: Value): string | null =>
  variable === null ? null : roleName(variable, role);

/** What a residual without a name of the user's is called; the place in a record that grows has no value of its own. */
function wordFor(recorded: Value | undefined, tree: RegionTree): string {
  if (recorded === undefined) return "position";
  const { op } = tree.definitionOf(recorded);
  switch (op?.kind) {
    case "call":
      return `${nameOfKey(op.callee)
        .replace(/_augmentedPrimal\d*$/, "")
        .replace(/^.*_/, "")}Result`;
    case "loop":
      return "count";
    default:
      return recorded.type.kind === "boolean" ? "test" : "residual";
  }
}
