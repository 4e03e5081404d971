/**
 * What the tests of the branches around a region say of values: `x` is greater than 0 in
 * `if (x > 0) { ... }`. A value that is NaN fails every test, and is outside the question.
 */
import type { Region, Value } from "../ir/ir.js";
import type { RegionTree } from "./region-tree.js";
import { outcomesOf } from "./test-outcomes.js";

export type Relation = "lt" | "le" | "gt" | "ge" | "eq" | "ne";

/** `value` stands in a relation to `other`. */
export interface BranchFact {
  readonly value: Value;
  readonly relation: Relation;
  readonly other: Value;
}

const negated: Readonly<Record<Relation, Relation>> = { lt: "ge", le: "gt", gt: "le", ge: "lt", eq: "ne", ne: "eq" };
const mirrored: Readonly<Record<Relation, Relation>> = { lt: "gt", le: "ge", gt: "lt", ge: "le", eq: "eq", ne: "ne" };
const isRelation = (primitive: string): primitive is Relation => primitive in negated;

/** What holds of values in a region, because of the branches that it stands in. */
export function branchFactsAt(region: Region, tree: RegionTree): readonly BranchFact[] {
  const facts: BranchFact[] = [];
  for (const one of tree.pathTo(region)) {
    const owner = tree.ownerOf(one);
    if (owner?.kind !== "if") continue;
    for (const { op, truth } of outcomesOf(owner.test, one === owner.then, tree)) {
      const [a, b] = op.args;
      if (!isRelation(op.primitive) || a === undefined || b === undefined) continue;
      const relation = truth ? op.primitive : negated[op.primitive];
      facts.push({ value: a, relation, other: b }, { value: b, relation: mirrored[relation], other: a });
    }
  }
  return facts;
}
