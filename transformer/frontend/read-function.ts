/**
 * What reading a member of an object gives that holds functions: the function, or what a getter of its literal answers.
 *
 *   const v = { x, y, get length() { return Math.hypot(this.x, this.y); } };   v.length   =>   Math.hypot(v.x, v.y)
 */
import type ts from "typescript";
import type { Value } from "../ir/ir.js";
import { originOf, refused, type Callable, type Cursor } from "./environment.js";
import { functionsIn, functionValue, isGetter, onObject, setterOf } from "./function-value.js";
import { callCallable } from "./lower-call.js";

/** null: the object holds no function of that name. */
export function readFunction(cursor: Cursor, base: Value, name: string, node: ts.Node): Value | null {
  const held = functionsIn(cursor.session, base)?.get(name);
  if (held === undefined) {
    if (setterOf(cursor.session, base, name) === null) return null;
    return refused(cursor, node, "EZ2001", {
      what: `reading \`${name}\`, which has a setter alone,`,
      advice: "give it a getter",
    });
  }
  if (held.kind === "list") return held.list;
  if (isGetter(held)) {
    const answer = callCallable(cursor, onObject(held, base), [], node, null);
    return answer ?? cursor.block.constant(undefined, originOf(node));
  }
  if (held.kind === "choice" && mayBe(held, isGetter))
    return refused(cursor, node, "EZ2001", {
      what: `\`${name}\`, which is a getter of one of two objects,`,
      advice: "give both of them a getter, or a field",
    });
  if (held.kind === "choice" && mayBe(held, (one) => one.kind === "list"))
    return refused(cursor, node, "EZ2001", {
      what: `\`${name}\`, a list of functions of one of two objects,`,
      advice: "call them where it is known which object it is",
    });
  const isOwn = held.kind === "closure" && held.isOfInstance === true;
  return functionValue(cursor, isOwn ? onObject(held, base) : held, node);
}

const mayBe = (callable: Callable, test: (one: Callable) => boolean): boolean =>
  test(callable) ||
  (callable.kind === "choice" &&
    [...callable.ways.map((one) => one.callable), callable.otherwise].some((one) => one !== null && mayBe(one, test)));
