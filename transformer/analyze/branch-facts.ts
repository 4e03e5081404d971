/**
 * What the tests of the branches around a region say of values: `x` is greater than 0 in
 * `if (x > 0) { ... }`. A value that is NaN fails every test, and is outside the question.
 */
import type { Region, Value } from "../ir/ir.js";
import type { RegionTree } from "./region-tree.js";

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

export function branchFactsAt(region: Region, tree: RegionTree): readonly BranchFact[] {
  const facts: BranchFact[] = [];
  const follow = (test: Value, truth: boolean): void => {
    const { op } = tree.definitionOf(test);
    if (op?.kind === "if") {
      // `a && b`, lowered: if a { yield b } else { yield false }
      const position = op.results.indexOf(test);
      const [then, otherwise] = [op.then, op.else].map(({ exit }) =>
        exit.kind === "yield" ? exit.values[position] : undefined,
      );
      for (const [mine, other, taken] of [
        [then, otherwise, true],
        [otherwise, then, false],
      ] as const) {
        const decided = other === undefined ? null : tree.definitionOf(other).op;
        if (mine === undefined || decided?.kind !== "constant" || decided.value !== !truth) continue;
        follow(op.test, taken);
        follow(mine, truth);
      }
      return;
    }
    if (op?.kind !== "apply") return;
    const [a, b] = op.args;
    if (op.primitive === "not" && a !== undefined) follow(a, !truth);
    if (op.primitive === (truth ? "and" : "or")) op.args.forEach((arg) => follow(arg, truth));
    if (!isRelation(op.primitive) || a === undefined || b === undefined) return;
    const relation = truth ? op.primitive : negated[op.primitive];
    facts.push({ value: a, relation, other: b }, { value: b, relation: mirrored[relation], other: a });
  };
  for (const one of tree.pathTo(region)) {
    const owner = tree.ownerOf(one);
    if (owner?.kind === "if") follow(owner.test, one === owner.then);
  }
  return facts;
}
