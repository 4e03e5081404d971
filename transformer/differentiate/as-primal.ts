/**
 * A derivative as a function that is differentiated in its turn, or called by one that is: as if the user had written
 * it. Its results are put together as its caller sees them, and what stood beside a variable is a variable itself:
 *
 *   f_gradient(x, w) -> dx, dW     =>     f_gradient(x active, w duplicated) -> [dx, dW]
 *                                         where the tangent of `dx` is called `dxDot`, its adjoint `ddx`
 */
import { Block, makeValue } from "../ir/build.js";
import {
  booleanType,
  carriesDerivative,
  isReference,
  numberType,
  type Field,
  type IRFunction,
  type Op,
  type Origin,
  type Parameter,
  type Region,
  type Role,
  type Type,
  type Value,
  type Variable,
} from "../ir/ir.js";
import { mapExit, rebuild } from "../ir/traverse.js";
import { roleName } from "../ir/roles.js";
import type { Derived, DerivedFunction, ResultShape } from "./derivative.js";
import { openTapes } from "./open-tapes.js";

export interface AsPrimal {
  readonly main: IRFunction;
  readonly helpers: readonly IRFunction[];
  /** In mode vjp: takes the tape, if it needs one, and the seed. The main function gives the value and the tape. */
  readonly pullback: IRFunction | null;
}

/**
 * `helpers`: the functions that it calls, of those that the same differentiation made. `declared`: the parameters of
 * what it is the derivative of, which keep their activity.
 */
export function asPrimal(
  { pullback, ...derived }: Derived,
  helpers: readonly IRFunction[],
  declared: readonly Parameter[],
): AsPrimal {
  const main = withOneResult(pullback === undefined ? derived : { ...derived, shape: valueAndTape(derived) }, declared);
  // Its caller knows whether a seed is given.
  const pass = pullback === undefined ? null : withOneResult({ ...pullback, defaults: new Map() }, []);
  const open = openTapes([main, ...(pass === null ? [] : [pass]), ...helpers]);
  return {
    main: settle(main, open),
    helpers: helpers.map((helper) => settle(helper, open)),
    pullback: pass === null ? null : settle(pass, open),
  };
}

/** What a pullback is made of, without the function. */
const valueAndTape = ({ fn }: DerivedFunction): ResultShape => ({
  kind: "tuple",
  entries: fn.results.map(() => ({ kind: "bare" })),
});

function withOneResult({ fn, shape, defaults }: DerivedFunction, declared: readonly Parameter[]): IRFunction {
  const block = new Block(false);
  const own = new Map(declared.map((param) => [param.value, param]));
  const params = fn.params.map((param): Parameter => {
    const kept = own.get(param.value);
    if (kept !== undefined) return kept;
    const { value, name } = param;
    const readonly = param.isReadonly === true ? { isReadonly: true as const } : {};
    const activity = !carriesDerivative(value.type) ? "const" : isReference(value.type) ? "duplicated" : "active";
    const fallback = defaults.get(value);
    if (fallback === undefined) return { value, name, activity, typeText: null, ...readonly };
    const given = makeValue({ kind: "optional", of: value.type }, value.origin);
    orDefault(given, value, Number(fallback), block);
    return { value: given, name, activity, typeText: null };
  });
  for (const op of fn.body.ops) block.append(op);
  const { exit } = fn.body;
  // A derivative that happens to be a whole number is a number all the same.
  const results = packedTypes(
    shape,
    fn.results.map((type) => (type.kind === "integer" ? numberType : type)),
  );
  const body = block.region(
    [],
    exit.kind !== "return" ? exit : { kind: "return", values: pack(shape, results, [...exit.values], block) },
  );
  return { ...fn, params, results, body, derivation: null };
}

/** `value` is what was given, or the default. */
function orDefault(given: Value, value: Value, fallback: number, block: Block): void {
  const absent = makeValue(booleanType);
  block.append({ kind: "isAbsent", results: [absent], value: given });
  const [then, otherwise] = [block.inner(), block.inner()];
  const present = makeValue(numberType, given.origin);
  otherwise.append({ kind: "unwrap", results: [present], value: given });
  const usual = then.constant(fallback, given.origin, null, numberType);
  block.if(absent, then.yield([], [usual]), otherwise.yield([], [present]), [value]);
}

