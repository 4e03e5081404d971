/** `for-of` and `for-in`, while modules are loaded. */
import ts from "typescript";
import { anyMember, evaluate } from "./evaluate.js";
import { execute, giveTurn, joined, maybe, mayLeaveFunction } from "./execute.js";
import { leak } from "./leaks.js";
import { makeScope, repeatedly, type Machine } from "./machine.js";
import { turnsOf } from "./native-maps.js";
import { keysOf } from "./members.js";
import { elementsOf } from "./patterns.js";
import { isObject, normal, objectsOf, unknown, type Completion, type LoadedScope, type LoadedValue } from "./values.js";

export function loopOver(
  machine: Machine,
  outer: LoadedScope,
  node: ts.ForOfStatement | ts.ForInStatement,
): Completion {
  const list = evaluate(machine, outer, node.expression);
  const items = itemsOf(machine, node, list);
  const before = machine.weakBelow;
  let mayLeave: Completion = normal;
  const turn = (value: LoadedValue): Completion => {
    const scope = makeScope(machine, node, outer);
    giveTurn(machine, scope, node.initializer, value);
    return execute(machine, scope, node.statement);
  };
  try {
    if (items === null || !machine.isLoading) {
      // What a map or a set gives can be kept, and changed.
      for (const one of objectsOf(list)) if (one.entries !== null) leak(machine, one);
      const any = ts.isForOfStatement(node) ? anyMember(machine, list) : unknown;
      repeatedly(machine, () => {
        const end = maybe(machine, () => turn(any));
        if (end !== null && mayLeaveFunction(machine, end)) mayLeave = { kind: "perhaps", leaves: "function" };
      });
      return mayLeave;
    }
    for (const item of items) {
      const end = turn(item);
      if (end.kind === "return") return mayLeave.kind === "normal" ? end : joined(machine, end, normal);
      if (end.kind === "break") return end.label === null ? mayLeave : end;
      if (end.kind === "continue" && end.label !== null) return end;
      if (end.kind === "perhaps") {
        machine.weakBelow = machine.nextId;
        if (end.leaves === "function") mayLeave = end;
      }
    }
    return mayLeave;
  } finally {
    machine.weakBelow = before;
  }
}

function itemsOf(
  machine: Machine,
  node: ts.ForOfStatement | ts.ForInStatement,
  list: LoadedValue,
): readonly LoadedValue[] | null {
  if (ts.isForOfStatement(node) && isObject(list) && list.entries !== null) return turnsOf(machine, list);
  if (ts.isForOfStatement(node)) return node.awaitModifier === undefined ? (elementsOf(list)?.slice() ?? null) : null;
  return list === undefined || list === null ? [] : keysOf(machine, list);
}
