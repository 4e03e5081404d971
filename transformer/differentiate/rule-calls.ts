/**
 * Calls of functions that have a rule of the user's own (JAX calls such functions `custom_vjp` and `custom_jvp`):
 *
 *   y = call f x      reverse:    dx += f_reverse(x, dy)          with partials:   dx += dy * f_partials(x)
 *                     forward:    yDot = f_forward(x, xDot)                        yDot = f_partials(x) * xDot
 *
 * The call itself stands in the forward sweep as it was; the rule is handed what the function was handed.
 */
import type { Activity as ActivityFacts } from "../analyze/activity.js";
import type { Aliases } from "../analyze/aliases.js";
import { mayRunLater } from "../analyze/detached.js";
import { writersIn, writesClass } from "../analyze/effects.js";
import { reachableMemory } from "../analyze/reachable-memory.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import { isExposed, type Apart } from "../analyze/stability.js";
import type { Compilation } from "../compilation.js";
import { Block, element, makeValue } from "../ir/build.js";
import { isReference, type CallOp, type IRFunction, type Op, type Region, type Rule, type Value } from "../ir/ir.js";
import { rebuild, someOperation, walk } from "../ir/traverse.js";
import { Refusal } from "./refusal.js";
import { isActiveNumber } from "./facts.js";
import { beside, shadowType } from "./shadow-type.js";
import { addAdjoint, takeAdjoint, twinOf, type Site, type Sweep } from "./sweep.js";

/** A callee that is not looked into, with its rule. */
export interface RuledCallee {
  readonly fn: IRFunction;
  readonly text: string;
  readonly rule: Rule;
}

/** The rule of a callee; null where it is differentiated as written. */
export function ruleAt(op: CallOp, compilation: Compilation): RuledCallee | null {
  const fn = compilation.functions.get(op.callee);
  if (fn?.external === undefined) return null;
  const { text, rule } = fn.external;
  if (rule === null) throw new Refusal("EZ2008", { name: text }, spanAt(op));
  return { fn, text, rule };
}

const spanAt = (op: CallOp): Value["origin"]["span"] => op.results[0]?.origin.span ?? null;

/** A derivative must not be lost where an active argument meets a parameter that is declared const. */
export function checkArguments(op: CallOp, callee: RuledCallee, isActive: (value: Value) => boolean): void {
  op.args.forEach((arg, k) => {
    const param = callee.fn.params[k];
    if (param === undefined || param.activity !== "const" || !isActive(arg) || !op.results.some(isActive)) return;
    throw new Refusal("EZ1036", { name: callee.text, argument: param.name }, spanAt(op));
  });
}

function missing(op: CallOp, { text }: RuledCallee, part: "reverse" | "forward"): Refusal {
  return new Refusal("EZ1035", { name: text, part }, spanAt(op));
}

// ---- reverse ------------------------------------------------------------------------------------------------------

export function reverseByRule(sweep: Sweep, op: CallOp, callee: RuledCallee, site: Site): void {
  const { facts } = sweep;
  const [result] = op.results;
  if (result === undefined) return;
  checkArguments(op, callee, (value) => facts.activity.isActive(value));
  const shadow = facts.shadowOf.get(result);
  const seed = isActiveNumber(result, facts)
    ? takeAdjoint(site, result)
    : isReference(result.type) && shadow !== undefined
      ? twinOf(site, shadow)
      : null;
  if (seed === null) return;
  const targets = op.args.filter((_, k) => callee.fn.params[k]?.activity === "active");
  const add = (arg: Value, contribution: Value): void => {
    if (isActiveNumber(arg, facts)) addAdjoint(site, arg, contribution);
  };
  const { reverse, partials } = callee.rule;
  if (reverse === null) {
    if (partials === null) throw missing(op, callee, "reverse");
    const found = callGiving(
      partials,
      op.args.map((arg) => twinOf(site, arg)),
      targets,
      sweep.facts.compilation,
      site.block,
    );
    targets.forEach((arg, k) => {
      const partial = found[k];
      if (partial !== undefined && isActiveNumber(arg, facts)) add(arg, site.block.apply("mul", [seed, partial]));
    });
    return;
  }
  const args = op.args.flatMap((arg, k) => {
    const twin = twinOf(site, arg);
    if (callee.fn.params[k]?.activity !== "duplicated") return [twin];
    const own = facts.shadowOf.get(arg);
    return [twin, own === undefined ? zerosLike(twin, "adjoint", site.block) : twinOf(site, own)];
  });
  const found = callGiving(reverse, [...args, seed], targets, sweep.facts.compilation, site.block);
  targets.forEach((arg, k) => {
    const adjoint = found[k];
    if (adjoint !== undefined) add(arg, adjoint);
  });
}

/** What a rule gives for each of `targets`: nothing, a number, or the entries of a tuple. */
function callGiving(
  callee: string,
  args: readonly Value[],
  targets: readonly Value[],
  compilation: Compilation,
  block: Block,
): readonly Value[] {
  const { params = [], results: types = [] } = compilation.functions.get(callee) ?? {};
  const results = types.map((type) => {
    const [only, other] = targets;
    return makeValue(type, only !== undefined && other === undefined ? beside(only, "adjoint") : undefined);
  });
  block.append({ kind: "call", results, callee, args: args.slice(0, params.length) });
  const [given] = results;
  if (given === undefined || !isReference(given.type)) return results;
  return targets.map((arg, k) =>
    given.type.kind === "tuple"
      ? block.load({ kind: "field", base: given, field: k }, beside(arg, "adjoint"))
      : block.load(element(given, block.constant(k)), beside(arg, "adjoint")),
  );
}

