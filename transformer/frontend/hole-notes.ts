/** What lowering has found out about holes of arrays: see holes.ts. */
import type { Value } from "../ir/ir.js";
import { sameType } from "../ir/join-types.js";
import type { LoweringSession } from "./session.js";

/** What is known of holes while a function and its callees are lowered. */
export interface HoleNotes {
  /** Does something make holes? */
  made: boolean;
  /** How often a method asked whether there may be holes. */
  asked: number;
  /** Are they left out? Where both of the above turn out to be so, everything is lowered anew, with this set. */
  left: boolean;
  /** How often an array is made shorter. */
  shortened: number;
  /** The arrays that methods walk whose callback is being lowered. */
  readonly walked: Value[];
}

export const noHoles = (left: boolean): HoleNotes => ({ made: false, asked: 0, left, shortened: 0, walked: [] });

function settle(session: LoweringSession): void {
  const { holes } = session;
  if (!holes.made || holes.asked === 0 || holes.left) return;
  holes.left = true;
  session.learnt++;
  session.failures++;
}

/** Something was lowered that may make holes. */
export function noteHoles(session: LoweringSession): void {
  session.holes.made = true;
  settle(session);
}

/** A method that leaves holes out was lowered, here or when a callee was. */
export function noteAsked(session: LoweringSession): void {
  session.holes.asked++;
  settle(session);
}

/** An array was made shorter: to a method that walks it, the positions that are gone are holes. */
export function noteShortened(session: LoweringSession, array: Value): void {
  session.holes.shortened++;
  if (session.holes.walked.some(({ type }) => sameType(type, array.type))) noteHoles(session);
}

/** A callee was met again that makes an array shorter. */
export function noteShortens(session: LoweringSession): void {
  session.holes.shortened++;
  if (session.holes.walked.length > 0) noteHoles(session);
}
