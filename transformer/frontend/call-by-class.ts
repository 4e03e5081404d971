/**
 * Methods and getters that each class has its own of: which one runs is found out as the program runs.
 *
 *   layer.forward(x)   =>   if (layer instanceof Dense) ... else if (layer instanceof Tanh) ... else throw
 */
import ts from "typescript";
import { field } from "../ir/build.js";
import type { Type, Value, Variable } from "../ir/ir.js";
import { sameType } from "../ir/join-types.js";
import { concreteClasses, subclassesOf } from "../syntax/class-hierarchy.js";
import { exactTypeOf } from "../syntax/type-of.js";
import { baseOf, memberOfMaker } from "./class-members.js";
import { originOf, refused, type Cursor } from "./environment.js";
import { callFirst, callMember, type Argument, type Way } from "./lower-call.js";
import { unwrapTo } from "./lower-function.js";
import { classTest } from "./lower-condition.js";
import { importedName, nameInScope } from "./module-constants.js";
import type { LoweringSession } from "./session.js";

/** undefined: the classes that an instance may be of are not known. */
export function callByClass(
  cursor: Cursor,
  declared: ts.Type,
  self: Value,
  name: string,
  kind: "method" | "get",
  args: readonly Argument[],
  node: ts.Node,
  variable: Variable | null,
): Value | null | undefined {
  const { session } = cursor;
  const classes = classesOf(session, declared);
  if (classes === null || self.type.kind !== "record") return undefined;
  const ways: Way[] = [];
  for (const one of classes) {
    const member = memberOfMaker(session, one, name, kind);
    if (member === null && (kind !== "get" || !hasField(instanceType(cursor, one), name))) return undefined;
    const asked = member === null ? [name] : fieldNames(instanceType(cursor, one));
    if (self.type.members === undefined && asked.some((field) => !hasField(self.type, field))) {
      // Of an instance that is known by what it was given, it was not given this. An instance of another class is no such
      // object: the test fails.
      if (member === null && self.type.instance?.identity !== undefined) return undefined;
      if (self.type.instance?.identity === undefined) continue;
    }
    const className = classNameIn(cursor, one);
    if (className === null) {
      const which = `${one.name?.text ?? "a class"}, which the derivative's file cannot name,`;
      return refused(cursor, node, "EZ2014", { name, type: which });
    }
    ways.push({
      test: (at) => classTest(at, self, one, className, node),
      call: (at) => {
        const instance = asInstance(at, self, one);
        return member === null
          ? at.block.load(field(instance, name), originOf(node, variable))
          : callMember(at, member, instance, args, node, variable, false);
      },
    });
  }
  return callFirst(cursor, ways, `${name} of an object of no known class`, node, variable);
}

/** The classes that an instance can be of, those below others first; null: that is not known. */
export function classesOf(session: LoweringSession, declared: ts.Type): readonly ts.ClassDeclaration[] | null {
  const { checker, types } = session;
  const bound = checker.getNonNullableType(checker.getBaseConstraintOfType(declared) ?? declared);
  const classes: ts.ClassDeclaration[] = [];
  for (const type of bound.isUnion() ? bound.types : [bound]) {
    const below = type.isClassOrInterface() ? concreteClasses(type, types.hierarchy(), checker) : null;
    const own = below ?? only(session, type);
    if (own === null) return null;
    classes.push(...own.filter((one) => !classes.includes(one)));
  }
  return classes.length === 0 ? null : classes.sort((a, b) => depthOf(session, b) - depthOf(session, a));
}

/** A class that no other extends. */
function only({ types }: LoweringSession, type: ts.Type): readonly ts.ClassDeclaration[] | null {
  const symbol = type.getSymbol();
  const declaration = symbol?.declarations?.find(ts.isClassDeclaration);
  if (symbol === undefined || declaration === undefined || declaration.typeParameters !== undefined) return null;
  return subclassesOf(symbol, types.hierarchy()).length > 0 ? null : [declaration];
}

function depthOf(session: LoweringSession, one: ts.ClassDeclaration): number {
  let depth = 0;
  for (let above = baseOf(session, one); above !== null && depth < 20; above = baseOf(session, above)) depth++;
  return depth;
}

/** How the output file calls a class. */
export function classNameIn(cursor: Cursor, one: ts.ClassLikeDeclaration): string | null {
  const { session, frame } = cursor;
  const symbol = one.name === undefined ? undefined : session.checker.getSymbolAtLocation(one.name);
  if (symbol === undefined) return null;
  return nameInScope(session, frame.outputFile, symbol) ?? importedName(cursor, symbol);
}

/** The instance under the type of its class. */
function asInstance(cursor: Cursor, self: Value, one: ts.ClassDeclaration): Value {
  const type = instanceType(cursor, one);
  const isUnion = self.type.kind === "record" && self.type.members !== undefined;
  return isUnion && type?.kind === "record" && !sameType(type, self.type) ? unwrapTo(cursor, self, type) : self;
}

function instanceType({ session }: Cursor, one: ts.ClassDeclaration): Type | null {
  const symbol = one.name === undefined ? undefined : session.checker.getSymbolAtLocation(one.name);
  return symbol === undefined ? null : exactTypeOf(session.checker.getDeclaredTypeOfSymbol(symbol), session.types);
}

const fieldNames = (type: Type | null): readonly string[] =>
  type?.kind === "record" ? type.fields.map((one) => one.name) : [];

const hasField = (type: Type | null, name: string): boolean =>
  type?.kind === "record" && type.fields.some((one) => one.name === name);