const zerosLike = (value: Value, role: "adjoint" | "tangent", block: Block): Value =>
  block.allocate(shadowType(value.type), { kind: "zerosLike", of: value }, beside(value, role));

// ---- forward ------------------------------------------------------------------------------------------------------

/** The tangent of the result; `tangentOf` is null where there is none. */
export function tangentByRule(
  op: CallOp,
  callee: RuledCallee,
  tangentOf: (value: Value) => Value | null,
  compilation: Compilation,
  block: Block,
): Value {
  const [result] = op.results;
  if (result === undefined) throw new Error("a function with a rule gives nothing");
  const { forward, partials } = callee.rule;
  const isAsked = (k: number): boolean => callee.fn.params[k]?.activity !== "const";
  if (forward !== null) {
    const args = op.args.flatMap((arg, k) => {
      if (!isAsked(k)) return [arg];
      const zero = (): Value =>
        isReference(arg.type) ? zerosLike(arg, "tangent", block) : block.constant(0, beside(arg, "tangent"));
      return [arg, tangentOf(arg) ?? zero()];
    });
    const tangent = makeValue(shadowType(result.type), beside(result, "tangent"));
    block.append({ kind: "call", results: [tangent], callee: forward, args });
    return tangent;
  }
  if (partials === null) throw missing(op, callee, "forward");
  const targets = op.args.filter((_, k) => callee.fn.params[k]?.activity === "active");
  const found = callGiving(partials, op.args, targets, compilation, block);
  const terms = targets.flatMap((arg, k) => {
    const [partial, tangent] = [found[k], tangentOf(arg)];
    return partial === undefined || tangent === null ? [] : [block.apply("mul", [partial, tangent])];
  });
  const [first, ...others] = terms;
  if (first === undefined) return block.constant(0, beside(result, "tangent"));
  return others.reduce((sum, term) => block.apply("add", [sum, term]), first);
}

// ---- arguments that change ----------------------------------------------------------------------------------------

/**
 * The reverse of a call is handed what the call was: an array that is written later is copied first.
 *
 *   y = call f a; store a[0] ...     =>     aCopy = copy a; y = call f aCopy; store a[0] ...
 */
export function keepArguments(
  primal: IRFunction,
  { aliases, activity, apart }: { aliases: Aliases; activity: ActivityFacts; apart: Apart | null },
  compilation: Compilation,
): IRFunction {
  const hasRule = (op: Op): boolean =>
    op.kind === "call" && typeof compilation.functions.get(op.callee)?.external?.rule === "object";
  if (!someOperation(primal.body, hasRule)) return primal;
  const tree = buildRegionTree(primal);
  const writers = writersIn(primal.body);
  const copied = new Map<CallOp, ReadonlySet<Value>>();
  const isKept = (op: CallOp, arg: Value): boolean =>
    [...reachableMemory(aliases.classOf(arg), arg.type, aliases)].every(
      (memory) =>
        !isExposed(memory, apart) &&
        !writers.some((writer) => writesClass(writer, memory, aliases) && mayRunLater(writer, op, arg, tree)),
    );
  walk(primal.body, (op) => {
    if (op.kind !== "call" || !op.results.some((one) => activity.isActive(one))) return;
    const callee = ruleAt(op, compilation);
    if (callee === null) return;
    const changing = op.args.filter((arg) => isReference(arg.type) && !isKept(op, arg));
    for (const arg of changing) {
      if (arg.type.kind === "array" && !isReference(arg.type.element)) continue;
      const argument = callee.fn.params[op.args.indexOf(arg)]?.name ?? "it";
      throw new Refusal("EZ2036", { name: callee.text, argument }, spanAt(op));
    }
    if (changing.length > 0) copied.set(op, new Set(changing));
  });
  return copied.size === 0 ? primal : { ...primal, body: withCopies(primal.body, copied) };
}

function withCopies(region: Region, copied: ReadonlyMap<Op, ReadonlySet<Value>>): Region {
  const same = (value: Value): Value => value;
  const ops = region.ops.flatMap((op): readonly Op[] => {
    const changing = copied.get(op);
    if (changing === undefined || op.kind !== "call")
      return [rebuild(op, { value: same, result: same, region: (inner) => withCopies(inner, copied) })];
    const block = new Block(false);
    const copies = new Map(
      [...changing].map((source) => {
        const name = source.origin.variable?.name;
        const variable = name === undefined ? null : { name: `${name}Copy` };
        const [from, to] = [block.constant(0), block.length(source)];
        const copy = { kind: "copy", source, from, to, snapshot: true } as const;
        return [source, block.allocate(source.type, copy, { ...source.origin, variable })];
      }),
    );
    return [...block.ops, { ...op, args: op.args.map((arg) => copies.get(arg) ?? arg) }];
  });
  return { ...region, ops };
}

/** What an inactive function writes is constant: it must not go where a derivative flows. */
export function refuseActiveWrites(primal: IRFunction, activity: ActivityFacts): void {
  walk(primal.body, (op) => {
    if (op.kind !== "opaque" || !op.effects.writes) return;
    const into = op.operands.find((value) => isReference(value.type) && activity.isActive(value));
    if (into === undefined) return;
    const name = into.origin.variable?.name ?? "what it is given";
    throw new Refusal("EZ2037", { name }, op.results[0]?.origin.span ?? into.origin.span);
  });
}
