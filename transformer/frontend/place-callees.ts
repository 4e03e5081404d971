/** What generated functions call of the user's functions: by name where their file sees it, as a copy elsewhere. */
import ts from "typescript";
import { nameOfKey } from "../ir/function-keys.js";
import type { IRFunction, Op, Region, Value } from "../ir/ir.js";
import { rebuild, regionsOf, walk } from "../ir/traverse.js";
import { nameInScope } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

export interface PlacedCallees {
  /** The functions, calling what the output file knows. */
  readonly functions: readonly IRFunction[];
  /** Helpers of the user that the output file cannot name. */
  readonly copies: readonly IRFunction[];
}

/**
 *   function f_gradient(x) { hidden(x) }   =>   the same, where the file declares or imports `hidden`;
 *                                               elsewhere beside a copy of `hidden`, under a free name
 *
 * `placed` holds the copies that the file has already, by what they are copies of.
 */
export function placeCallees(
  functions: readonly IRFunction[],
  outputFile: ts.SourceFile,
  placed: Map<string, string>,
  isTaken: (name: string) => boolean,
  session: LoweringSession,
): PlacedCallees {
  const names = new Map(functions.map(({ name }) => [name, nameOfKey(name)]));
  const copies: IRFunction[] = [];
  const pending = [...functions];
  for (let fn = pending.pop(); fn !== undefined; fn = pending.pop()) {
    walk(fn.body, (op) => {
      if (op.kind !== "call" || names.has(op.callee)) return;
      const external = session.compilation.functions.get(op.callee)?.external?.text;
      const known = external ?? nameInFile(op.callee, outputFile, session) ?? placed.get(op.callee);
      if (known !== undefined) {
        names.set(op.callee, known);
        return;
      }
      const callee = session.compilation.functions.get(op.callee);
      if (callee === undefined) throw new Error(`the callee ${op.callee} is not known`);
      const used = new Set(placed.values());
      const name = freeName(nameOfKey(op.callee), (one) => isTaken(one) || used.has(one));
      names.set(op.callee, name);
      placed.set(op.callee, name);
      copies.push({ ...callee, name });
      pending.push(callee);
    });
  }
  const renamed = (fn: IRFunction): IRFunction => ({
    ...fn,
    name: nameOfKey(fn.name),
    body: renameCalls(fn.body, names),
  });
  return { functions: functions.map(renamed), copies: copies.map(renamed) };
}

/** `f`, or `f2`, `f3` where that is taken. */
export function freeName(stem: string, isTaken: (name: string) => boolean): string {
  let name = stem;
  for (let count = 2; isTaken(name); count++) name = `${stem}${count}`;
  return name;
}

/** How the output file calls a callee that takes what the user's function takes, or undefined. */
function nameInFile(callee: string, outputFile: ts.SourceFile, session: LoweringSession): string | undefined {
  for (const [declaration, variants] of session.callees) {
    for (const { name, takesAsWritten } of variants.values()) {
      if (name !== callee || !ts.isFunctionLike(declaration) || !("body" in declaration)) continue;
      if (!takesAsWritten) return undefined;
      const types = declaration.parameters.map((one) => session.checker.getTypeAtLocation(one));
      if (types.some((type) => takesInstance(type) || takesFunction(type))) return undefined;
      const own = nameOf(declaration);
      const symbol = own === undefined ? undefined : session.checker.getSymbolAtLocation(own);
      return symbol === undefined ? undefined : (nameInScope(session, outputFile, symbol) ?? undefined);
    }
  }
  return undefined;
}

/** What is handed a function is lowered for that function: the callee takes what it captures instead. */
const takesFunction = (type: ts.Type): boolean =>
  type.getCallSignatures().length > 0 || (type.isUnion() && type.types.some(takesFunction));

/** Instances are known by their fields only: a function that may call their methods cannot be handed such an object. */
const takesInstance = (type: ts.Type): boolean =>
  type.isClass() || (type.isUnion() && type.types.some(takesInstance)) || takesInstances(type);

function takesInstances(type: ts.Type): boolean {
  const element = type.getNumberIndexType();
  return (
    element !== undefined && element !== type && (element.flags & ts.TypeFlags.Object) !== 0 && takesInstance(element)
  );
}

/** The name of a function, or of the const that holds it; methods and functions in objects have none of their own. */
function nameOf(declaration: ts.FunctionLikeDeclaration): ts.Node | undefined {
  if (ts.isFunctionDeclaration(declaration)) return declaration.name;
  if (!ts.isArrowFunction(declaration) && !ts.isFunctionExpression(declaration)) return undefined;
  const { parent } = declaration;
  return ts.isVariableDeclaration(parent) && (parent.parent.flags & ts.NodeFlags.Const) !== 0 ? parent.name : undefined;
}

function renameCalls(region: Region, names: ReadonlyMap<string, string>): Region {
  const rename = (op: Op): Op => {
    if (op.kind === "call") return { ...op, callee: names.get(op.callee) ?? op.callee };
    if (regionsOf(op).length === 0) return op;
    const same = (value: Value): Value => value;
    return rebuild(op, { value: same, region: (inner) => renameCalls(inner, names), result: same });
  };
  return { ...region, ops: region.ops.map(rename) };
}
