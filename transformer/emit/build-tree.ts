/** IR -> statements with merged variables: what is done to operations, to variables and to expressions, in order. */
import type { IRFunction, Value } from "../ir/ir.js";
import { flattenThrows } from "../simplify/flatten-throws.js";
import { coalesce, type Merged } from "./coalesce.js";
import { decideStops } from "./decide-stops.js";
import { delayUpdates } from "./delay-updates.js";
import { askDivisorsFirst } from "./divisors-first.js";
import { dropUnread } from "./drop-unread.js";
import { dropUnused } from "./drop-unused.js";
import { foldLiterals } from "./fold-literals.js";
import { guardOnce } from "./guard-once.js";
import { keepCarried } from "./keep-carried.js";
import { scheduleFunction } from "./schedule.js";
import { settleMoves } from "./settle-moves.js";
import { settleNumbers } from "./settled-numbers.js";
import { sinkIntoBranches } from "./sink-into-branches.js";
import { spellDefaults } from "./spell-defaults.js";
import { tidy } from "./tidy.js";
import type { Block, Local, Tree } from "./tree.js";

/** The function as statements, with variables merged. */
export function buildTree(fn: IRFunction): Tree {
  const structured = delayUpdates(dropUnused(keepCarried(sinkIntoBranches(decideStops(flattenThrows(fn))))));
  let sunk: ReadonlySet<Value> = new Set();
  for (let round = 0; ; round++) {
    const { params, body, sinkable } = scheduleFunction(structured, sunk);
    const merged = coalesce(params, body);
    const again = round < 4 ? stranded(body, sinkable, merged) : [];
    if (again.length === 0) {
      const locals = params.map(merged);
      const settled = dropUnread(spellDefaults(locals, tidy(dropUnread(settleMoves(body, merged)))));
      return { params: locals, body: askDivisorsFirst(guardOnce(settleNumbers(foldLiterals(locals, settled)))) };
    }
    sunk = new Set([...sunk, ...again]);
  }
}

/** Values that were given a variable of their own although they are only handed over. */
function stranded(body: Block, sinkable: ReadonlyMap<Local, Value>, merged: Merged): readonly Value[] {
  const found: Value[] = [];
  const visit = (block: Block): void => {
    for (const statement of block) {
      if (statement.kind === "moves") {
        for (const { to, value } of statement.moves) {
          if (value.kind !== "local" || merged(value.local) === merged(to)) continue;
          const sinking = sinkable.get(value.local);
          if (sinking !== undefined) found.push(sinking);
        }
      }
      if (statement.kind === "if") [statement.then, statement.otherwise].forEach(visit);
      if (statement.kind === "for" || statement.kind === "while" || statement.kind === "doWhile") visit(statement.body);
    }
  };
  visit(body);
  return found;
}