// ---- Results as one value ------------------------------------------------------------

type ObjectShape = Extract<ResultShape, { readonly kind: "object" }>;
const partsOf = ({ entries }: ObjectShape): ObjectShape["entries"] =>
  entries.filter(({ shape }) => shape.kind !== "none");

const entriesOf = (shape: ResultShape): readonly ResultShape[] => (shape.kind === "tuple" ? shape.entries : []);

/** The type of the results put together; consumes the types of the results in order. */
function packedTypes(shape: ResultShape, types: Type[]): readonly Type[] {
  switch (shape.kind) {
    case "none":
      return [];
    case "function":
      throw new Error("a pullback is no value that can be differentiated");
    case "bare":
      return types.splice(0, 1);
    case "tuple":
      return [{ kind: "tuple", elements: shape.entries.flatMap((inner) => packedTypes(inner, types)) }];
    case "object": {
      const fields = partsOf(shape).flatMap(({ name, shape: inner }): readonly Field[] =>
        packedTypes(inner, types).map((type) => ({ name, type })),
      );
      return [{ kind: "record", name: null, fields }];
    }
  }
}

/** Puts the results together; consumes them in order. */
function pack(shape: ResultShape, types: readonly Type[], values: Value[], block: Block): readonly Value[] {
  const [type] = types;
  if (type === undefined) return [];
  if (shape.kind === "bare") return values.splice(0, 1);
  const inside =
    type.kind === "record" ? type.fields.map((part) => part.type) : type.kind === "tuple" ? type.elements : [];
  const shapes = shape.kind === "object" ? partsOf(shape).map((entry) => entry.shape) : entriesOf(shape);
  const parts = shapes.flatMap((inner, index) => {
    const part = inside[index];
    return part === undefined ? [] : pack(inner, [part], values, block);
  });
  return [block.allocate(type, { kind: "parts", parts })];
}

// ---- Roles ---------------------------------------------------------------------------

/** The adjoint of `x` becomes a variable `dx`, and tapes are opened. */
function settle(fn: IRFunction, open: (type: Type) => Type): IRFunction {
  const variables = new Map<Variable, Map<Role, Variable>>();
  const settleOrigin = ({ span, variable, role }: Origin): Origin => {
    if (variable === null || role === "primal") return { span, variable, role: "primal" };
    const ofRole = variables.get(variable) ?? new Map<Role, Variable>();
    variables.set(variable, ofRole);
    const settled = ofRole.get(role) ?? { name: roleName(variable, role) };
    ofRole.set(role, settled);
    return { span, variable: settled, role: "primal" };
  };
  const values = new Map<Value, Value>();
  const look = (value: Value): Value => {
    const known = values.get(value);
    if (known !== undefined) return known;
    const type = open(value.type);
    const isSettled = value.origin.role === "primal" && type === value.type;
    const settled = isSettled ? value : { type, origin: settleOrigin(value.origin) };
    values.set(value, settled);
    return settled;
  };
  const visit = (region: Region): Region => ({
    params: region.params.map(look),
    ops: region.ops.map((op) => rebuild(withoutSnapshot(op), { value: look, region: visit, result: look })),
    exit: mapExit(region.exit, look),
  });
  const params = fn.params.map((param) => {
    const value = look(param.value);
    return value === param.value ? param : { ...param, value, name: value.origin.variable?.name ?? param.name };
  });
  return { ...fn, params, results: fn.results.map(open), body: visit(fn.body) };
}

/** Once it is a function like any other, a copy that remembers values is a copy. */
const withoutSnapshot = (op: Op): Op => {
  if (op.kind !== "allocate" || op.initial.kind !== "copy") return op;
  const { kind, source, from, to } = op.initial;
  return { ...op, initial: { kind, source, from, to } };
};
