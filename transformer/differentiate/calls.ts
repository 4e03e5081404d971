/**
 * Calls of functions that are not inlined: recursive ones, large ones called from several places.
 *
 *   y = call f x      reverse:   dx += f_reverse(x, dy)          forward:   [y, yDot] = f_forward(x, xDot)
 *
 * The reverse of a call runs the callee's forward sweep again, so the callee must not write what
 * others see, and what it reads must still be what it was.
 */
import type { Aliases } from "../analyze/aliases.js";
import type { Compilation } from "../compilation.js";
import type { Code } from "../diagnostics/codes.js";
import type { Details } from "../diagnostics/diagnostic.js";
import { makeValue } from "../ir/build.js";
import { walk } from "../ir/traverse.js";
import { isReference, numberType, type Activity, type CallOp, type SourceSpan, type Value } from "../ir/ir.js";
import type { Activity as ActivityFacts } from "../analyze/activity.js";
import type { Facts } from "./facts.js";
import { isActiveNumber } from "./facts.js";
import { beside } from "./shadow-type.js";
import { addAdjoint, takeAdjoint, twinOf, type Site, type Sweep } from "./sweep.js";

/** Something that a mode cannot do; the pipeline reports it at the primal. */
export class Refusal extends Error {
  constructor(
    readonly code: Code,
    readonly details: Details,
    readonly span: SourceSpan | null = null,
  ) {
    super(code);
  }
}

/** How the arguments of a call make the parameters of its callee active. */
export const activitiesAt = (op: CallOp, activity: ActivityFacts): readonly Activity[] =>
  op.args.map((arg) => (!activity.isActive(arg) ? "const" : isReference(arg.type) ? "duplicated" : "active"));

export function reverseCall(sweep: Sweep, op: CallOp, site: Site): void {
  const { facts } = sweep;
  const adjoints = op.results.map((result) => (isActiveNumber(result, facts) ? takeAdjoint(site, result) : null));
  // Without an adjoint of its own a call may still write what is active: nothing may be passed over in silence.
  if (op.args.some((arg) => facts.activity.isActive(arg))) checkWrites(op, facts);
  if (adjoints.every((adjoint) => adjoint === null)) return;
  const what = obstacleTo(op, facts.aliases, facts.compilation);
  if (what !== null) throw new Refusal("EZ2033", { name: op.callee, what });
  const activities = activitiesAt(op, facts.activity);
  const { name } = sweep.derivatives.request(op.callee, "reverse", activities);
  const args = op.args.flatMap((arg, index) => {
    const shadow = facts.shadowOf.get(arg);
    const twin = twinOf(site, arg);
    return activities[index] === "duplicated" && shadow !== undefined ? [twin, twinOf(site, shadow)] : [twin];
  });
  const seeds = adjoints.map((adjoint) => adjoint ?? site.block.constant(0));
  const targets = op.args.filter((_, index) => activities[index] === "active");
  const results = targets.map((arg) => makeValue(numberType, beside(arg, "adjoint")));
  site.block.append({ kind: "call", results, callee: name, args: [...args, ...seeds] });
  targets.forEach((arg, index) => {
    const contribution: Value | undefined = results[index];
    if (contribution !== undefined) addAdjoint(site, arg, contribution);
  });
}

/** Refuses a callee that writes what it is given: its reverse would have to undo that. */
function checkWrites(op: CallOp, { aliases }: Facts): void {
  const effects = aliases.effectsOfCall(op);
  const takesReferences = op.args.some(({ type }) => isReference(type));
  if ((effects.writesEverything && takesReferences) || effects.writes.length > 0 || effects.resizes.length > 0) {
    throw new Refusal("EZ2033", { name: op.callee, what: "writes into arrays or objects that it is given" });
  }
}

/** What running the callee again would get wrong; null where nothing would. */
export function obstacleTo(op: CallOp, aliases: Aliases, compilation: Compilation): string | null {
  const effects = aliases.effectsOfCall(op);
  const takesReferences = op.args.some(({ type }) => isReference(type));
  if ((effects.writesEverything && takesReferences) || effects.writes.length > 0 || effects.resizes.length > 0) {
    return "writes into arrays or objects that it is given";
  }
  if (op.results.some(({ type }) => isReference(type))) return "returns an array or an object";
  if (effects.reads.some(({ memory }) => memory.written)) return "reads arrays that are overwritten";
  if (isUnrepeatable(op.callee, compilation, new Set()))
    return "draws random numbers, or does what can be seen outside";
  return null;
}

function isUnrepeatable(name: string, compilation: Compilation, seen: Set<string>): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  const callee = compilation.functions.get(name);
  if (callee === undefined) return true;
  let found = false;
  walk(callee.body, (op) => {
    if (op.kind === "random" || (op.kind === "opaque" && op.effects.observable)) found = true;
    if (op.kind === "call" && isUnrepeatable(op.callee, compilation, seen)) found = true;
  });
  return found;
}
