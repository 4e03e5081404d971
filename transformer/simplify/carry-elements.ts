import type { Compilation } from "../compilation.js";
import { Block, element, makeValue } from "../ir/build.js";
import {
  numberType,
  type AccumulateOp,
  type IRFunction,
  type Location,
  type LoopOp,
  type Op,
  type Origin,
  type Region,
  type Value,
} from "../ir/ir.js";
import { regionsOf } from "../ir/traverse.js";
import { carryMore, rewriteLoops, type Carried, type MemoryFacts } from "./carry-more.js";
import { touchesMemory } from "./merge-accumulates.js";

/**
 * Carries an element that every iteration of a loop adds to, instead of reading and writing memory each time.
 *
 *   for j { accumulate y[i] v }   =>   s = load y[i]; for j carrying s { s = s + v }; store y[i] s
 *
 * The additions are the same in the same order. Safe where everything else in the loop surely touches other elements, and
 * nothing leaves it by throwing; an index out of range reads nothing and writes nothing, so only for typed arrays. A step
 * behind all analyses, which know more of additions.
 */
export function carryElements(fn: IRFunction, compilation: Compilation): IRFunction {
  if (!hasCandidates(fn.body)) return fn;
  return rewriteLoops(fn, compilation, (loop, inner, facts) => {
    const elements = elementsOf(loop, facts);
    return elements.length === 0 ? [inner] : carry(inner, elements);
  });
}

/** An element that a loop only adds to, with the additions to it. */
interface Element {
  readonly first: AccumulateOp;
  /** Its index, where that is written down in the loop. */
  readonly literal: number | null;
  readonly additions: ReadonlySet<Op>;
}

/** Is a number added to an element that keeps it as it is? Arrays of lesser precision round it each time. */
function isAddition(op: Op): op is AccumulateOp {
  if (op.kind !== "accumulate" || op.at.kind !== "element") return false;
  const { type } = op.at.base;
  return type.kind === "array" && type.storage === "Float64Array";
}

function hasCandidates(region: Region): boolean {
  return region.ops.some(
    (op) => (op.kind === "loop" && op.body.ops.some(isAddition)) || regionsOf(op).some(hasCandidates),
  );
}

function elementsOf(loop: LoopOp, { tree, aliases, bounds }: MemoryFacts): readonly Element[] {
  const { body } = loop;
  if (body.exit.kind !== "yield") return [];
  const isFixed = (value: Value): boolean => !tree.isWithin(tree.definitionOf(value).region, body);
  const literalOf = (index: Value): number | null => {
    const literal = isFixed(index) ? null : aliases.definitions.literalOf(index);
    return typeof literal === "number" ? literal : null;
  };
  const isSame = (one: AccumulateOp, other: AccumulateOp): boolean => {
    if (one.at.kind !== "element" || other.at.kind !== "element" || one.at.base !== other.at.base) return false;
    const literal = literalOf(one.at.index);
    return one.at.index === other.at.index || (literal !== null && literal === literalOf(other.at.index));
  };
  const groups: AccumulateOp[][] = [];
  for (const op of body.ops) {
    if (!isAddition(op) || op.at.kind !== "element" || !isFixed(op.at.base)) continue;
    if (!isFixed(op.at.index) && literalOf(op.at.index) === null) continue;
    const group = groups.find(([one]) => one !== undefined && isSame(one, op));
    if (group === undefined) groups.push([op]);
    else group.push(op);
  }
  return groups.flatMap((group): readonly Element[] => {
    const [first] = group;
    if (first?.at.kind !== "element") return [];
    const literal = literalOf(first.at.index);
    const additions = new Set<Op>(group);
    const memory = new Set([aliases.classOf(first.at.base)]);
    const staysAway = (region: Region): boolean =>
      region.ops.every((op) => {
        if (additions.has(op) || !touchesMemory(op, aliases, memory, true)) return true;
        if (op.kind === "loop" || op.kind === "if")
          return regionsOf(op).every((inner) => inner.exit.kind !== "throw" && staysAway(inner));
        const isCell = op.kind === "load" || op.kind === "store" || op.kind === "accumulate";
        return isCell && op.at.base === first.at.base && bounds.staysApart(null, first, op);
      });
    return staysAway(body) ? [{ first, literal, additions }] : [];
  });
}

/** The loop with the elements carried, between where they are read and where they are written. */
function carry(loop: LoopOp, elements: readonly Element[]): readonly Op[] {
  const { body } = loop;
  if (body.exit.kind !== "yield") return [loop];
  const [before, behind] = [new Block(true), new Block(true)];
  const places = elements.map((one) => {
    const param = makeValue(numberType, originOf(one.first));
    return { ...one, param, sum: param };
  });
  const ops = body.ops.map((op): Op => {
    const place = places.find(({ additions }) => additions.has(op));
    if (op.kind !== "accumulate" || place === undefined) return op;
    const args = [place.sum, op.value];
    place.sum = makeValue(numberType, place.param.origin);
    return { kind: "apply", results: [place.sum], primitive: "add", args };
  });
  const carried = places.map(({ first, literal, param, sum }): Carried => {
    const initial = before.load(placeAt(first, literal, before), param.origin);
    const result = makeValue(numberType, param.origin);
    behind.store(placeAt(first, literal, behind), result);
    return { initial, param, next: sum, result };
  });
  return [...before.ops, carryMore(loop, ops, body.exit.values, carried), ...behind.ops];
}

/** The element outside of the loop. */
const placeAt = ({ at }: AccumulateOp, literal: number | null, block: Block): Location =>
  literal === null ? at : element(at.base, block.constant(literal));

/** A sum of what is added to an array. */
function originOf({ at: { base } }: AccumulateOp): Origin {
  const { variable, role } = base.origin;
  return { span: null, variable: variable === null ? null : { name: `${variable.name}Sum` }, role };
}
