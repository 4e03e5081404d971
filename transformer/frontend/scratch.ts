/** What a module keeps for its functions to work in: written before it is read, it is as good as a variable of theirs. */
import ts from "typescript";
import type { Value } from "../ir/ir.js";
import { unwrapped } from "./assigned-symbols.js";
import { isKnownWhole, loadedValue } from "./loading/loading.js";
import { makerOf, type Maker } from "./class-members.js";
import type { Cursor } from "./environment.js";
import { memberNamesOf } from "./member-names.js";
import { exactValue } from "./module-constants.js";
import { openObject } from "./open-object.js";
import { isPublic, isWorkedIn } from "./settled-constant.js";
import { variableBehind } from "./scratch-variable.js";
import type { LoweringSession } from "./session.js";

/**
 * The members of such an object as variables; null: the declaration is none.
 *
 *   const _v = new Vector3();            _v.set(1, 2, 3); return _v.length();
 *   const tmp = new Float64Array(3);     tmp[0] = x; return tmp[0];
 *   const P = { re: 0, im: 0 };          P.re = x; return P.re;
 *
 * It has to be private to its file: others could look at what is left in it.
 */
export function scratchOf(cursor: Cursor, declaration: ts.VariableDeclaration): Value | null {
  const { session } = cursor;
  const { name, initializer } = declaration;
  if (initializer === undefined || !ts.isIdentifier(name)) return null;
  const known = session.scratch.get(declaration);
  if (known !== undefined && isThere(cursor, known)) return known;
  const shape = shapeOf(session, unwrapped(initializer));
  if (shape === null || isPublic(session, declaration) || !isWorkedIn(session, declaration)) return null;
  // Whoever is handed it only reads.
  if (isKnownWhole(loadedValue(session, name), 0)) return null;
  const root = cursor.frame.inlining[0];
  if (root !== undefined) session.scratchUsers.add(root);
  const mark = openObject(cursor, { ...shape, node: declaration, scratch: name.text });
  session.scratch.set(declaration, mark);
  return mark;
}

/** Are the variables of a mark known on the way that leads here? In a branch of its own it may have been named first. */
function isThere({ env, session }: Cursor, mark: Value): boolean {
  const slots = session.open.get(mark)?.slots;
  return slots !== undefined && [...slots.values()].some((slot) => env.has(slot));
}

const largest = 64;
/** Arrays of integers cut off what they are given: a variable in the place of an element would keep it. */
const arrayName = /^(?:Float64|Float32)?Array$/;

/** What is in an object that is fresh when its module is loaded. */
function shapeOf(
  session: LoweringSession,
  at: ts.Expression,
): { readonly maker: Maker | null; readonly names: Iterable<string>; readonly isSingle?: boolean } | null {
  const list = (length: number): { readonly maker: null; readonly names: readonly string[] } | null =>
    length > 0 && length <= largest ? { maker: null, names: Array.from({ length }, (_, k) => String(k)) } : null;
  if (ts.isArrayLiteralExpression(at)) {
    const isFlat = at.elements.every((one) => exactValue(session, one) !== undefined);
    return isFlat ? list(at.elements.length) : null;
  }
  if (ts.isObjectLiteralExpression(at)) {
    const names = at.properties.flatMap((one) =>
      ts.isPropertyAssignment(one) &&
      (ts.isIdentifier(one.name) || ts.isStringLiteralLike(one.name)) &&
      exactValue(session, one.initializer) !== undefined
        ? [one.name.text]
        : [],
    );
    return names.length > 0 && names.length === at.properties.length ? { maker: null, names } : null;
  }
  if (ts.isNewExpression(at)) {
    const [first] = at.arguments ?? [];
    const name = ts.isIdentifier(at.expression) ? at.expression.text : "";
    if (arrayName.test(name)) {
      const length = first === undefined ? undefined : exactValue(session, first);
      const literal = first === undefined ? undefined : unwrapped(first);
      const isCopy = literal !== undefined && ts.isArrayLiteralExpression(literal) && name !== "Array";
      const made = typeof length === "number" ? list(length) : isCopy ? shapeOf(session, literal) : null;
      return made === null ? null : { ...made, isSingle: name === "Float32Array" };
    }
    const maker = makerOf(session, at.expression);
    return maker === null ? null : { maker, names: memberNamesOf(session, maker) };
  }
  if (!ts.isCallExpression(at) || at.expression.getText() !== "Object.create") return null;
  const [prototype] = at.arguments;
  const of = prototype === undefined ? undefined : unwrapped(prototype);
  const isPrototype = of !== undefined && ts.isPropertyAccessExpression(of) && of.name.text === "prototype";
  const maker = isPrototype ? makerOf(session, of.expression) : null;
  return maker === null ? null : { maker, names: memberNamesOf(session, maker) };
}

/** Does a function work in something of its module? Then it is run in place, where it shows what was written before. */
export function mentionsScratch(session: LoweringSession, declaration: ts.Node): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isIdentifier(node)) {
      const at = variableBehind(session, node);
      if (at !== undefined && (session.scratch.has(at) || session.scratchVariables.has(at))) return true;
    }
    return ts.forEachChild(node, (child) => visit(child) || undefined) === true;
  };
  return session.scratch.size + session.scratchVariables.size > 0 && visit(declaration);
}
