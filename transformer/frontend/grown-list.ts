/**
 * Lists that functions are pushed to:
 *
 *   const layers: Layer[] = [];  layers.push((x) => x * w);  for (const layer of layers) x = layer(x);
 *
 * The list is a mark, under whatever names and in whatever fields it goes. What is in it stands in a variable, as a list of
 * known parts, so that it is known on each way what was pushed before. Where a branch or a loop decides that, it is refused.
 */
import type ts from "typescript";
import { makeValue } from "../ir/build.js";
import type { Value, Variable } from "../ir/ir.js";
import { originOf, refused, type Cursor, type Slot } from "./environment.js";
import { isOfFunctions } from "./function-value.js";
import { functionList } from "./given-list.js";
import type { LoweringSession } from "./session.js";

export interface GrownList {
  readonly contents: Slot;
  /** What it began with. */
  readonly start: Value;
  readonly node: ts.Node;
  hasGrown: boolean;
  /** So many loops walk it at this place. */
  walks: number;
}

/** A list of functions that is made here, and may get others. */
export function grownList(
  cursor: Cursor,
  parts: readonly Value[],
  node: ts.ArrayLiteralExpression,
  variable: Variable | null,
): Value {
  const { session, env } = cursor;
  const element = { kind: "opaque", text: "function" } as const;
  const list = makeValue({ kind: "array", element, storage: "Array" }, originOf(node, variable));
  const contents: Slot = { variable: variable ?? { name: "list" }, key: {}, type: null, late: false, shared: true };
  const start = functionList(cursor, parts, node);
  session.present.add(list);
  session.certain.add(list);
  session.functionLists.set(list, node);
  session.grownLists.set(list, { contents, start, node, hasGrown: false, walks: 0 });
  env.set(contents, start);
  return list;
}

/** Is an empty literal meant to hold functions, or objects with functions? */
export function isForFunctions({ session }: Cursor, node: ts.ArrayLiteralExpression): boolean {
  const { checker } = session;
  const type = checker.getContextualType(node);
  const present = type === undefined ? undefined : checker.getNonNullableType(type);
  return present !== undefined && checker.isArrayType(present) && isOfFunctions(session, present);
}

/** What is in such a list at this place, as a list of known parts; any other value is itself. */
export function contentsOf({ session, env }: Cursor, list: Value): Value {
  const grown = session.grownLists.get(list);
  if (grown === undefined) return list;
  return env.get(grown.contents) ?? (grown.hasGrown ? list : grown.start);
}

/** The parts of a list of functions at this place; null: it is none, or they are not known. */
export const partsOfFunctions = (cursor: Cursor, list: Value): readonly Value[] | null => {
  const contents = contentsOf(cursor, list);
  return (cursor.session.functionLists.has(contents) && cursor.session.givenLists.get(contents)) || null;
};

/** `list.push(f)`; undefined: it is no such list. */
export function pushFunctions(cursor: Cursor, list: Value, pushed: readonly Value[], node: ts.Node): Value | undefined {
  const { session, env, block } = cursor;
  const grown = session.grownLists.get(list);
  if (grown === undefined) return undefined;
  const before = session.givenLists.get(env.get(grown.contents) ?? list);
  if (before === undefined || grown.walks > 0) {
    return refused(cursor, node, "EZ2001", {
      what: grown.walks > 0 ? "a list of functions that grows while it is walked" : "pushing to this list of functions",
      advice: "push them where the list is made, one by one",
    });
  }
  grown.hasGrown = true;
  const after = [...before, ...pushed];
  env.set(grown.contents, functionList(cursor, after, grown.node));
  return block.constant(after.length, originOf(node));
}

export const changedList = {
  what: "a list of functions that gets others in a branch or a loop",
  advice: "push them one by one, and let the functions ask for what the branch asks for",
} as const;

/** Lowers what walks a list, which must not grow meanwhile. */
export function whileWalked<T>(session: LoweringSession, list: Value, lower: () => T): T {
  const grown = session.grownLists.get(list);
  if (grown === undefined) return lower();
  grown.walks++;
  const result = lower();
  grown.walks--;
  return result;
}
