/** Lowering anew: what was reported meanwhile is taken back, what was learnt stays. */
import type { CalleeSignature, LoweringSession } from "./session.js";

/** What a session had reported before something was lowered that may be lowered anew. */
export interface Start {
  readonly failures: number;
  readonly reported: number;
  readonly lowered: number;
  /** How many there were: sets keep the order in which they are filled. */
  readonly fenced: number;
  readonly examined: number;
}

export const startOf = ({ failures, compilation, lowered, fenced, examined }: LoweringSession): Start => ({
  failures,
  reported: compilation.diagnostics.length,
  lowered: lowered.length,
  fenced: fenced.size,
  examined: examined.size,
});

/** Takes back what was refused since. Functions that were lowered stay, but for those that were refused. */
export function takeBack(session: LoweringSession, start: Start): void {
  if (session.failures === start.failures) return;
  session.failures = start.failures;
  session.compilation.rewind(start.reported);
  for (const [nodes, before] of [
    [session.fenced, start.fenced],
    [session.examined, start.examined],
  ] as const) {
    for (const node of [...nodes].slice(before)) nodes.delete(node);
  }
  forgetCallees(session, ({ usable }) => usable);
}

/** Takes back all that was found out since but what was learnt of objects; `kept` is what is lowered anew. */
export function startAgain(session: LoweringSession, start: Start, kept: CalleeSignature): void {
  takeBack(session, start);
  session.widened.clear();
  session.widenedKinds.clear();
  session.unwrittenFields.clear();
  // Callees make objects, too.
  forgetCallees(session, (signature) => signature === kept);
  session.lowered.length = start.lowered;
}

function forgetCallees(session: LoweringSession, isKept: (signature: CalleeSignature) => boolean): void {
  for (const variants of session.callees.values()) {
    for (const [key, signature] of variants) {
      if (isKept(signature)) continue;
      variants.delete(key);
      if (!signature.usable) session.reserved.delete(signature.name);
    }
  }
}
