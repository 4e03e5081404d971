/**
 * Instances of classes that extend `Array`: arrays, whose elements `super(...)` makes.
 *
 *   class Vec2 extends Array { constructor(x, y) { super(x, y); } get x() { return this[0]; } }
 *   new Vec2(1, 2).x   =>   [1, 2][0]
 */
import ts from "typescript";
import { numberType, type ArrayType, type Value } from "../ir/ir.js";
import { baseExpression, baseOf, type Maker } from "./class-members.js";
import { isPoisoned, originOf, refused, type Cursor } from "./environment.js";
import type { Argument } from "./lower-call.js";
import { numericOperand } from "./lower-operator.js";
import { isGlobal } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

/** The most elements that `super(n)` makes. */
const largest = 64;

/** Does a class extend `Array`, or another that does? */
export function isArrayClass(session: LoweringSession, maker: Maker): boolean {
  for (let at: Maker | null = maker, depth = 0; at !== null && depth < 20; depth++) {
    const base = ts.isClassLike(at) ? baseExpression(at) : null;
    if (base !== null && isGlobal(session, base, "Array")) return true;
    at = baseOf(session, at);
  }
  return false;
}

/** The length, an element, the iterator, or a key that is computed. */
const changing = /^(?:length|\d+|\[(?!Symbol\.).*|\[Symbol\.iterator\])$/;

const isStatic = (member: ts.ClassElement): boolean =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;

/** A member by which a class changes what an array is to the language: its length, its elements, how it is walked. */
export function changedMember(session: LoweringSession, maker: Maker): ts.ClassElement | null {
  for (let at: Maker | null = maker, depth = 0; at !== null && depth < 20; depth++) {
    const members = ts.isClassLike(at) ? at.members : [];
    const found = members.find((one) => !isStatic(one) && changing.test(one.name?.getText() ?? ""));
    if (found !== undefined) return found;
    at = baseOf(session, at);
  }
  return null;
}

/** One type for all instances of a class, by which their methods are found wherever they go. */
function typeOfInstances({ arrayTypes, makers }: LoweringSession, maker: Maker): ArrayType {
  const known = arrayTypes.get(maker);
  if (known !== undefined) return known;
  const type: ArrayType = { kind: "array", element: numberType, storage: "Array", identity: {} };
  arrayTypes.set(maker, type);
  makers.set(type, maker);
  return type;
}

/** What `super(...)` makes: its arguments, or as many empty places as its one argument says. */
export function makeElements(
  cursor: Cursor,
  maker: Maker,
  name: string | null,
  args: readonly Argument[],
  node: ts.Node,
): Value {
  const { block, session } = cursor;
  const given = args.map((one) => (one.kind === "value" ? one.value : null));
  const parts: Value[] = [];
  const [first] = given;
  const isCount = given.length === 1 && (first?.type.kind === "integer" || first?.type.kind === "number");
  const count = isCount ? block.literalOf(first) : null;
  if (typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= largest) {
    // Read before it is given a value, an element is undefined, which is NaN in arithmetic.
    for (let k = 0; k < count; k++) parts.push(block.constant(NaN, originOf(node), null, numberType));
  } else if (!isCount) {
    for (const one of given) {
      if (one === null) return refuseElements(cursor, node);
      parts.push(isPoisoned(cursor, one) ? one : numericOperand(cursor, one, node));
    }
  } else return refuseElements(cursor, node);
  const type = typeOfInstances(session, maker);
  const made = block.allocate(type, { kind: "parts", parts, maker: { name } }, originOf(node));
  session.present.add(made);
  session.certain.add(made);
  return made;
}

const refuseElements = (cursor: Cursor, node: ts.Node): Value =>
  refused(cursor, node, "EZ2001", {
    what: "an array class whose length is not known where it is made",
    advice: "hand `super` the elements, or a literal length",
  });

/** Methods that make another instance of the class of their array, by calling its constructor. */
export const makesAnother = (name: string): boolean =>
  ["map", "filter", "slice", "concat", "splice", "flat", "flatMap"].includes(name);
