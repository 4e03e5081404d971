/**
 * A function that is handed to one that calls itself: it is the same in each call, so that the other is lowered for it.
 * What it captures is handed over beside the arguments.
 *
 *   adapt(f, a, b)   =>   adapt_f(a, b, k),   where f is (x) => Math.exp(-k * x)
 */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { carriesDerivative, isReference, numberType, type Parameter, type Type, type Value } from "../ir/ir.js";
import { assignedSymbols, symbolAt } from "./assigned-symbols.js";
import { Scope, type Callable, type Closure, type Cursor, type Slot } from "./environment.js";
import { boxType, takeOut } from "./captured-boxes.js";
import { carriesFunctions } from "./function-value.js";
import { isMixedValue } from "./mixed-value.js";
import { isMark } from "./open-object.js";
import type { LoweringSession } from "./session.js";
import { isSettled, shapeKey } from "./untyped-recursion.js";

/** A function that stands for a parameter, with the values of what it captures, in the order of its text. */
export interface HandedFunction {
  readonly kind: "function";
  readonly callable: Callable;
  readonly captured: readonly Captured[];
  /** Other functions that it calls. */
  readonly functions: ReadonlyMap<ts.Symbol, Callable>;
  /** The same for the same function, capturing the same. */
  readonly key: string;
}

interface Captured {
  readonly symbol: ts.Symbol;
  readonly slot: Slot;
  readonly value: Value;
  readonly type: Type;
  /** It is assigned: a box is handed over. */
  readonly isBoxed: boolean;
}

/** null: it cannot be handed over, because it is chosen as the program runs, or changes what it captures. */
export function handedFunction(cursor: Cursor, callable: Callable): HandedFunction | null {
  if (callable.kind !== "closure") {
    const key = placeOf(cursor.session, callable);
    return key === null ? null : { kind: "function", callable, captured: [], functions: new Map(), key };
  }
  const captured = new Map<ts.Symbol, Captured>();
  const functions = new Map<ts.Symbol, Callable>();
  if (!collect(cursor, callable, captured, functions)) return null;
  const all = [...captured.values()];
  const held = all.map(({ slot, type, isBoxed }) => {
    const name = slot.variable?.name ?? "";
    return `${isBoxed ? `&${name}` : name}: ${shapeKey(cursor.session, type)}`;
  });
  const called = [...functions.values()].map((one) => placeOf(cursor.session, one));
  const key = `${placeOf(cursor.session, callable) ?? ""}(${[...held, ...called].join(", ")})`;
  return { kind: "function", callable, captured: all, functions, key };
}

/** Where a function is written, and what its module has around it; null: it is none that can be handed over. */
function placeOf({ identities }: LoweringSession, callable: Callable): string | null {
  if (callable.kind === "math") return `Math.${callable.name}`;
  if (callable.kind === "ofNumber") return callable.isConverting ? callable.name : `Number.${callable.name}`;
  if (callable.kind !== "closure") return null;
  const { node, scope } = callable;
  const place = `${node.getSourceFile().fileName}:${node.pos}`;
  const loaded = scope?.loaded ?? null;
  if (loaded === null) return place;
  const identity = identities.get(loaded) ?? identities.size;
  identities.set(loaded, identity);
  return `${place}#${identity}`;
}

/** Finds what a function captures; false: it cannot be handed over. */
function collect(
  cursor: Cursor,
  { node, scope, thisValue }: Closure,
  captured: Map<ts.Symbol, Captured>,
  functions: Map<ts.Symbol, Callable>,
): boolean {
  if (thisValue !== null) return false;
  if (scope === null) return true;
  const { session, env } = cursor;
  const assigned = assignedSymbols(session, node);
  const visit = (at: ts.Node): boolean => {
    const symbol = ts.isIdentifier(at) ? symbolAt(session, at) : null;
    const binding = symbol === null ? null : scope.get(symbol);
    if (symbol !== null && binding?.kind === "function") {
      const { callable } = binding;
      if (placeOf(session, callable) === null) return false;
      const known = functions.get(symbol);
      if (known !== undefined) return isSame(known, callable);
      functions.set(symbol, callable);
      return callable.kind !== "closure" || collect(cursor, callable, captured, functions);
    }
    if (symbol !== null && binding?.kind === "variable") {
      const { slot } = binding;
      const known = captured.get(symbol);
      const isBoxed = assigned.has(symbol);
      if (known !== undefined && (known.slot !== slot || known.isBoxed || !isBoxed)) return known.slot === slot;
      const value = env.get(slot);
      if (value === undefined || isMark(session, value) || isMixedValue(value)) return false;
      if (isBoxed && boxType(value.type) === null) return false;
      if (carriesFunctions(session, value) || session.views.has(value)) return false;
      const type = value.type.kind === "integer" ? numberType : value.type;
      if (!isSettled(session, type)) return false;
      captured.set(symbol, { symbol, slot, value, type, isBoxed });
      return true;
    }
    return ts.isTypeNode(at) || ts.forEachChild(at, (child) => (visit(child) ? undefined : true)) !== true;
  };
  return visit(node);
}

const isSame = (a: Callable, b: Callable): boolean =>
  a.kind === "closure" && b.kind === "closure" ? a.node === b.node && a.scope === b.scope : a === b;

/**
 * Makes parameters of what a function captures, and lets the name of the parameter that it stands for mean it. What it
 * captures has names of its own: another function of the same text, and the callee itself, may mean other things by them.
 */
export function bindHanded(
  cursor: Cursor,
  parameter: ts.ParameterDeclaration,
  handed: HandedFunction,
): readonly Parameter[] {
  const { session, scope } = cursor;
  const around = new Scope(null);
  const own = session.checker.getSymbolAtLocation(parameter.name);
  if (own !== undefined) scope.set(own, { kind: "function", callable: within(handed.callable, around) });
  return bindCaptured({ ...cursor, scope: around }, handed);
}

/** Lets names mean what a function captures, and makes parameters of it. */
export function bindCaptured(cursor: Cursor, handed: HandedFunction): readonly Parameter[] {
  const { session, scope, env, frame } = cursor;
  const { captured, functions } = handed;
  for (const [symbol, one] of functions) scope.set(symbol, { kind: "function", callable: within(one, scope) });
  return captured.map(({ symbol, slot, value: outer, type: held, isBoxed }) => {
    const type = (isBoxed ? boxType(held) : null) ?? held;
    const value = makeValue(type, outer.origin);
    scope.set(symbol, { kind: "variable", slot });
    if (isBoxed) {
      const box = { slot, value };
      frame.boxes?.push(box);
      takeOut(cursor, [box], handed.callable.kind === "closure" ? handed.callable.node : frame.declaration);
    } else env.set(slot, value);
    if (isReference(type) && type.kind !== "optional") session.present.add(value);
    const activity = !carriesDerivative(type) ? "const" : isReference(type) ? "duplicated" : "active";
    return { value, name: slot.variable?.name ?? "captured", activity, typeText: null };
  });
}

/** A function that finds what it captures in another scope. */
const within = (callable: Callable, scope: Scope): Callable =>
  callable.kind === "closure" && callable.scope !== null
    ? { ...callable, scope: callable.scope.loaded === null ? scope : new Scope(scope, callable.scope.loaded) }
    : callable;
