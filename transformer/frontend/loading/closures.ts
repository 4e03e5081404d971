/**
 * Functions that are made once all is loaded. They are followed with the variables that were around them when they were
 * made. A function that makes itself again, with other variables each time, is not followed for ever: from some turn on
 * these variables may hold anything, and what they held gets where it is not followed.
 */
import type ts from "typescript";
import { leak, mayCall, openCell, type Machine } from "./machine.js";
import { unknown, type LoadedCode, type LoadedObject, type LoadedScope } from "./values.js";

/** How many there are of one node that see the same variables of what was loaded. */
export type Closures = Map<ts.Node, Map<LoadedScope | null, number>>;

/** So many are told apart. */
const mostClosures = 6;

/** A function was made: whoever has it may call it. */
export function noteClosure(machine: Machine, fn: LoadedObject, code: LoadedCode): void {
  const loaded = loadedScope(code.scope);
  const ofNode = machine.closures.get(code.node) ?? new Map<LoadedScope | null, number>();
  machine.closures.set(code.node, ofNode);
  const count = (ofNode.get(loaded) ?? 0) + 1;
  ofNode.set(loaded, count);
  if (count <= mostClosures) return mayCall(machine, fn, unknown);
  // The first that may find anything in its variables does what all others do.
  const wide = widened(machine, code);
  if (count === mostClosures + 1) mayCall(machine, { ...fn, run: wide }, unknown);
}

/** The nearest scope that was there when all was loaded. */
function loadedScope(scope: LoadedScope): LoadedScope | null {
  let at: LoadedScope | null = scope;
  while (at !== null && !at.isLoaded) at = at.outer;
  return at;
}

/** The same function where nothing is known of the variables that were made with it. */
function widened(machine: Machine, code: LoadedCode): LoadedCode {
  leak(machine, code.home);
  return { ...code, scope: widenedScope(machine, code.scope) };
}

function widenedScope(machine: Machine, scope: LoadedScope): LoadedScope {
  if (scope.isLoaded) return scope;
  scope.isOpen = true;
  for (const cell of scope.cells.values()) openCell(machine, cell);
  const { activation, outer } = scope;
  if (activation !== null) {
    leak(machine, activation.thisValue);
    for (const one of activation.given ?? []) leak(machine, one);
  }
  return {
    ...scope,
    outer: outer === null ? null : widenedScope(machine, outer),
    activation: activation === null ? null : { ...activation, thisValue: unknown, given: null },
  };
}
