/**
 * Calls of functions that are not inlined: recursive ones, large ones called from several places. Reversed
 * jointly, the callee runs again; split, its forward sweep keeps a tape for its reverse pass (Griewank &
 * Walther, ch. 12.2):
 *
 *   y = call f x      joint:     dx += f_reverse(x, dy)
 *                     split:     y, tape = f_augmentedPrimal(x)  ...  dx += f_reversePass(tape, dy)
 *                     forward:   y, yDot = f_forward(x, xDot)
 *
 * Joint reversal records nothing, but the callee must not write what others see, what it reads must still
 * be what it was, and each level of a recursion would run once more for each level above it.
 */
import type { Activity as ActivityFacts } from "../analyze/activity.js";
import type { Aliases } from "../analyze/aliases.js";
import { callsItself } from "../analyze/calls-itself.js";
import { isUnwritten } from "../analyze/reachable-memory.js";
import { isExposed, type Apart } from "../analyze/stability.js";
import type { Compilation } from "../compilation.js";
import { makeValue } from "../ir/build.js";
import { nameOfKey } from "../ir/function-keys.js";
import {
  carriesDerivative,
  isReference,
  numberType,
  type Activity,
  type CallOp,
  type IRFunction,
  type Value,
} from "../ir/ir.js";
import { someOperation, walk } from "../ir/traverse.js";
import type { CallerPromises, SplitDerivative } from "./derivatives.js";
import { isActiveNumber } from "./facts.js";
import { Refusal } from "./refusal.js";
import { reverseByRule, ruleAt } from "./rule-calls.js";
import { isShadowed, type SplitCall } from "./shadows.js";
import { beside } from "./shadow-type.js";
import { sharesWritten } from "./shared-arguments.js";
import { addAdjoint, takeAdjoint, twinOf, type Site, type Sweep } from "./sweep.js";

/** How the arguments of a call make the parameters of its callee active. */
export const activitiesAt = (op: CallOp, activity: ActivityFacts): readonly Activity[] =>
  op.args.map((arg) => (!activity.isActive(arg) ? "const" : isReference(arg.type) ? "duplicated" : "active"));

// ---- joint or split -----------------------------------------------------------------

/** What is known of the function that calls. */
interface CallerFacts {
  readonly aliases: Aliases;
  readonly activity: ActivityFacts;
  /** Null where nothing runs between its own sweeps. */
  readonly apart: Apart | null;
}

/** Which calls of a primal are split, and into what. */
export function splitAt(
  { aliases, activity, apart }: CallerFacts,
  compilation: Compilation,
  request: (callee: IRFunction, activities: readonly Activity[], promises: CallerPromises) => SplitDerivative,
): (op: CallOp) => SplitDerivative | null {
  const isStable = (arg: Value): boolean => {
    const memory = aliases.classOf(arg);
    return !isExposed(memory, apart) && isUnwritten(memory, arg.type, aliases);
  };
  return (op) => {
    if (![...op.args, ...op.results].some((value) => activity.isActive(value))) return null;
    if (ruleAt(op, compilation) !== null) return null;
    const callee = compilation.functions.get(op.callee);
    if (callee === undefined) throw new Refusal("EZ2033", { name: nameOfKey(op.callee), what: "is not known" });
    if (!callsItself(callee.name, compilation) && !mustSplit(op, apart, aliases, compilation)) return null;
    if (op.args.some(({ type }) => isReference(type)) && aliases.effectsOfCall(op).writesEverything)
      throw new Refusal("EZ2033", {
        name: nameOfKey(op.callee),
        what: "may write into any array or object that it is given",
      });
    if (sharesWritten(op, aliases) && callee.sharesArguments !== true)
      throw new Refusal("EZ2033", {
        name: nameOfKey(op.callee),
        what: "is handed one array or object in two arguments",
      });
    return request(callee, activitiesAt(op, activity), {
      stable: op.args.map((arg) => isReference(arg.type) && isStable(arg)),
    });
  };
}

/** May two arguments be one array, and the callee write it? As a function of its own it must take them for two. */
export function mayOverwriteArgument(op: CallOp, aliases: Aliases): boolean {
  const { writes, resizes } = aliases.effectsOfCall(op);
  const classes = op.args.filter(({ type }) => isReference(type)).map((arg) => aliases.classOf(arg));
  const shared = classes.filter((memory, index) => classes.indexOf(memory) !== index);
  return shared.some((memory) => writes.some((one) => one.memory === memory) || resizes.includes(memory));
}

