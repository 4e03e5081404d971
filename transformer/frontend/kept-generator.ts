/**
 * Generators that are kept before they are walked: in a variable, or as what a function is handed or gives back.
 *
 *   const values = halves(x);  x += 1;  for (const v of values) sum += v;
 *
 * The value is a mark with the arguments, which are computed where the generator is called. Its body runs where it is walked:
 * once, and surely there if it is made.
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import type { Value } from "../ir/ir.js";
import { originOf, refused, type Closure, type Cursor } from "./environment.js";
import type { Argument } from "./lower-call.js";

export interface KeptGenerator {
  readonly closure: Closure;
  readonly args: readonly Argument[];
  readonly node: ts.Node;
  /** In how many loops it is made. */
  readonly depth: number;
  isWalked: boolean;
}

/** What a call of a generator gives; null: it is a function as any other. */
export function keptGenerator(
  cursor: Cursor,
  closure: Closure,
  args: readonly Argument[],
  node: ts.Node,
): Value | null {
  const { session, frame } = cursor;
  if (closure.node.asteriskToken === undefined || frame.inlining.includes(closure.node)) return null;
  // What a call does with its arguments happens at once; a default or a pattern would be looked at later.
  const isPlain = closure.node.parameters.every((one) => ts.isIdentifier(one.name) && one.initializer === undefined);
  if (!isPlain || args.some((one) => one.kind === "spread")) {
    return refused(cursor, node, "EZ2001", {
      what: "a generator with defaults or patterns that is not walked at once",
      advice: "walk it where it is called, or fill an array",
    });
  }
  const mark = makeValue({ kind: "opaque", text: "generator" }, originOf(node));
  session.generators.set(mark, { closure, args, node, depth: session.loopDepth, isWalked: false });
  session.present.add(mark);
  session.certain.add(mark);
  return mark;
}

/** Takes a generator that is walked now; null: it is none, or has been walked, which is reported. */
export function takeGenerator(cursor: Cursor, value: Value | null): KeptGenerator | null {
  const { session } = cursor;
  const kept = value === null ? undefined : session.generators.get(value);
  if (kept === undefined) return null;
  if (kept.isWalked || kept.depth !== session.loopDepth) {
    if (value !== null) session.poisoned.add(value);
    refused(cursor, kept.node, "EZ2001", {
      what: "a generator that is walked more than once",
      advice: "fill an array, and walk that",
    });
    return null;
  }
  kept.isWalked = true;
  return kept;
}
