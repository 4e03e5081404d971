import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";
import { isDerivative } from "../ir/roles.js";
import { walk } from "../ir/traverse.js";
import { usersIn } from "../ir/users.js";
import { rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

/**
 * Lets signs of derivatives float down to where they cost nothing: into a sum, or another sign.
 *
 *   n = neg d; r = div n t; g = guard n r; s = sub x g   =>   r = div d t; g = guard d r; s = add x g
 *
 * A sign floats only where every use takes it in, so that no other appears. Signs commute with products, quotients
 * and guards exactly (but for the sign of a zero that a guard gives); only values that serve derivatives alone change.
 */
export function floatSigns(fn: IRFunction): IRFunction {
  const users = usersIn(fn);
  const flipped = new Set<Value>();
  walk(fn.body, (op) => {
    const [value] = op.results;
    if (op.kind !== "apply" || op.primitive !== "neg" || value === undefined) return;
    const chain = op.args.some((arg) => flipped.has(arg)) ? null : chainOf(value, users, flipped);
    chain?.forEach((one) => flipped.add(one));
  });
  if (flipped.size === 0) return fn;
  return withBody(fn, flip(fn.body, flipped, new Map(), new Substitution()));
}

/** The operations that use a value; null where it leaves a region. */
type Users = ReadonlyMap<Value, readonly (Op | null)[]>;

const isDerivativeNumber = (value: Value): boolean => isDerivative(value) && value.type.kind === "number";

/** What becomes of the sign of an operand: taken in, handed on to the result, or in need of an operation of its own. */
function signOf(primitive: Primitive, at: number): "taken" | "passed" | "kept" {
  switch (primitive) {
    case "neg":
    case "add":
      return "taken";
    case "sub":
      return at === 1 ? "taken" : "passed";
    case "guard":
      return at === 0 ? "taken" : "passed";
    case "mul":
    case "div":
      return "passed";
    default:
      return "kept";
  }
}

/** What changes its sign with a value; null where a sign would be left over, or nothing would be gained. */
function chainOf(start: Value, users: Users, flipped: ReadonlySet<Value>): ReadonlySet<Value> | null {
  const chain = new Set<Value>([start]);
  let isGain = false;
  for (const value of chain) {
    if (!isDerivativeNumber(value) || flipped.has(value)) return null;
    for (const user of users.get(value) ?? []) {
      if (user?.kind === "accumulate" && user.value === value && isDerivative(user.at.base)) {
        // printed as `-=`, as it is already where the sign stands in front of it
        isGain ||= value !== start;
        continue;
      }
      const [result] = user?.results ?? [];
      if (user?.kind !== "apply" || result === undefined || !isDerivativeNumber(result)) return null;
      const signs = user.args.flatMap((arg, at) => (arg === value ? [signOf(user.primitive, at)] : []));
      if (signs.includes("kept") || user.args.some((arg) => flipped.has(arg))) return null;
      if (signs.includes("passed")) chain.add(result);
      isGain = true;
    }
  }
  // Where two of them meet in one operation, signs would have to be counted.
  const isMeeting = (op: Op | null): boolean =>
    op?.kind === "apply" && op.primitive !== "guard" && op.args.filter((arg) => chain.has(arg)).length > 1;
  return isGain && ![...chain].some((value) => users.get(value)?.some(isMeeting) === true) ? chain : null;
}

/** `twins`: what is computed in place of a value, without its sign. */
function flip(
  region: Region,
  flipped: ReadonlySet<Value>,
  twins: Map<Value, Value>,
  substitution: Substitution,
): Region {
  const twinOf = (value: Value): Value => twins.get(value) ?? value;
  const applied = (primitive: Primitive, args: readonly Value[], result: Value): Op => ({
    kind: "apply",
    results: [result],
    primitive,
    args,
  });
  return rewriteRegion(region, substitution, (op, out: Op[]) => {
    const [result] = op.results;
    if (op.kind === "accumulate" && flipped.has(op.value)) {
      const negative: Value = { type: op.value.type, origin: { ...op.value.origin, variable: null } };
      out.push(applied("neg", [twinOf(op.value)], negative), { ...op, value: negative });
      return;
    }
    if (
      op.kind !== "apply" ||
      result === undefined ||
      !(flipped.has(result) || op.args.some((arg) => flipped.has(arg)))
    ) {
      out.push(withRegions(op, (inner) => flip(inner, flipped, twins, substitution)));
      return;
    }
    const args = op.args.map(twinOf);
    const [a, b] = args;
    if (a === undefined) return void out.push(op);
    if (op.primitive === "neg") {
      if (flipped.has(result)) twins.set(result, a);
      else substitution.replace(result, a);
      return;
    }
    const target: Value = flipped.has(result)
      ? { type: result.type, origin: { ...result.origin, variable: null } }
      : result;
    if (target !== result) twins.set(result, target);
    if (b === undefined || (op.primitive !== "add" && op.primitive !== "sub")) {
      out.push(applied(op.primitive, args, target));
    } else if (op.primitive === "sub") out.push(applied("add", [a, b], target));
    else out.push(applied("sub", flipped.has(op.args[0] ?? a) ? [b, a] : [a, b], target));
  });
}
