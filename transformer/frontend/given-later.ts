/**
 * Members that an object is given after it was made, in whatever function that happens.
 *
 *   function inverse() { const r = solve(); r.azimuth = angle(r); }   =>   the literal in solve: { ..; azimuth?: number }
 *
 * The type of an object remembers what made it. What is seen where the member is given, the literal is made with when
 * the function that is differentiated is lowered once more.
 */
import type ts from "typescript";
import { numberType, type Field, type Type, type Value } from "../ir/ir.js";
import { joinTypes, optionalOf } from "../ir/join-types.js";
import { isPoisoned, type Cursor } from "./environment.js";
import { callableOf } from "./function-value.js";
import { isMixedValue } from "./mixed-value.js";
import { isMark } from "./open-object.js";
import type { CalleeSignature, LoweringSession } from "./session.js";

/** Literals of one file with the same keys make objects of one shape; what makes instances is a shape of its own. */
export type Shape = string | ts.Node;

export const shapeOfLiteral = (node: ts.ObjectLiteralExpression, keys: readonly string[]): Shape =>
  keys.length === 0 ? node : `${node.getSourceFile().fileName} ${[...keys].sort().join(" ")}`;

/** The members that objects of a shape are given later: absent at first. */
export const givenLater = ({ laterMembers }: LoweringSession, shape: Shape): readonly Field[] =>
  [...(laterMembers.get(shape) ?? [])].map(([name, type]) => ({ name, type, mayBeLeftOut: true }));

/** Notes that an object is given a member that it was not made with; false: it is not known what made it. */
export function noteGivenLater(cursor: Cursor, base: Value, name: string, value: Value): boolean {
  const { session } = cursor;
  const shape = session.shapes.get(base.type);
  if (shape === undefined || !canBeHeld(cursor, value)) return false;
  const members = session.laterMembers.get(shape) ?? new Map<string, Type>();
  const known = members.get(name);
  const given = optionalOf(value.type.kind === "integer" ? numberType : value.type);
  const type = known === undefined ? given : joinTypes(known, given);
  if (type === null) return false;
  session.laterMembers.set(shape, members.set(name, type));
  session.learnt++;
  return true;
}

const canBeHeld = (cursor: Cursor, value: Value): boolean =>
  !isPoisoned(cursor, value) &&
  !isMixedValue(value) &&
  !isMark(cursor.session, value) &&
  callableOf(cursor.session, value) === null;

/** What a session knew before a function was lowered, so that it can be lowered anew. */
export interface Start {
  readonly learnt: number;
  readonly failures: number;
  readonly reported: number;
  readonly fenced: ReadonlySet<ts.Node>;
  readonly examined: ReadonlySet<ts.Node>;
}

export const startOf = ({ learnt, failures, compilation, fenced, examined }: LoweringSession): Start => ({
  learnt,
  failures,
  reported: compilation.diagnostics.length,
  fenced: new Set(fenced),
  examined: new Set(examined),
});

/** Forgets what was found out since, but for what was learnt; `kept` is what is lowered anew. */
export function startAgain(session: LoweringSession, start: Start, kept: CalleeSignature): void {
  session.failures = start.failures;
  session.compilation.rewind(start.reported);
  for (const [nodes, before] of [
    [session.fenced, start.fenced],
    [session.examined, start.examined],
  ] as const) {
    for (const node of nodes) if (!before.has(node)) nodes.delete(node);
  }
  session.widened.clear();
  session.widenedKinds.clear();
  for (const variants of session.callees.values()) {
    for (const [key, signature] of variants) {
      if (signature.usable || signature === kept) continue;
      variants.delete(key);
      session.reserved.delete(signature.name);
    }
  }
}
