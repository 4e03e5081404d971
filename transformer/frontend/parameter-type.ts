/** The type of a parameter: as annotated, as JSDoc says, as the declarations of its package say, or as it is used. */
import ts from "typescript";
import type { Type } from "../ir/ir.js";
import { isJavaScript } from "../syntax/javascript.js";
import { isAnyType, typeOf } from "../syntax/type-of.js";
import { inferParameter } from "./infer-parameter.js";
import type { LoweringSession } from "./session.js";

/**
 * The type that a parameter is declared with; where its own file has none, the one of its package's declarations. These know
 * more than a default does: `options = {}`, `units = "kilometers"`.
 */
export function declaredParameter(session: LoweringSession, parameter: ts.ParameterDeclaration): ts.Type {
  const own = session.checker.getTypeAtLocation(parameter);
  const isOfDefault = parameter.initializer !== undefined && isUntyped(parameter);
  if (!isAnyType(own) && !isOfDefault) return own;
  const signature = session.implementations.signatureOf(parameter.parent);
  const declared = signature?.parameters[parameter.parent.parameters.indexOf(parameter)];
  return declared === undefined ? own : session.checker.getTypeOfSymbol(declared);
}

/** The same for what a function returns. */
export function declaredReturn(session: LoweringSession, declaration: ts.SignatureDeclaration): ts.Type | null {
  const { checker, implementations } = session;
  const own = checker.getSignatureFromDeclaration(declaration);
  const type = own === undefined ? null : checker.getReturnTypeOfSignature(own);
  if (type !== null && !isAnyType(type)) return type;
  const declared = implementations.signatureOf(declaration);
  return declared === null ? type : checker.getReturnTypeOfSignature(declared);
}

/** The type of a parameter of a function that is differentiated; null: nothing says what it is. */
export function parameterTypeOf(session: LoweringSession, parameter: ts.ParameterDeclaration): Type | null {
  const declared = declaredParameter(session, parameter);
  if (isAnyType(declared) && isUntyped(parameter)) return inferParameter(session, parameter);
  return typeOf(declared, session.types);
}

/** A parameter of JavaScript of which nothing is said; `any` that is written is meant. */
const isUntyped = (parameter: ts.ParameterDeclaration): boolean =>
  isJavaScript(parameter.getSourceFile().fileName) && ts.getJSDocType(parameter) === undefined;