/** Would running the callee again give something else, or be seen? */
function mustSplit(op: CallOp, apart: Apart | null, aliases: Aliases, compilation: Compilation): boolean {
  const { writes, resizes, reads, writesEverything } = aliases.effectsOfCall(op);
  return (
    (writesEverything && op.args.some(({ type }) => isReference(type))) ||
    writes.length > 0 ||
    resizes.length > 0 ||
    op.results.some(({ type }) => isReference(type)) ||
    reads.some(({ memory }) => memory.written || isExposed(memory, apart)) ||
    isUnrepeatable(op.callee, compilation, new Set())
  );
}

/** Does the function, run a second time, give the same, and does nobody see that it ran? What it writes is another matter. */
export function isRepeatable({ body }: IRFunction, compilation: Compilation): boolean {
  return !someOperation(
    body,
    (op) =>
      op.kind === "random" ||
      (op.kind === "opaque" && op.effects.observable) ||
      (op.kind === "call" && isUnrepeatable(op.callee, compilation, new Set())),
  );
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

// ---- reverse -----------------------------------------------------------------

/** The references that a call takes and gives, in this order. */
export const referencesOf = (op: CallOp): readonly Value[] =>
  [...op.args, ...op.results].filter(({ type }) => isReference(type));

/** Numbers that a call gives, each with a seed in its reverse. */
export const isSeeded = ({ type }: Value): boolean => !isReference(type) && carriesDerivative(type);

/** Emits the reverse of a call that stays one: its reverse pass, or both of its sweeps. */
export function reverseCall(sweep: Sweep, op: CallOp, site: Site): void {
  const callee = ruleAt(op, sweep.facts.compilation);
  if (callee !== null) return reverseByRule(sweep, op, callee, site);
  const split = sweep.facts.splits.get(op);
  if (split === undefined) reverseJointly(sweep, op, site);
  else reverseSplit(sweep, split, site);
}

function reverseJointly(sweep: Sweep, op: CallOp, site: Site): void {
  const { facts } = sweep;
  const adjoints = op.results.map((result) => (isActiveNumber(result, facts) ? takeAdjoint(site, result) : null));
  if (adjoints.every((adjoint) => adjoint === null)) return;
  const activities = activitiesAt(op, facts.activity);
  const { name } = sweep.derivatives.request(op.callee, "reverse", activities);
  const args = op.args.flatMap((arg, index) => {
    const shadow = facts.shadowOf.get(arg);
    const twin = twinOf(site, arg);
    return activities[index] === "duplicated" && shadow !== undefined ? [twin, twinOf(site, shadow)] : [twin];
  });
  const seeds = adjoints.map((adjoint) => adjoint ?? site.block.constant(0));
  callReverse(name, [...args, ...seeds], op, activities, site);
}

function reverseSplit(sweep: Sweep, { derivative, primal, tape }: SplitCall, site: Site): void {
  const { shadowOf } = sweep.facts;
  const { activities, references: taken, reversePass } = derivative;
  const isDuplicated = (arg: Value): boolean => activities[primal.args.indexOf(arg)] === "duplicated";
  const shadowsOf = (values: readonly Value[]): readonly Value[] =>
    values.map((value) => shadowOf.get(value)).filter((shadow) => shadow !== undefined);
  const handed = primal.args.filter((_, index) => taken[index] === true);
  // in the order in which the augmented primal takes and gives them
  const references = [
    ...handed.flatMap((arg) => [arg, ...(isDuplicated(arg) ? shadowsOf([arg]) : [])]),
    ...primal.results.filter((result) => isReference(result.type)),
    ...shadowsOf(primal.results.filter(isShadowed)),
  ];
  const args = [...references, tape].map((value) => twinOf(site, value));
  const seeds = primal.results.filter(isSeeded).map((result) => takeAdjoint(site, result));
  const hasSeed = seeds.some((seed) => seed !== null);
  // Without an adjoint of its own, what the call wrote or gave may have one.
  if (!hasSeed && !referencesOf(primal).some((value) => shadowOf.has(value))) return;
  const given = seeds.map((seed) => seed ?? site.block.constant(0));
  callReverse(reversePass, [...args, ...given], primal, activities, site);
}

/** Calls a reverse function, and adds the adjoints that it gives to those of the numbers handed in. */
function callReverse(
  callee: string,
  args: readonly Value[],
  { args: handed }: CallOp,
  activities: readonly Activity[],
  site: Site,
): void {
  const targets = handed.filter((_, index) => activities[index] === "active");
  const results = targets.map((arg) => makeValue(numberType, beside(arg, "adjoint")));
  site.block.append({ kind: "call", results, callee, args });
  targets.forEach((arg, index) => {
    const contribution: Value | undefined = results[index];
    if (contribution !== undefined) addAdjoint(site, arg, contribution);
  });
}
