/** Carried references in reversed loops: what the iterations exchanged is changed back. */
import { makeValue } from "../ir/build.js";
import type { LoopOp } from "../ir/ir.js";
import type { CarriedAlong } from "./inductions.js";
import { twinOf, type Site, type Sweep } from "./sweep.js";

/**
 *   for s { .. ; yield next, u }     reversed:   for s down { u, next = what next and u held behind the iteration; .. }
 *
 * The reversed loop carries what the variables hold behind an iteration, beginning with the end of the primal's loop.
 */
export function carryExchanges(sweep: Sweep, op: LoopOp, site: Site, inner: Site): readonly CarriedAlong[] {
  return sweep.recording.exchangedIn(op).flatMap(({ members }) => {
    // in the iteration it is the parameter that it was
    const behind = new Map(members.map(({ param, heldBy }) => [heldBy, makeValue(param.type, param.origin)]));
    return members.map(({ param, result, heldBy }) => {
      const [inside, before] = [behind.get(param), behind.get(heldBy)];
      if (inside === undefined || before === undefined)
        throw new Error("a variable is exchanged with one of another loop");
      inner.twins.set(param, before);
      return { start: twinOf(site, result), inside, after: makeValue(param.type, param.origin), next: () => before };
    });
  });
}
