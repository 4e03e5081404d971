/**
 * A pullback that runs the function again. Where it would have to keep what is not its own, or not its alone (rows and
 * objects that others hold, their shadows, the records of recursive calls), it keeps copies of the arguments, and is
 * reverse mode of these:
 *
 *   f(x) -> y     =>     f_vjp(x) -> f(x), { x: copyOf(x) }          f_pullback(tape)(dY): dx = zeros like tape.x
 *                                                                                          f_reverse(tape.x, dx, dY)
 *                                                                                          return dx
 *
 * Nobody may see that it runs again, and it writes to none of its arguments: then the copies stay what they are.
 */
import { Block, field, makeValue } from "../ir/build.js";
import { isReference, isText, type IRFunction, type Parameter, type Type, type Value } from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import { insideOf } from "../ir/recursive.js";
import { shapeOfMany } from "./derivative.js";
import type { Pullback, PullbackNames } from "./pullback.js";
import { adjointOfSeed, seedFor, slotOf } from "./reverse.js";
import { tapeOrigin, tapeType } from "./tape.js";
import { call, callReverse, isFlatArray, slotsOf } from "./tabulate.js";

/** Can all arguments be kept as they are? What is opaque may change, but for text. */
export function canBeKept({ params }: IRFunction): boolean {
  const seen = new Set<Type>();
  const isKnown = (type: Type): boolean => {
    if (seen.has(type)) return true;
    seen.add(type);
    return type.kind === "opaque" ? isText(type) : insideOf(type).every(isKnown);
  };
  return params.every(({ value }) => isKnown(value.type));
}

/** `reverse`: the primal's reverse mode, with a seed for its result. */
export function pullbackAgain(primal: IRFunction, reverse: IRFunction, names: PullbackNames): Pullback {
  const { forward, tape } = keepArguments(primal, names);
  const block = new Block(false);
  const handedIn = makeValue(tape, tapeOrigin);
  const again = primal.params.map((param, k): Parameter => {
    const { name = "" } = tape.fields[k] ?? {};
    return { ...param, value: block.load(field(handedIn, name), param.value.origin, param.value.type) };
  });
  const [result] = primal.results;
  if (result === undefined) throw new Error("a function without a result has no pullback");
  const seed = seedFor(result, "user");
  const [given = []] = callReverse({ ...primal, params: again }, reverse, [adjointOfSeed(seed.value, block)], block);
  const slots = slotsOf(again);
  const adjoints = given.map((adjoint, k) => {
    const slot = slots[k]?.value;
    return slot === undefined ? adjoint : slotOf(slot, adjoint, block);
  });
  const pullback: IRFunction = {
    name: names.pullback,
    params: [{ value: handedIn, name: "tape", activity: "const", typeText: null }, seed],
    results: adjoints.map(({ type }) => type),
    body: block.region([], { kind: "return", values: adjoints }),
    derivation: { of: primal.name, mode: "reversePass" },
    span: primal.span,
  };
  const defaults = new Map(seed.value.type.kind === "number" ? [[seed.value, "1"] as const] : []);
  return { forward, pullback, shape: shapeOfMany(adjoints.length), defaults };
}

function keepArguments(primal: IRFunction, names: PullbackNames): { forward: IRFunction; tape: TapeType } {
  const block = new Block(false);
  const parts = primal.params.map(({ value }) => copyOf(value, block));
  const tape = tapeType(
    names.tape,
    primal.params.map(({ name, value }) => ({ stem: name, type: value.type })),
  );
  const args = primal.params.map(({ value }) => value);
  const [value] = call(primal, args, block);
  if (value === undefined) throw new Error("a function without a result has no pullback");
  const kept = block.allocate(tape, { kind: "parts", parts }, tapeOrigin);
  const forward: IRFunction = {
    name: names.forward,
    params: primal.params,
    results: [value.type, tape],
    body: block.region([], { kind: "return", values: [value, kept] }),
    derivation: { of: primal.name, mode: "augmentedPrimal" },
    span: primal.span,
  };
  return { forward, tape };
}
type TapeType = ReturnType<typeof tapeType>;

function copyOf(value: Value, block: Block): Value {
  if (!isReference(value.type)) return value;
  const origin = { ...value.origin, role: "residual" } as const;
  if (isFlatArray(value.type)) {
    const [from, to] = [block.constant(0), block.length(value)];
    return block.allocate(value.type, { kind: "copy", source: value, from, to }, origin);
  }
  const copy = makeValue(value.type, origin);
  block.append({
    kind: "opaque",
    results: [copy],
    template: "$copyOf($0)",
    operands: [value],
    effects: readsOnly,
    detached: true,
    keeps: "the copy of its arguments that a pullback keeps",
  });
  return copy;
}
