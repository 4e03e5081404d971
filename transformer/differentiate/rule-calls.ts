/**
 * Calls of functions that have a rule of the user's own (JAX calls such functions `custom_vjp` and `custom_jvp`):
 *
 *   y = call f x      reverse:    dx += f_reverse(x, dy)          with partials:   dx += dy * f_partials(x)
 *                     forward:    yDot = f_forward(x, xDot)                        yDot = f_partials(x) * xDot
 *
 * The call itself stands in the forward sweep as it was; the rule is handed what the function was handed: of what the
 * function writes into, a copy from before.
 */
import type { Activity as ActivityFacts } from "../analyze/activity.js";
import type { Aliases } from "../analyze/aliases.js";
import { mayRunLater } from "../analyze/detached.js";
import { writersIn, writesClass } from "../analyze/effects.js";
import { reachableMemory } from "../analyze/reachable-memory.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import { isExposed, type Apart } from "../analyze/stability.js";
import type { Compilation } from "../compilation.js";
import { Block, element, field, makeValue } from "../ir/build.js";
import { isReference, type CallOp, type IRFunction, type Op, type Region, type Rule, type Value } from "../ir/ir.js";
import { operandsOf, rebuild, someOperation, walk } from "../ir/traverse.js";
import { Refusal } from "./refusal.js";
import { isActiveNumber, type KeptArguments } from "./facts.js";
import { beside, shadowType } from "./shadow-type.js";
import type { RuleSites } from "./shadows.js";
import { addAdjoint, takeAdjoint, twinOf, type Site, type Sweep } from "./sweep.js";

/** A callee that is not looked into, with its rule. */
export interface RuledCallee {
  readonly fn: IRFunction;
  readonly text: string;
  readonly rule: Rule;
  /** Positions of the parameters that it writes into. */
  readonly written: readonly number[];
}

/** The rule of a callee; null where it is differentiated as written. */
export function ruleAt(op: CallOp, compilation: Compilation): RuledCallee | null {
  const fn = compilation.functions.get(op.callee);
  if (fn?.external === undefined) return null;
  const { text, rule, written } = fn.external;
  if (rule === null) throw new Refusal("EZ2008", { name: text }, spanAt(op));
  return { fn, text, rule, written };
}

const spanAt = (op: CallOp): Value["origin"]["span"] => (op.results[0] ?? op.args[0])?.origin.span ?? null;

/** What a call writes into. */
export const writtenBy = ({ args }: CallOp, { written }: RuledCallee): readonly Value[] =>
  args.filter((_, k) => written.includes(k));

/** Its rule takes what a function writes into, and its shadow, for a parameter of its own. */
export function refuseShared(op: CallOp, callee: RuledCallee, aliases: Aliases): void {
  const reached = (arg: Value): ReadonlySet<unknown> => reachableMemory(aliases.classOf(arg), arg.type, aliases);
  for (const k of callee.written) {
    const into = op.args[k];
    if (into === undefined) continue;
    const own = reached(into);
    const isShared = op.args.some(
      (arg, other) => other !== k && isReference(arg.type) && [...reached(arg)].some((memory) => own.has(memory)),
    );
    const argument = callee.fn.params[k]?.name ?? "it";
    if (isShared) throw new Refusal("EZ2046", { name: callee.text, argument }, spanAt(op));
  }
}

/** A derivative must not be lost where an active argument meets a parameter that is declared const. */
export function checkArguments(op: CallOp, callee: RuledCallee, isActive: (value: Value) => boolean): void {
  op.args.forEach((arg, k) => {
    const param = callee.fn.params[k];
    const outputs = [...op.results, ...writtenBy(op, callee)];
    if (param === undefined || param.activity !== "const" || !isActive(arg) || !outputs.some(isActive)) return;
    throw new Refusal("EZ1036", { name: callee.text, argument: param.name }, spanAt(op));
  });
}

function missing(op: CallOp, { text }: RuledCallee, part: "reverse" | "forward"): Refusal {
  return new Refusal("EZ1035", { name: text, part }, spanAt(op));
}

// ---- reverse ------------------------------------------------------------------------------------------------------

