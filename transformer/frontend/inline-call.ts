/** Calls of the user's functions whose bodies are lowered in place of the call. */
import type ts from "typescript";
import { booleanType, numberType, type Type, type Value } from "../ir/ir.js";
import { capturesOf } from "../syntax/captures.js";
import { typeOf } from "../syntax/type-of.js";
import { assignedSymbols } from "./assigned-symbols.js";
import { isExhausted } from "./effort.js";
import { originOf, poison, refused, Scope, type Closure, type Cursor, type Frame, type Handed } from "./environment.js";
import { fence } from "./fence.js";
import { runInside } from "./escape.js";
import { asksForArguments } from "./lower-arguments.js";
import { checkedType } from "./lower-expression.js";
import {
  answersSurely,
  declaredResult,
  lowerFunctionBody,
  makeFrame,
  returnedValues,
  tellIdleConst,
  unwrapTo,
} from "./lower-function.js";
import { exactClassOf, finishReturned } from "./lower-instance.js";
import { declaredParameter } from "./parameter-type.js";
import { closedCircle, openingAdvice } from "./visible-types.js";
import type { Argument } from "./lower-call.js";
import { calleeName, outlineCall } from "./outline-call.js";
import { givenArguments, bindArguments } from "./bind-arguments.js";

/** Lowers the body of a function in place of a call of it. */
export function inlineCall(cursor: Cursor, closure: Closure, args: readonly Argument[], node: ts.Node): Value | null {
  const { node: declaration, scope } = closure;
  const { session, frame } = cursor;
  if (isExhausted(session)) return poison(cursor, node);
  const name = calleeName(declaration);
  // `sum((i) => sum((j) => ...))` is no recursion; a function that calls itself is stopped soon.
  const depth = frame.inlining.filter((one) => one === declaration).length;
  // What is handed arrays within arrays comes to an end with them, and so does what is handed fewer and fewer things.
  const nesting = Math.max(0, ...args.map(nestingOf));
  const count = args.some((one) => one.kind === "spread") ? null : args.length;
  const before = frame.handed?.get(declaration);
  const classes = args.map((one) => (one.kind === "value" ? exactClassOf(cursor, one.value) : null));
  const isNew = isLess({ nesting, count }, before) || areOthers(classes, before);
  if (!isNew && depth > (args.some((one) => one.kind === "function") || isAnother(frame, closure) ? 3 : 0)) {
    const outlined = scope === null ? outlineCall(cursor, closure, args, node, null, { leadsBack: true }) : undefined;
    return outlined === undefined ? refused(cursor, node, "EZ2001", recursionDetails(cursor, closure, name)) : outlined;
  }
  fence(declaration, session);
  tellIdleConst(declaration, session);
  const inside = (at: Cursor): Cursor => ({
    ...at,
    scope: new Scope(scope),
    frame: {
      ...makeFrame(
        declaration,
        resultHere(cursor, declaration),
        false,
        [...frame.inlining, declaration],
        frame.outputFile,
        closure.thisValue,
      ),
      given: asksForArguments(session, declaration) ? givenArguments(cursor, args, closure) : null,
      entered: [...(frame.entered ?? []), closure],
      handed: new Map(frame.handed).set(declaration, {
        nesting,
        count,
        classes: [...(before?.classes ?? []), classes],
      }),
    },
    targets: null,
  });
  let callee = cursor;
  const end = runInside(cursor, (at) => {
    callee = inside(at);
    bindArguments(callee, declaration, args, node);
    return lowerFunctionBody(callee, declaration);
  });
  if (end === "left") {
    return callee.frame.returnSlot === null ? null : placeholderFor(cursor, node);
  }
  const returned = returnedValues({ ...callee, block: cursor.block, env: cursor.env }, end, node)[0] ?? null;
  const value = returned === null ? null : finishReturned(cursor, returned, callee.frame.inlining.length, node);
  // Where it threw there is no value, but there we are no more.
  const left = value?.type.kind === "optional" && checkedType(cursor, node)?.kind !== "optional";
  const isThere = left && (cursor.handler !== null || answersSurely(session, declaration));
  return isThere ? unwrapTo(cursor, value, value.type.of) : value;
}

