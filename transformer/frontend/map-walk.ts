/**
 * What the body of a walk over a Map or Set does to its keys. The walk goes over the keys that were there when it began;
 * the language goes on with those that are put in meanwhile, and leaves out those that are gone.
 *
 *   for (const [k, v] of m) if (v < 0) m.delete(k)        each key is asked for whether it is still there
 *   for (const [k, v] of m) m.set(k, 2 * v)               the derivative throws where there are other keys after a round
 *   for (const [k, v] of m) { m.delete(k); m.set(j, v) }  refused: both may leave as many keys as there were
 */
import ts from "typescript";
import { booleanType, integerType, isMap, type Value } from "../ir/ir.js";
import { readsOnly } from "../ir/effects.js";
import { symbolAt, unwrapped } from "./assigned-symbols.js";
import { inner, outcome, refused, resumed, type Cursor, type Outcome } from "./environment.js";
import { escaped, throwAt } from "./escape.js";
import { continueAt, fork, leaf, type Flow } from "./flow.js";
import { languageError } from "./implicit-throws.js";
import type { Round } from "./lower-loop.js";
import { opaque } from "./lower-opaque.js";
import { apply } from "./lower-operator.js";
import { isLibrarySymbol } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

export interface MapWalk {
  readonly map: Value;
  /** Those that were there when it began. */
  readonly keys: Value;
  readonly changes: MapChanges;
  readonly node: ts.Node;
}

interface MapChanges {
  puts: boolean;
  takes: boolean;
}

/** A round of a walk, which goes to the outcome that `body` is given where the walk goes on. */
export function roundOfMap(
  here: Cursor,
  walk: MapWalk,
  key: Value,
  round: Round,
  body: (at: Cursor, again: Outcome) => Flow,
): Flow {
  const { map, changes, node } = walk;
  const inside = (at: Cursor): Flow => {
    if (!changes.puts) return body(at, round.again);
    const walked = outcome("walked");
    return continueAt(body(at, walked), walked, (place) => endRound(resumed(at, place), walk, round), false);
  };
  if (!changes.takes) return inside(here);
  const isThere = opaque(here, "$0.has($1)", [map, key], booleanType, node, null, readsOnly);
  const [then, otherwise] = [inner(here), inner(here)];
  return fork(here, isThere, inside(then), leaf(otherwise, round.again));
}

/** A loop over a Map would go on with keys that are new, and there is no telling beforehand. */
function endRound(here: Cursor, { map, keys, node }: MapWalk, round: Round): Flow {
  const size = opaque(here, "$0.size", [map], integerType, node, null, readsOnly);
  const grown = apply(here, "ne", [size, here.block.length(keys)], node);
  const message = "a Map gets other keys while it is walked, which a derivative cannot follow";
  const [then, otherwise] = [inner(here), inner(here)];
  const error = languageError(then, "RangeError", message, node);
  return escaped(here, fork(here, grown, throwAt(then, error, node), leaf(otherwise, round.again)));
}

/** What changes in the Map while a body runs; null: there is no following it, which is reported. */
export function changesInWalk(cursor: Cursor, map: Value, body: ts.Node): MapChanges | null {
  const changes: MapChanges = { puts: false, takes: false };
  if (!isMap(map.type)) return changes;
  follow(cursor.session, body, changes, new Set());
  if (!changes.puts || !changes.takes) return changes;
  refused(cursor, body, "EZ2097", {
    what: "a walk over a Map or Set that takes keys out and may put others in",
    advice: "walk a list of its keys: for (const key of [...map.keys()])",
  });
  return null;
}

/** Notes what a node does, and the functions that it names. */
function follow(session: LoweringSession, node: ts.Node, changes: MapChanges, seen: Set<ts.Node>): void {
  if (seen.has(node)) return;
  seen.add(node);
  const visit = (at: ts.Node): void => {
    if (ts.isCallExpression(at)) noteCall(session, unwrapped(at.expression), changes);
    if (ts.isIdentifier(at) || ts.isPrivateIdentifier(at))
      for (const body of bodiesOf(session, at)) follow(session, body, changes, seen);
    ts.forEachChild(at, visit);
  };
  visit(node);
}

/** `m.set(k, v)`, `m.delete(k)`; a function of which there is no telling what it does may put in others. */
function noteCall(session: LoweringSession, callee: ts.Expression, changes: MapChanges): void {
  const owner = ts.isPropertyAccessExpression(callee)
    ? session.checker.getTypeAtLocation(callee.expression).getSymbol()?.name
    : undefined;
  if (/^(?:Map|Set)$/.test(owner ?? "")) {
    const name = callee.getLastToken()?.getText() ?? "";
    changes.puts ||= name === "set" || name === "add";
    changes.takes ||= name === "delete" || name === "clear";
    return;
  }
  const symbol = symbolAt(session, ts.isPropertyAccessExpression(callee) ? callee.name : callee);
  const isKnown = symbol !== null && (isLibrarySymbol(session, symbol) || bodiesOf(session, callee).length > 0);
  changes.puts ||= !isKnown;
}

/** The bodies of a function or class of that name. */
function bodiesOf(session: LoweringSession, name: ts.Node): readonly ts.Node[] {
  const at = ts.isPropertyAccessExpression(name) ? name.name : name;
  if (ts.isFunctionLike(at)) return [at];
  return (symbolAt(session, at)?.declarations ?? []).flatMap((declaration): readonly ts.Node[] => {
    if (ts.isClassDeclaration(declaration)) return [declaration];
    if (ts.isFunctionLike(declaration))
      return "body" in declaration && declaration.body !== undefined ? [declaration] : [];
    const isVariable =
      ts.isVariableDeclaration(declaration) ||
      ts.isPropertyDeclaration(declaration) ||
      ts.isPropertyAssignment(declaration);
    const value = isVariable && declaration.initializer !== undefined ? unwrapped(declaration.initializer) : null;
    return value !== null && ts.isFunctionLike(value) ? [value] : [];
  });
}
