/** What a lifted function used of the functions around it, as parameters of its own. */
import ts from "typescript";
import type { Capture } from "../derivative-request.js";
import { makeValue } from "../ir/build.js";
import { isText, type Parameter, type Type } from "../ir/ir.js";
import { typeOf } from "../syntax/type-of.js";
import { assignedSymbols, sharedSymbols } from "./assigned-symbols.js";
import { originOf, report, type Cursor, type Slot } from "./environment.js";
import { resolveCallable } from "./resolve-callable.js";
import { isSurelyThere } from "./surely-there.js";

/**
 * Binds captured names. Variables become const parameters; functions are known at build time.
 *
 *   (x) => model(x, options)   =>   parameters x (active), options (const)
 */
export function lowerCaptures(
  cursor: Cursor,
  declaration: ts.FunctionLikeDeclaration,
  captures: readonly Capture[],
): readonly Parameter[] {
  const { session, scope } = cursor;
  const functions = [declaration, ...captures.flatMap((one) => (one.kind === "function" ? [one.node] : []))];
  return captures.flatMap((capture): readonly Parameter[] => {
    const { symbol, name } = capture;
    if (capture.kind === "function") {
      scope.set(symbol, {
        kind: "function",
        callable: { kind: "closure", node: capture.node, scope, thisValue: null },
      });
      return [];
    }
    if (capture.kind === "derivative") {
      const callable = resolveCallable(cursor, capture.macro);
      if (callable === null) report(cursor, "EZ2021", declaration, { name: nameOf(declaration), captured: name });
      else scope.set(symbol, { kind: "function", callable });
      return [];
    }
    if (functions.some((one) => assignedSymbols(session, one).has(symbol))) {
      report(cursor, "EZ2015", declaration, { name });
      return [];
    }
    const declared = session.checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const type = typeOf(declared, session.types);
    if (type === null || declared.getCallSignatures().length > 0) {
      report(cursor, "EZ2021", declaration, { name: nameOf(declaration), captured: name });
      return [];
    }
    const value = makeValue(type, originOf(declaration, { name }));
    if (isSurelyThere(type, declared, false)) session.present.add(value);
    const slot: Slot = {
      variable: { name },
      key: symbol,
      type,
      late: false,
      shared: sharedSymbols(session, declaration).has(symbol),
    };
    scope.set(symbol, { kind: "variable", slot });
    cursor.env.set(slot, value);
    return [{ value, name, activity: "const", typeText: textOrNothing(type, declared) }];
  });
}

/** `string | undefined`: text is carried along, and its type says nothing of whether it is there. null: of anything else. */
function textOrNothing(type: Type, declared: ts.Type): string | null {
  if (!isText(type) || type.kind !== "opaque" || !declared.isUnion()) return null;
  const has = (flag: ts.TypeFlags): boolean => declared.types.some((one) => (one.flags & flag) !== 0);
  const absent = [...(has(ts.TypeFlags.Undefined) ? ["undefined"] : []), ...(has(ts.TypeFlags.Null) ? ["null"] : [])];
  return absent.length === 0 ? null : [type.text, ...absent].join(" | ");
}

const nameOf = (declaration: ts.FunctionLikeDeclaration): string => declaration.name?.getText() ?? "the function";
