/** `stopGradient(x)`: the value itself, carried along as a constant. */
import ts from "typescript";
import { makeValue } from "../ir/build.js";
import { carriesDerivative, isReference, type Value, type Variable } from "../ir/ir.js";
import { symbolOf } from "../syntax/symbol-of.js";
import { isPoisoned, originOf, poison, refused, type Cursor } from "./environment.js";
import type { Argument } from "./lower-call.js";
import { importedName, importFromPackage, visibleName } from "./module-constants.js";

/** `callee`: how the user's program calls it, where that is a name. */
export function lowerStopGradient(
  cursor: Cursor,
  callee: ts.Expression | null,
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value {
  const [argument] = args;
  if (argument?.kind !== "value" || args.length !== 1) {
    return refused(cursor, node, "EZ2001", {
      what: "`stopGradient` of anything but one value",
      advice: "give it a number, an array or an object",
    });
  }
  const { value } = argument;
  if (isPoisoned(cursor, value)) return poison(cursor, node);
  if (!carriesDerivative(value.type)) return value;
  const result = makeValue(value.type, originOf(node, variable));
  const isObject = isReference(value.type);
  cursor.block.append({
    kind: "opaque",
    results: [result],
    template: `${nameHere(cursor, callee).replaceAll("$", "\\u0024")}($0)`,
    operands: [value],
    effects: { reads: isObject, writes: false, observable: false },
    ...(isObject ? { detached: true } : {}),
  });
  const { certain, present } = cursor.session;
  for (const facts of [certain, present]) if (facts.has(value)) facts.add(result);
  return result;
}

/** Derivatives keep the call: so they can be differentiated in their turn. */
function nameHere(cursor: Cursor, callee: ts.Expression | null): string {
  const { checker } = cursor.session;
  const name = callee !== null && ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  const symbol = name === null ? undefined : symbolOf(name, checker);
  const isResolved = (symbol?.declarations?.length ?? 0) > 0;
  if (symbol !== undefined && isResolved) {
    const known = visibleName(cursor, symbol) ?? importedName(cursor, symbol);
    if (known !== null) return known;
  } else if (callee !== null && callee.getSourceFile() === cursor.frame.outputFile) return callee.getText();
  return importFromPackage(cursor, callee ?? cursor.frame.declaration, "stopGradient");
}
