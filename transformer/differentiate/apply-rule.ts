/** How both modes use the rule of a scalar operation: the one table, made concrete for one operation. */
import type { Ranges } from "../analyze/ranges.js";
import type { RegionTree } from "../analyze/region-tree.js";
import type { Block } from "../ir/build.js";
import type { ApplyOp, Value } from "../ir/ir.js";
import { primitives, type Primitive } from "../ir/primitives.js";
import { scalarRules, type Scale } from "../rules/scalar.js";
import type { GuardedTerms } from "./guarded-terms.js";
import { argument, incoming, instantiate, literal, resultTerm, reuse, type Term } from "../rules/term.js";

/**
 * The maps d => partial * d, one for each argument; arguments that are literals come as literals. `terms`: what stands
 * under guards, where a derivative is differentiated.
 */
export function ruleOf(op: ApplyOp, tree: RegionTree, terms: GuardedTerms | null = null): readonly Scale[] {
  const args = op.args.map((arg, index): Term => {
    const { op: by } = tree.definitionOf(arg);
    // a constant with a name keeps it, except as an exponent, where its value decides the rule
    const isLiteral = by?.kind === "constant" && (by.text === null || op.primitive === "pow");
    return isLiteral && typeof by.value === "number" ? literal(by.value) : argument(index);
  });
  const scales = scalarRules[op.primitive](args, resultTerm);
  return terms === null ? scales : terms.guard(op, scales);
}

/**
 * The same for the reverse sweep, where a dear function of the same arguments that the primal computes in the same
 * region needs no second call: the derivative of a sine uses the cosine beside it.
 */
export function reusingRuleOf(op: ApplyOp, tree: RegionTree, terms: GuardedTerms): readonly Scale[] {
  const known = (primitive: Primitive, args: readonly Term[]): Value | null => {
    if (primitives[primitive].cost !== "dear") return null;
    const values = args.map((arg) => (arg.kind === "argument" ? op.args[arg.index] : undefined));
    const other = tree
      .placeOf(op)
      .region.ops.find(
        (one) =>
          one.kind === "apply" && one.primitive === primitive && one.args.every((arg, index) => arg === values[index]),
      );
    return other?.results[0] ?? null;
  };
  return ruleOf(op, tree, terms).map((scale) => (scale === null ? null : (d: Term) => reuse(scale(d), known)));
}

/** Appends partial * d, where `primal` gives the values that stand for the operation's own. */
export function applyScale(
  scale: Exclude<Scale, null>,
  op: ApplyOp,
  d: Value,
  primal: (value: Value) => Value,
  ranges: Ranges,
  block: Block,
): Value {
  const own = (value: Value | undefined): Value => {
    if (value === undefined) throw new Error(`${op.primitive} lacks an operand that its rule mentions`);
    return value;
  };
  const [result] = op.results;
  return instantiate(scale(incoming), block, {
    arg: (position) => primal(own(op.args[position])),
    result: () => primal(own(result)),
    primal,
    incoming: d,
    isNonzero: isNonzeroLeaf(op, ranges),
  });
}

const isNonzeroLeaf =
  (op: ApplyOp, ranges: Ranges) =>
  (leaf: Term): boolean => {
    if (leaf.kind === "literal") return leaf.value !== 0;
    const value = leaf.kind === "argument" ? op.args[leaf.index] : leaf.kind === "result" ? op.results[0] : undefined;
    return value !== undefined && ranges.isNonzero(value, op);
  };

/** May partial * d be infinite for a finite d: does the map guard itself? */
export function isGuarded(scale: Exclude<Scale, null>, op: ApplyOp, ranges: Ranges): boolean {
  const isNonzero = isNonzeroLeaf(op, ranges);
  const visit = (term: Term): boolean => {
    if (term.kind === "apply") return term.args.some(visit);
    if (term.kind !== "guarded") return false;
    return term.unlessNonzero === null || !isNonzero(term.unlessNonzero) || visit(term.term);
  };
  return visit(scale(incoming));
}
