/**
 * Gives every active reference its shadow, beside the primal: the first half of differentiation in
 * both modes. A shadow is allocated, loaded, stored, carried and chosen exactly as its primal is, so
 * shadows alias as primals do.
 *
 *   row = load a[i]; store b[j] row   =>   row = load a[i]; dRow = load dA[i]; store b[j] row; store dB[j] dRow
 *
 * What the numbers in a shadow are is the mode's affair: zeros in reverse mode, tangents in forward mode.
 */
import type { Activity } from "../analyze/activity.js";
import { Block, element, makeValue, typeAt } from "../ir/build.js";
import {
  booleanType,
  carriesDerivative,
  fieldCarries,
  fieldOf,
  hasShadowCell,
  isReference,
  numberType,
  type AllocateOp,
  type ApplyOp,
  type CallOp,
  type IfOp,
  type Location,
  type LoopOp,
  type Op,
  type Region,
  type Role,
  type StoreOp,
  type Type,
  type Value,
} from "../ir/ir.js";
import { nameOfKey } from "../ir/function-keys.js";
import { isAbsence } from "../ir/join-types.js";
import type { SplitDerivative } from "./derivatives.js";
import type { Lengthening } from "./lengthening-stores.js";
import { pushUpTo } from "./push-up-to.js";
import { beside, shadowType } from "./shadow-type.js";

/** What a store of a reference displaced in the shadow, to be put back by the reverse sweep. */
export interface Displaced {
  readonly at: Location;
  readonly shadow: Value;
}

export interface ShadowedBody {
  readonly body: Region;
  readonly shadowOf: ReadonlyMap<Value, Value>;
  /** Operations on shadows alone: they have no derivative of their own. */
  readonly shadowOps: ReadonlySet<Op>;
  readonly displaced: ReadonlyMap<Op, Displaced>;
  /** Of stores to where a number may be absent, in memory that is seen outside: was there none before? */
  readonly filled: ReadonlyMap<Op, Value>;
  readonly splits: ReadonlyMap<CallOp, SplitCall>;
}

/** A call of an augmented primal, in the place of one of its primal. */
export interface SplitCall {
  readonly derivative: SplitDerivative;
  readonly primal: CallOp;
  readonly tape: Value;
}

/** What reverse mode knows besides: the two halves that a call is split into, null where it is not. */
export interface AdjointRules {
  readonly kind: "adjoint";
  readonly split: (op: CallOp) => SplitDerivative | null;
  /** Is what a reference leads to seen outside of the function? */
  readonly escapes: (reference: Value) => boolean;
  readonly lengthening: Lengthening;
}

/** Where a rule of forward mode is applied: ahead of the call, behind it. */
export interface RuleSites {
  readonly ahead: Block;
  readonly behind: Block;
}

export interface RuledTangent {
  /** Of what the call gives; null: it gives nothing. */
  readonly tangent: Value | null;
  /** What the call writes into. */
  readonly written: readonly Value[];
}

/** What forward mode knows besides. */
export interface TangentRules {
  readonly kind: "tangent";
  /** The tangent of an operation's result from those of its arguments (null: zero). */
  readonly apply: (op: ApplyOp, block: Block, tangents: (value: Value) => Value | null) => Value;
  /** What a call becomes for which the user gives a rule; null: there is none. */
  readonly rule: (op: CallOp, sites: RuleSites, tangents: (value: Value) => Value | null) => RuledTangent | null;
  /** The name of the callee's forward mode, which gives its value and its tangent. */
  readonly call: (op: CallOp, activities: readonly ("const" | "active" | "duplicated")[]) => string;
}

/**
 * Shadows for all references of a body that `activity` calls active. `shadowOf` holds those of the
 * parameters already; `preamble` those that must be made for constants which meet active memory.
 */