/** Emits the call of the user's rule in the place of a call's reverse. */
export function reverseByRule(sweep: Sweep, op: CallOp, callee: RuledCallee, site: Site): void {
  const { facts } = sweep;
  const [result] = op.results;
  checkArguments(op, callee, (value) => facts.activity.isActive(value));
  const shadow = result === undefined ? undefined : facts.shadowOf.get(result);
  const adjoint =
    result === undefined
      ? null
      : isActiveNumber(result, facts)
        ? takeAdjoint(site, result)
        : isReference(result.type) && shadow !== undefined
          ? twinOf(site, shadow)
          : null;
  // Without an adjoint of its own, what the call wrote may have one.
  if (adjoint === null && !writtenBy(op, callee).some((arg) => facts.shadowOf.has(arg))) return;
  const seed = result === undefined ? null : (adjoint ?? site.block.constant(0));
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
      if (partial !== undefined && seed !== null && isActiveNumber(arg, facts))
        add(arg, site.block.apply("mul", [seed, partial]));
    });
    return;
  }
  const handed = facts.kept.get(op) ?? op.args;
  const args = op.args.flatMap((arg, k) => {
    const twin = twinOf(site, handed[k] ?? arg);
    if (callee.fn.params[k]?.activity !== "duplicated") return [twin];
    const own = facts.shadowOf.get(arg);
    return [twin, own === undefined ? zerosLike(twin, "adjoint", site.block) : twinOf(site, own)];
  });
  const found = callGiving(
    reverse,
    [...args, ...(seed === null ? [] : [seed])],
    targets,
    sweep.facts.compilation,
    site.block,
  );
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

