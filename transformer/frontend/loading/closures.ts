/**
 * Functions that are made once all is loaded. They are followed with the variables that were around them when they were
 * made. A function that makes itself again, with other variables each time, is not followed for ever: from some turn on
 * these variables may hold anything, and what they held gets where it is not followed.
 */
import type ts from "typescript";
import { leak } from "./leaks.js";
import { mayCall, openCell, type Machine } from "./machine.js";
import { unknown, type LoadedCode, type LoadedObject, type LoadedScope } from "./values.js";

/** How many there are of one node that see the same variables of what was loaded. */
export type Closures = Map<ts.Node, Map<LoadedScope | null, Counted>>;

interface Counted {
  count: number;
  /** Is one followed that may find anything in its variables? */
  isWidened: boolean;
}

/** So many of one node are told apart. What is made by what was made meanwhile may make itself again. */
const mostClosures = ({ isTired, isInClosure }: Machine): number => (isTired ? 0 : isInClosure ? 4 : 24);

/** A function was made: whoever has it may call it. */
export function noteClosure(machine: Machine, fn: LoadedObject, code: LoadedCode): void {
  const loaded = loadedScope(code.scope);
  const ofNode = machine.closures.get(code.node) ?? new Map<LoadedScope | null, Counted>();
  machine.closures.set(code.node, ofNode);
  const counted = ofNode.get(loaded) ?? { count: 0, isWidened: false };
  ofNode.set(loaded, counted);
  counted.count++;
  if (counted.count <= mostClosures(machine)) return mayCall(machine, fn, unknown);
  const wide = widened(machine, code);
  // The first that may find anything in its variables does what all others do.
  if (!counted.isWidened) mayCall(machine, { ...fn, run: wide }, unknown);
  counted.isWidened = true;
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