export function shadowBody(
  body: Region,
  parameters: ReadonlyMap<Value, Value>,
  preamble: readonly Op[],
  activity: Activity,
  modeRules: AdjointRules | TangentRules,
): ShadowedBody {
  const role: Role = modeRules.kind;
  const rules = modeRules.kind === "tangent" ? modeRules : null;
  const shadowOf = new Map(parameters);
  const shadowOps = new Set<Op>();
  const displaced = new Map<Op, Displaced>();
  const filled = new Map<Op, Value>();
  const splits = new Map<CallOp, SplitCall>();

  const needsShadow = (value: Value): boolean =>
    (rules !== null || isReference(value.type)) && activity.isActive(value);
  const shadow = (value: Value, block: Block | null = null): Value => {
    const found = shadowOf.get(value);
    if (found === undefined && block !== null && isEmptyRecord(value.type)) return emptyShadow(value, block);
    if (found === undefined && block !== null && !isReference(value.type)) {
      // undefined and null are their own shadow
      return value.type.kind === "opaque" ? value : block.constant(0);
    }
    if (found === undefined) throw new Error(`no shadow for ${value.origin.variable?.name ?? "a reference"}`);
    return found;
  };
  /** Of a member without numbers, among others of its union that have some. */
  const emptyShadow = (value: Value, block: Block): Value =>
    block.allocate(shadowType(value.type), { kind: "parts", parts: [] }, beside(value, role));
  const makeShadow = (value: Value): Value => {
    const made = makeValue(shadowType(value.type), beside(value, role));
    shadowOf.set(value, made);
    return made;
  };
  const shadowLocation = (at: Location): Location =>
    at.kind === "element"
      ? { kind: "element", base: shadow(at.base), index: at.index }
      : { kind: "field", base: shadow(at.base), field: at.field };

  /** The region with its shadows; `more` gives what its yields hand out besides. */
  const visitRegion = (
    region: Region,
    start: readonly Op[] = [],
    more: (yielded: readonly Value[], block: Block) => readonly Value[] = () => [],
  ): Region => {
    const block = new Block(true);
    for (const op of start) block.append(op);
    for (const op of region.ops) visit(op, block);
    if (region.exit.kind !== "yield") return { params: region.params, ops: block.ops, exit: region.exit };
    const { values } = region.exit;
    return block.yield(region.params, [...values, ...more(values, block)]);
  };

  /** Appends what stands beside an operation and marks it as the shadow's. */
  const mirrored = (block: Block, append: () => void): void => {
    const before = block.ops.length;
    append();
    for (const op of block.ops.slice(before)) shadowOps.add(op);
  };

  const visit = (op: Op, block: Block): void => {
    const [result] = op.results;
    switch (op.kind) {
      case "if":
        return visitIf(op, block);
      case "loop":
        return visitLoop(op, block);
      case "allocate":
        block.append(op);
        if (result !== undefined && needsShadow(result)) {
          if (isSnapshot(op)) shadowOf.set(result, shadow(op.initial.source));
          else mirrored(block, () => allocateShadow(op, result, block));
        }
        return;
      case "load":
        block.append(op);
        if (result === undefined || !needsShadow(result)) return;
        mirrored(block, () => {
          // What is declared const may meet what is active, and be read with it: what reaches it is nobody's.
          if (fieldOf(op.at)?.isConst === true) zeros(result, block);
          else block.append({ ...op, results: [makeShadow(result)], at: shadowLocation(op.at) });
        });
        return;
      case "unwrap":
        block.append(op);
        if (result !== undefined && needsShadow(result)) {
          mirrored(block, () => block.append({ ...op, results: [makeShadow(result)], value: shadow(op.value) }));
        }
        return;
      case "store":
        return visitStore(op, block);
      case "push":
        block.append(op);
        if (needsShadow(op.array)) mirrored(block, () => block.push(shadow(op.array), shadow(op.value, block)));
        return;
      case "pop":
        block.append(op);
        if (needsShadow(op.array) && result !== undefined) {
          mirrored(block, () => block.append({ ...op, results: [makeShadow(result)], array: shadow(op.array) }));
        }
        return;
      case "grow":
        block.append(op);
        if (result !== undefined && needsShadow(result)) {
          mirrored(block, () => block.append({ ...op, results: [makeShadow(result)], array: shadow(op.array) }));
        }
        return;
      case "call":
        if (modeRules.kind === "tangent") return forwardCall(op, block, modeRules);
        if (splitCall(op, block, modeRules)) return;
        block.append(op);
        for (const reference of op.results) {
          if (needsShadow(reference)) mirrored(block, () => zeros(reference, block));
        }
        return;
      case "opaque":
        block.append(op);
        for (const reference of op.results) {
          if (needsShadow(reference)) mirrored(block, () => zeros(reference, block));
        }
        return;
      case "apply":
        block.append(op);
        if (result !== undefined && rules !== null && needsShadow(result)) {
          const tangent = rules.apply(op, block, (value) => shadowOf.get(value) ?? null);
          shadowOf.set(result, block.rename(tangent, beside(result, role)));
        }
        return;
      case "accumulate":
        block.append(op);
        if (rules !== null && needsShadow(op.at.base) && needsShadow(op.value) && hasShadowCell(op.at)) {
          block.accumulate(shadowLocation(op.at), shadow(op.value, block));
        }
        return;
      case "constant":
        block.append(op);
        if (result !== undefined && isReference(result.type) && needsShadow(result)) {
          mirrored(block, () => block.append({ ...op, results: [makeShadow(result)] }));
        } else if (result !== undefined && rules !== null && result.type.kind === "optional" && op.value == null) {
          // a number that is not there has no tangent that is there
          shadowOf.set(result, result);
        }
        return;
      case "length":
      case "random":
      case "isAbsent":
        return block.append(op);
    }
  };

  const forwardCall = (op: CallOp, block: Block, { call, rule }: TangentRules): void => {
    const isActive = [...op.args, ...op.results].some((value) => needsShadow(value));
    if (!isActive) return block.append(op);
    const sites = { ahead: new Block(false), behind: new Block(false) };
    const ruled = rule(op, sites, (value) => (needsShadow(value) ? shadow(value, sites.behind) : null));
    const [only] = op.results;
    if (ruled !== null) {
      if (![...op.results, ...ruled.written].some((value) => needsShadow(value))) return block.append(op);
      for (const one of [...sites.ahead.ops, op, ...sites.behind.ops]) block.append(one);
      if (only !== undefined && ruled.tangent !== null && needsShadow(only)) shadowOf.set(only, ruled.tangent);
      return;
    }
    const activities = op.args.map((arg) =>
      !needsShadow(arg) ? "const" : isReference(arg.type) ? "duplicated" : "active",
    );
    const args = op.args.flatMap((arg) => (needsShadow(arg) ? [arg, shadow(arg, block)] : [arg]));
    // the callee gives a tangent for every result, asked for or not: of a text or a boolean the number 0
    const tangents = op.results.map((one) =>
      isReference(one.type) || carriesDerivative(one.type)
        ? makeShadow(one)
        : makeValue(numberType, beside(one, "tangent")),
    );
    const results = [...op.results, ...tangents];
    block.append({ kind: "call", results, callee: call(op, activities), args });
  };

  /** y = call f x   =>   y, dY, tape = call f_augmentedPrimal x, dX */
  const splitCall = (op: CallOp, block: Block, { split, lengthening }: AdjointRules): boolean => {
    const derivative = split(op);
    if (derivative === null) return false;
    const args = op.args.flatMap((arg, index) =>
      derivative.activities[index] === "duplicated" ? [arg, shadow(arg)] : [arg],
    );
    const variable = { name: `${nameOfKey(op.callee).replace(/^.*\./, "")}Tape` };
    const tape = makeValue({ kind: "opaque", text: derivative.tape }, { span: null, variable, role: "primal" });
    const results = [...op.results, ...op.results.filter(isShadowed).map(makeShadow), tape];
    const call: CallOp = { kind: "call", results, callee: derivative.augmentedPrimal, args };
    block.append(call);
    splits.set(call, { derivative, primal: op, tape });
    for (const arg of new Set(op.args)) {
      if (needsShadow(arg) && lengthening.argument(op, arg))
        mirrored(block, () => pushUpTo(shadow(arg), 0, block.length(arg), false, block));
    }
    return true;
  };

  const zeros = (value: Value, block: Block): void =>
    block.append({ kind: "allocate", results: [makeShadow(value)], initial: { kind: "zerosLike", of: value } });

  const visitStore = (op: StoreOp, block: Block): void => {
    const isKept = isReference(op.value.type)
      ? needsShadow(op.value)
      : // where an object may stand, null takes its place in the shadow, too
        rules !== null || isReference(typeAt(op.at));
    if (!needsShadow(op.at.base) || !hasShadowCell(op.at)) return block.append(op);
    if (!isKept && modeRules.kind === "adjoint" && typeAt(op.at).kind === "optional") {
      if (modeRules.escapes(op.at.base)) filled.set(op, isAbsentAt(op.at, block));
      block.append(op);
      if (op.value.type.kind !== "opaque") mirrored(block, () => makePresent(shadowLocation(op.at), block));
      return;
    }
    if (!isKept) {
      block.append(op);
      const { at } = op;
      if (modeRules.kind === "adjoint" && at.kind === "element" && modeRules.lengthening.store(op))
        mirrored(block, () => pushUpTo(shadow(at.base), 0, at.index, true, block));
      return;
    }
    const at = shadowLocation(op.at);
    if (rules !== null) {
      block.append(op);
      return block.append({ ...op, at, value: shadow(op.value, block) });
    }
    mirrored(block, () => {
      displaced.set(op, { at, shadow: block.load(at, beside(op.value, role)) });
    });
    block.append(op);
    mirrored(block, () => block.append({ ...op, at, value: shadow(op.value, block) }));
  };

  /** What is stored where nothing was gives its shadow a cell to add to. */
  const makePresent = (at: Location, block: Block): void => {
    const then = block.inner();
    then.store(at, then.constant(0));
    block.if(isAbsentAt(at, block), then.yield([], []), block.inner().yield([], []), []);
  };

  const isAbsentAt = (at: Location, block: Block): Value => {
    const absent = makeValue(booleanType);
    block.append({ kind: "isAbsent", results: [absent], value: block.load(at) });
    return absent;
  };

  const allocateShadow = (op: AllocateOp, result: Value, block: Block): void => {
    const { initial } = op;
    const append = (shadowInitial: AllocateOp["initial"]): void =>
      block.append({ kind: "allocate", results: [makeShadow(result)], initial: shadowInitial });
    switch (initial.kind) {
      case "zeros":
        return append({ kind: "zeros", length: initial.length });
      case "filled":
        return needsShadow(initial.value)
          ? append({ kind: "filled", length: initial.length, value: shadow(initial.value) })
          : append({ kind: "zeros", length: initial.length });
      case "copy":
        return (elementIsReference(result.type) || rules !== null) && needsShadow(initial.source)
          ? append({ ...initial, source: shadow(initial.source) })
          : append({ kind: "zerosLike", of: result });
      case "parts": {
        const { type } = result;
        const parts = initial.parts.flatMap((part, index) => {
          if (!keepsPart(type, index)) return [];
          // an integer may stand where a tuple has numbers
          const place = (type.kind === "tuple" ? type.elements[index] : undefined) ?? part.type;
          return [needsShadow(part) ? shadow(part) : zeroPart(part, place, type, block)];
        });
        return append({ kind: "parts", parts });
      }
      case "zerosLike":
        return append(initial);
    }
  };

  const zeroPart = (part: Value, place: Type, container: Type, block: Block): Value => {
    // a tuple has no shadow where none of its members has one
    const hasPlace = container.kind !== "tuple" || carriesDerivative(place);
    if (isAbsence(part.type)) return hasPlace ? part : block.constant(undefined);
    if (isEmptyRecord(part.type) && hasPlace) return emptyShadow(part, block);
    if (part.type.kind === "opaque" && container.kind === "record") return block.constant(undefined);
    if (isReference(part.type) && carriesDerivative(part.type)) {
      return block.allocate(shadowType(part.type), { kind: "zerosLike", of: part }, beside(part, role));
    }
    return block.constant(hasPlace ? 0 : undefined);
  };

  const visitIf = (op: IfOp, block: Block): void => {
    const extended = op.results.flatMap((result, index) => (needsShadow(result) ? [{ index, result }] : []));
    const more = (yielded: readonly Value[], inner: Block): readonly Value[] =>
      extended.flatMap(({ index }) => {
        const value = yielded[index];
        return value === undefined ? [] : [shadow(value, inner)];
      });
    const [then, otherwise] = [visitRegion(op.then, [], more), visitRegion(op.else, [], more)];
    const results = [...op.results, ...extended.map(({ result }) => makeShadow(result))];
    block.append({ ...op, results, then, else: otherwise });
  };

  const visitLoop = (op: LoopOp, block: Block): void => {
    const extended = op.initial.flatMap((initial, index) => {
      const [param, result] = [op.body.params[index + 1], op.results[index + 2]];
      if (param === undefined || result === undefined || !(needsShadow(param) || needsShadow(result))) return [];
      return [{ index, initial: shadow(initial, block), param: makeShadow(param), result: makeShadow(result) }];
    });
    const body = visitRegion(op.body, [], (yielded, inner) =>
      extended.flatMap(({ index }) => {
        const value = yielded[index + 1];
        return value === undefined ? [] : [shadow(value, inner)];
      }),
    );
    block.append({
      ...op,
      results: [...op.results, ...extended.map(({ result }) => result)],
      initial: [...op.initial, ...extended.map(({ initial }) => initial)],
      body: { ...body, params: [...body.params, ...extended.map(({ param }) => param)] },
    });
  };

  for (const op of preamble) shadowOps.add(op);
  return { body: visitRegion(body, preamble), shadowOf, shadowOps, displaced, filled, splits };
}

/** Results that an augmented primal gives with their shadow. */
export const isShadowed = ({ type }: Value): boolean => isReference(type) && carriesDerivative(type);

type SnapshotOp = AllocateOp & { readonly initial: Extract<AllocateOp["initial"], { kind: "copy" }> };

/** A copy that remembers values, and adds to the shadow of its source. */
export const isSnapshot = (op: AllocateOp): op is SnapshotOp =>
  op.initial.kind === "copy" && op.initial.snapshot === true;

const elementIsReference = (type: Type): boolean => type.kind === "array" && isReference(type.element);

/** Has a part of a literal a place in the shadow? */
export const keepsPart = (type: Type, index: number): boolean => {
  if (type.kind !== "record") return true;
  const part = type.fields[index];
  return part !== undefined && fieldCarries(part);
};

/** The cell in a shadow that stands for `at`, at an index that may be another value in the reverse sweep. */
export const cellOfShadow = (at: Location, shadow: Value, index: Value | null): Location =>
  at.kind === "field" || index === null ? { ...at, base: shadow } : element(shadow, index);

/** Is it a record whose shadow has no fields? */
const isEmptyRecord = (type: Type): boolean => type.kind === "record" && !carriesDerivative(type);
