/**
 * Forward mode: the primal with a tangent beside every active value (Griewank & Walther, ch. 3.1).
 *
 *   f(x) -> y     =>     f_forward(x, xDot) -> yDot
 *
 * A tangent is the shadow of a number: it is carried, chosen, stored and loaded as its primal is, by
 * the same code that gives references their shadows; only scalar operations need their rule.
 */
import { analyzeActivity, type Activity } from "../analyze/activity.js";
import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import { analyzeRanges } from "../analyze/ranges.js";
import { buildRegionTree } from "../analyze/region-tree.js";
import type { Compilation } from "../compilation.js";
import { Block, makeValue } from "../ir/build.js";
import { carriesDerivative, isReference, numberType, type IRFunction, type Parameter, type Value } from "../ir/ir.js";
import { applyScale, ruleOf } from "./apply-rule.js";
import { asDerivative, type DerivedFunction } from "./derivative.js";
import type { Derivatives } from "./derivatives.js";
import { checkDistinct } from "./entry-checks.js";
import { findGuardedTerms } from "./guarded-terms.js";
import { findInfiniteTangents } from "./infinite-tangents.js";
import type { Caller } from "./plan.js";
import { checkArguments, refuseActiveWrites, refuseShared, ruleAt, tangentByRule, writtenBy } from "./rule-calls.js";
import { shadowBody, type TangentRules } from "./shadows.js";
import { beside, shadowType } from "./shadow-type.js";

export type ForwardMode = "forward" | "forwardWithPrimal";

/** The derivative of a function along one direction. */
export function differentiateForward(
  primal: IRFunction,
  mode: ForwardMode,
  name: string,
  compilation: Compilation,
  derivatives: Derivatives,
  caller: Caller = "user",
): DerivedFunction {
  const primalAliases = analyzeAliases(primal, compilation);
  const activity = analyzeActivity(primal, primalAliases, {
    outputsInMemory: true,
    handsOut: caller === "derivative" && mode === "forwardWithPrimal",
  });
  refuseActiveWrites(primal, activity);
  const tangents = new Map<Value, Value>();
  const preamble = new Block(false);
  const params: Parameter[] = [];
  // What a derivative is handed by another one is distinct where the arguments of their primals are.
  if (caller === "user" && primal.derivation === null) checkDistinct(preamble, name, primal.params, primalAliases);
  for (const param of primal.params) {
    params.push(param);
    const { value } = param;
    if (!carriesDerivative(value.type)) continue;
    const tangent = makeValue(shadowType(value.type), beside(value, "tangent"));
    if (param.activity !== "const") {
      tangents.set(value, tangent);
      params.push({ value: tangent, name: param.name, activity: "const", typeText: null });
    } else if (isReference(value.type) && activity.isActive(value)) {
      tangents.set(value, tangent);
      preamble.append({ kind: "allocate", results: [tangent], initial: { kind: "zerosLike", of: value } });
    }
  }
  const { body, shadowOf } = shadowBody(primal.body, tangents, preamble.ops, activity, {
    kind: "tangent",
    apply: tangentRule(primal, activity, primalAliases),
    rule: (op, sites, tangentOf) => {
      const callee = ruleAt(op, compilation);
      if (callee === null) return null;
      checkArguments(op, callee, (value) => activity.isActive(value));
      refuseShared(op, callee, primalAliases);
      const tangent = tangentByRule(op, callee, tangentOf, compilation, sites);
      return { tangent, written: writtenBy(op, callee) };
    },
    call: (op, activities) => derivatives.request(op.callee, "forwardWithPrimal", activities).name,
  });
  const block = new Block(true);
  for (const op of body.ops) block.append(op);
  const values = primal.body.exit.kind === "return" ? primal.body.exit.values : [];
  const dots = values.map(
    (value) =>
      shadowOf.get(value) ??
      (isReference(value.type)
        ? block.allocate(shadowType(value.type), { kind: "zerosLike", of: value }, beside(value, "tangent"))
        : block.constant(0, beside(value, "tangent"), null, numberType)),
  );
  const withPrimal = mode === "forwardWithPrimal" && values.length > 0;
  const returned = withPrimal ? [...values, ...dots] : dots;
  const bare = { kind: "bare" } as const;
  const fn = asDerivative(primal, mode, name, params, block, returned);
  return {
    fn,
    shape: withPrimal
      ? {
          kind: "object",
          entries: [
            { name: "value", shape: bare },
            { name: "tangent", shape: bare },
          ],
        }
      : { kind: values.length === 0 ? "none" : "bare" },
    defaults: new Map(),
  };
}

/** The sum of the rule's maps applied to the tangents of the arguments. */
function tangentRule(primal: IRFunction, activity: Activity, aliases: Aliases): TangentRules["apply"] {
  const tree = buildRegionTree(primal);
  const ranges = analyzeRanges(tree);
  const terms = findGuardedTerms(primal, tree);
  const { isFlattened, isStretched } = findInfiniteTangents(primal, activity, aliases, tree, ranges);
  return (op, block, tangentOf) => {
    const summands: Value[] = [];
    ruleOf(op, tree, terms).forEach((scale, index) => {
      const arg = op.args[index];
      const tangent = arg === undefined ? null : tangentOf(arg);
      if (scale === null || tangent === null) return;
      const applied = (d: Value): Value => applyScale(scale, op, d, (value) => value, ranges, block);
      const asked = isFlattened(op) ? applied(block.constant(1)) : isStretched(op, index) ? tangent : null;
      const term = asked === null ? applied(tangent) : block.apply("guard", [asked, applied(tangent)]);
      const before = summands.at(-1);
      const origin = { span: null, variable: null, role: "tangent" } as const;
      summands.push(before === undefined ? term : block.apply("add", [before, term], origin));
    });
    return summands.at(-1) ?? block.constant(0);
  };
}