/** The tangent of the result, null where there is no result; `tangentOf` is null where there is no tangent. */
export function tangentByRule(
  op: CallOp,
  callee: RuledCallee,
  tangentOf: (value: Value) => Value | null,
  compilation: Compilation,
  { ahead, behind: block }: RuleSites,
): Value | null {
  const [result] = op.results;
  const { forward, partials } = callee.rule;
  const isAsked = (k: number): boolean => callee.fn.params[k]?.activity !== "const";
  if (forward !== null) {
    const args = op.args.flatMap((arg, k) => {
      const isCopied = callee.written.includes(k) && !takesLengthAlone(forward, k, isAsked, compilation);
      const handed = isCopied ? copyOf(arg, ahead) : arg;
      if (!isAsked(k)) return [handed];
      const zero = (): Value =>
        isReference(arg.type) ? zerosLike(arg, "tangent", block) : block.constant(0, beside(arg, "tangent"));
      return [handed, tangentOf(arg) ?? zero()];
    });
    if (result === undefined) {
      block.append({ kind: "call", results: [], callee: forward, args });
      return null;
    }
    const tangent = makeValue(shadowType(result.type), beside(result, "tangent"));
    block.append({ kind: "call", results: [tangent], callee: forward, args });
    return tangent;
  }
  if (partials === null || result === undefined) throw missing(op, callee, "forward");
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
 * The reverse of a call is handed what the call was: an array that is written later is copied first, and so is what the
 * call itself writes into.
 *
 *   y = call f a; store a[0] ...     =>     aCopy = copy a; y = call f aCopy; store a[0] ...
 *   call fill out                    =>     outCopy = copy out; call fill out              (reverse: of outCopy)
 */
export function keepArguments(
  primal: IRFunction,
  { aliases, activity, apart }: { aliases: Aliases; activity: ActivityFacts; apart: Apart | null },
  compilation: Compilation,
): { readonly primal: IRFunction; readonly kept: KeptArguments } {
  const kept = new Map<CallOp, readonly Value[]>();
  const hasRule = (op: Op): boolean =>
    op.kind === "call" && typeof compilation.functions.get(op.callee)?.external?.rule === "object";
  if (!someOperation(primal.body, hasRule)) return { primal, kept };
  const tree = buildRegionTree(primal);
  const writers = writersIn(primal.body);
  const copied = new Map<Op, CopiedArguments>();
  const isKept = (op: CallOp, arg: Value): boolean =>
    [...reachableMemory(aliases.classOf(arg), arg.type, aliases)].every(
      (memory) =>
        !isExposed(memory, apart) &&
        !writers.some((writer) => writesClass(writer, memory, aliases) && mayRunLater(writer, op, arg, tree)),
    );
  walk(primal.body, (op) => {
    if (op.kind !== "call") return;
    const callee = compilation.functions.get(op.callee)?.external === undefined ? null : ruleAt(op, compilation);
    if (callee === null) return;
    const written = new Set(writtenBy(op, callee));
    if (![...op.results, ...written].some((one) => activity.isActive(one))) return;
    refuseShared(op, callee, aliases);
    const isAsked = (k: number): boolean => callee.fn.params[k]?.activity === "duplicated";
    const changing = op.args.filter(
      (arg, k) =>
        isReference(arg.type) &&
        (written.has(arg) ? !takesLengthAlone(callee.rule.reverse, k, isAsked, compilation) : !isKept(op, arg)),
    );
    for (const arg of changing) {
      if (written.has(arg) || (arg.type.kind === "array" && !isReference(arg.type.element))) continue;
      const argument = callee.fn.params[op.args.indexOf(arg)]?.name ?? "it";
      throw new Refusal("EZ2036", { name: callee.text, argument }, spanAt(op));
    }
    if (changing.length > 0) copied.set(op, { changing: new Set(changing), written });
  });
  return copied.size === 0
    ? { primal, kept }
    : { primal: { ...primal, body: withCopies(primal.body, copied, kept) }, kept };
}

interface CopiedArguments {
  readonly changing: ReadonlySet<Value>;
  /** The call itself needs these, not their copies. */
  readonly written: ReadonlySet<Value>;
}

function withCopies(
  region: Region,
  copied: ReadonlyMap<Op, CopiedArguments>,
  kept: Map<CallOp, readonly Value[]>,
): Region {
  const same = (value: Value): Value => value;
  const ops = region.ops.flatMap((op): readonly Op[] => {
    const found = copied.get(op);
    if (found === undefined || op.kind !== "call")
      return [rebuild(op, { value: same, result: same, region: (inner) => withCopies(inner, copied, kept) })];
    const block = new Block(false);
    const copies = new Map([...found.changing].map((source) => [source, copyOf(source, block)]));
    const call = { ...op, args: op.args.map((arg) => (found.written.has(arg) ? arg : (copies.get(arg) ?? arg))) };
    if (op.args.some((arg) => found.written.has(arg) && copies.has(arg)))
      kept.set(
        call,
        op.args.map((arg) => copies.get(arg) ?? arg),
      );
    return [...block.ops, call];
  });
  return { ...region, ops };
}

/** A copy of an array or object of numbers. */
function copyOf(source: Value, block: Block): Value {
  const { type, origin } = source;
  const name = origin.variable?.name;
  const own = { ...origin, variable: name === undefined ? null : { name: `${name}Copy` } };
  const keys =
    type.kind === "record" ? type.fields.map((one) => one.name) : type.kind === "tuple" ? type.elements.keys() : null;
  if (keys === null) {
    const [from, to] = [block.constant(0), block.length(source)];
    return block.allocate(type, { kind: "copy", source, from, to, snapshot: true }, own);
  }
  const parts = [...keys].map((key) => block.load(field(source, key)));
  return block.allocate(type, { kind: "parts", parts }, own);
}

/** Is the length of an argument all that a rule takes of it? Then it need not be what it was. */
function takesLengthAlone(
  rule: string | null,
  argument: number,
  hasShadow: (argument: number) => boolean,
  compilation: Compilation,
): boolean {
  const fn = rule === null ? undefined : compilation.functions.get(rule);
  if (fn === undefined || fn.external !== undefined) return false;
  const before = Array.from({ length: argument }, (_, k) => (hasShadow(k) ? 2 : 1));
  const param = fn.params[before.reduce((sum, width) => sum + width, 0)]?.value;
  return param !== undefined && !someOperation(fn.body, (op) => op.kind !== "length" && operandsOf(op).includes(param));
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
