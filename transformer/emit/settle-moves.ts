/**
 * Puts simultaneous assignments in an order in which each reads before another writes; where they go in a circle,
 * one value waits in a variable of its own.
 *
 *   [a, b] = [b, a + b]   =>   const nextB = a + b; a = b; b = nextB;
 */
import type { Merged } from "./coalesce.js";
import { roleName } from "../ir/roles.js";
import {
  mapParts,
  mapStatement,
  read,
  readsLocal,
  type Block,
  type Expression,
  type Local,
  type Move,
  type Statement,
} from "./tree.js";

/** Assignments that happen at once => one after another, with a temporary where they would meet. */
export function settleMoves(body: Block, merged: Merged): Block {
  const expression = (one: Expression): Expression =>
    one.kind === "local" ? read(merged(one.local)) : mapParts(one, expression);
  const block = (statements: Block): Block =>
    statements.flatMap((statement): readonly Statement[] => {
      const mapped = mapStatement(statement, { expression, block, local: merged });
      if (mapped.kind === "moves") return inOrder(mapped.moves);
      const isCopyOfItself =
        mapped.kind === "assign" && mapped.value.kind === "local" && mapped.value.local === mapped.local;
      return isCopyOfItself ? [] : [mapped];
    });
  return block(body);
}

/** The assignments one after another. */
export function inOrder(moves: readonly Move[]): readonly Statement[] {
  let waiting = moves.filter(({ to, value }) => value.kind !== "local" || value.local !== to);
  const before: Statement[] = [];
  const done: Statement[] = [];
  while (waiting.length > 0) {
    const free = waiting.find((move) => !waiting.some((other) => other !== move && readsLocal(other.value, move.to)));
    if (free !== undefined) {
      done.push({ kind: "assign", local: free.to, value: free.value });
      waiting = waiting.filter((move) => move !== free);
      continue;
    }
    const held = waiting.find(({ value }) => value.kind !== "local") ?? waiting[0];
    if (held === undefined) break;
    const holder = holderOf(held);
    // All expressions are read at this point: none of them depends on what is already done.
    before.push({ kind: "assign", local: holder, value: held.value });
    waiting = waiting.map((move) => (move === held ? { to: held.to, value: read(holder) } : move));
  }
  return [...before, ...done];
}

function holderOf({ to, value }: Move): Local {
  const of = value.kind === "local" ? value.local : to;
  const name = of.origin.variable === null ? of.hint : roleName(of.origin.variable, of.origin.role);
  const prefix = value.kind === "local" ? "previous" : "next";
  return {
    type: to.type,
    origin: { span: null, variable: null, role: "primal" },
    kind: "value",
    hint: name === "" ? prefix : prefix + name.charAt(0).toUpperCase() + name.slice(1),
  };
}
