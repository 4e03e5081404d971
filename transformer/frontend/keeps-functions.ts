/**
 * Has a class fields for functions, or for objects that have some? Its instances are what their constructors leave behind:
 * no declared type tells which functions those are.
 */
import ts from "typescript";
import type { Maker } from "./class-members.js";
import { isFunctionType } from "./function-value.js";
import type { LoweringSession } from "./session.js";

export function keepsFunctions({ checker }: LoweringSession, maker: Maker): boolean {
  const symbol = maker.name === undefined ? undefined : checker.getSymbolAtLocation(maker.name);
  if (!ts.isClassLike(maker) || symbol === undefined) return false;
  const seen = new Set<ts.Type>();
  const inside = (type: ts.Type): boolean => {
    if (seen.has(type)) return false;
    seen.add(type);
    return checker.getPropertiesOfType(type).some((one) => isField(one) && leadsToOne(checker.getTypeOfSymbol(one)));
  };
  const leadsToOne = (of: ts.Type): boolean => {
    const type = checker.getNonNullableType(of);
    if (type.isUnion()) return type.types.some(leadsToOne);
    if (isFunctionType(type) || isMapOrSet(type)) return true;
    if (checker.isArrayType(type) || checker.isTupleType(type))
      return checker.getTypeArguments(type as ts.TypeReference).some(leadsToOne);
    return (type.flags & ts.TypeFlags.Object) !== 0 && isOfProgram(type) && inside(type);
  };
  return inside(checker.getDeclaredTypeOfSymbol(symbol));
}

/** What is declared to be one may be one from outside, which is constant. */
const isMapOrSet = (type: ts.Type): boolean => /^(?:Map|Set)$/.test(type.getSymbol()?.name ?? "") && !isOfProgram(type);

/** Is it declared in the program, and not in a library? */
const isOfProgram = (type: ts.Type): boolean =>
  type.getSymbol()?.declarations?.some((one) => !one.getSourceFile().isDeclarationFile) === true;

/** A field, and no method. */
const isField = ({ declarations }: ts.Symbol): boolean =>
  declarations?.some(
    (at) =>
      ts.isPropertyDeclaration(at) || ts.isParameter(at) || ts.isPropertySignature(at) || ts.isPropertyAssignment(at),
  ) === true;
