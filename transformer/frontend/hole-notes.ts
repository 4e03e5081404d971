/** What lowering has found out about holes of arrays: see holes.ts. */
import type { LoweringSession } from "./session.js";

/** What is known of holes while a function and its callees are lowered. */
export interface HoleNotes {
  /** Does something make holes? */
  made: boolean;
  /** How often a method asked whether there may be holes. */
  asked: number;
  /** Are they left out? Where both of the above turn out to be so, everything is lowered anew, with this set. */
  left: boolean;
}

export const noHoles = (left: boolean): HoleNotes => ({ made: false, asked: 0, left });

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