/** Is this what no endless row of calls can hand over again and again? */
function isLess({ nesting, count }: Pick<Handed, "nesting" | "count">, before: Handed | undefined): boolean {
  if (before === undefined) return nesting < 0;
  if (nesting !== before.nesting) return nesting < before.nesting;
  return count !== null && before.count !== null && count < before.count;
}

/** In how many combinations of classes a function may be handed instances, one within the other. */
const mostClasses = 6;

/**
 * Are these instances of other classes than a function was handed in the calls around?
 *
 *   distance(polygon, p) { ... distance(edge, p) ... }
 */
function areOthers(classes: readonly (object | null)[], before: Handed | undefined): boolean {
  if (before === undefined || before.classes.length >= mostClasses) return false;
  const isSame = (one: readonly (object | null)[]): boolean =>
    one.length === classes.length && one.every((of, k) => of === classes[k]);
  return classes.some((of) => of !== null) && !before.classes.some(isSame);
}

/** How many arrays deep what is handed over is. */
function nestingOf(one: Argument): number {
  const deep = (type: Type): number => {
    if (type.kind === "array") return 1 + deep(type.element);
    if (type.kind === "tuple") return 1 + Math.max(0, ...type.elements.map(deep));
    return type.kind === "optional" ? deep(type.of) : 0;
  };
  if (one.kind === "function") return 0;
  return one.kind === "spread" ? deep(one.value.type) - 1 : deep(one.value.type);
}

/** `scaled(scaled(f, a), b)(x)`: two functions of one text, each with variables of its own around it. */
const isAnother = ({ entered = [] }: Frame, { node, scope }: Closure): boolean =>
  scope !== null && entered.every((one) => one.node !== node || one.scope !== scope);

/** Why a function that calls itself is inlined, and what to do about it. */
function recursionDetails(
  { session, handler }: Cursor,
  { node: declaration, thisValue }: Closure,
  name: string,
): { readonly what: string; readonly advice: string } {
  const { captures } = capturesOf(declaration, session.checker);
  const assigned = captures.filter(
    (one) => one.kind === "value" && assignedSymbols(session, declaration).has(one.symbol),
  );
  if (assigned.length > 0) {
    return {
      what: `the recursion of \`${name}\`, which assigns ${assigned.map((one) => `\`${one.name}\``).join(", ")} of the code around it,`,
      advice: "keep that in an object or an array, or give it back",
    };
  }
  const values = captures.filter(({ kind }) => kind === "value").map((one) => `\`${one.name}\``);
  if (values.length > 0) {
    return {
      what: `the recursion of \`${name}\`, which captures ${values.join(", ")},`,
      advice: `move it to the top level of the file, and hand it ${values.join(", ")} as typed parameters`,
    };
  }
  if (handler !== null) {
    return {
      what: `the recursion of \`${name}\`, which throws, inside of a \`try\``,
      advice: "let it answer with NaN or undefined, and test that",
    };
  }
  const taken = declaration.parameters.map((one) => typeOf(declaredParameter(session, one), session.types));
  const self = thisValue === null ? [] : [thisValue.type];
  for (const type of [...self, ...taken]) {
    const closed = type === null ? undefined : closedCircle(type);
    if (closed === undefined) continue;
    const what = `the recursion of \`${name}\` over ${closed.name ?? "a class"}, which holds itself in private members,`;
    return { what, advice: openingAdvice(closed) };
  }
  return {
    what: `the recursion of \`${name}\`, which takes functions or has no types`,
    advice: "move it to the top level of the file, with typed parameters",
  };
}

/** Behind a call that always throws: never reached. */
function placeholderFor(cursor: Cursor, node: ts.Node): Value {
  const type = checkedType(cursor, node) ?? numberType;
  if (type.kind === "number") return cursor.block.constant(NaN, originOf(node));
  if (type.kind === "boolean") return cursor.block.constant(false, originOf(node), null, booleanType);
  return cursor.block.constant(undefined, originOf(node), null, { kind: "optional", of: type });
}

/** A generic function is inlined with the types at hand: what it declares is found in its body. */
function resultHere(cursor: Cursor, declaration: ts.FunctionLikeDeclaration): Type | "nothing" | "unknown" {
  const declared = declaredResult(declaration, cursor.session);
  return declared === "nothing" ? declared : "unknown";
}
