/** Which method a call of a class instance means. */
import ts from "typescript";
import { resolveAlias } from "./assigned-symbols.js";
import type { LoweringSession } from "./session.js";

type Member = ts.MethodDeclaration | ts.GetAccessorDeclaration | ts.SetAccessorDeclaration;

/** All classes of the program by the class they extend. */
function subclasses(session: LoweringSession): ReadonlyMap<ts.Symbol, readonly ts.ClassLikeDeclaration[]> {
  if (session.subclasses !== null) return session.subclasses;
  const map = new Map<ts.Symbol, ts.ClassLikeDeclaration[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node)) {
      const base = baseExpression(node);
      const symbol = base === null ? undefined : session.checker.getSymbolAtLocation(base);
      if (symbol !== undefined) {
        const target = resolveAlias(session, symbol);
        map.set(target, [...(map.get(target) ?? []), node]);
      }
    }
    ts.forEachChild(node, visit);
  };
  for (const file of session.program.getSourceFiles()) if (!file.isDeclarationFile) visit(file);
  session.subclasses = map;
  return map;
}

/** What a class extends, as written. */
export function baseExpression(node: ts.ClassLikeDeclaration): ts.Expression | null {
  const clause = node.heritageClauses?.find((one) => one.token === ts.SyntaxKind.ExtendsKeyword);
  return clause?.types[0]?.expression ?? null;
}

export function classOf(session: LoweringSession, node: ts.Expression): ts.ClassDeclaration | null {
  const symbol = session.checker.getSymbolAtLocation(node);
  if (symbol === undefined) return null;
  return resolveAlias(session, symbol).declarations?.find(ts.isClassDeclaration) ?? null;
}

export function hasSubclasses(session: LoweringSession, node: ts.ClassLikeDeclaration): boolean {
  const symbol = symbolOfClass(session, node);
  return symbol !== null && (subclasses(session).get(symbol)?.length ?? 0) > 0;
}

function symbolOfClass(session: LoweringSession, node: ts.ClassLikeDeclaration): ts.Symbol | null {
  return node.name === undefined ? null : (session.checker.getSymbolAtLocation(node.name) ?? null);
}

/** Does a class below this one have a member of this name of its own? */
function isOverridden(session: LoweringSession, node: ts.ClassLikeDeclaration, name: string): boolean {
  const symbol = symbolOfClass(session, node);
  if (symbol === null) return false;
  return (subclasses(session).get(symbol) ?? []).some(
    (one) => one.members.some((member) => member.name?.getText() === name) || isOverridden(session, one, name),
  );
}

export type FoundMember = { readonly kind: "found"; readonly member: Member } | { readonly kind: "open" } | null;

/**
 * The member of this name that runs for an instance. `exact`: the class the instance was made of, if known; otherwise a
 * subclass may bring its own, and the question is open.
 */
export function findMember(
  session: LoweringSession,
  declared: ts.Type,
  exact: ts.ClassLikeDeclaration | null,
  name: string,
  kind: "method" | "get" | "set",
): FoundMember {
  const { checker } = session;
  const fits = (node: ts.Node): node is Member =>
    kind === "method" ? ts.isMethodDeclaration(node) : kind === "get" ? ts.isGetAccessor(node) : ts.isSetAccessor(node);
  const type = exact?.name === undefined ? checker.getNonNullableType(declared) : checker.getTypeAtLocation(exact.name);
  const instance = exact?.name === undefined ? type : instanceType(session, exact, type);
  if (instance.isUnion()) return { kind: "open" };
  const member = checker
    .getPropertyOfType(instance, name)
    ?.declarations?.find((one): one is Member => fits(one) && one.body !== undefined);
  if (member === undefined || !ts.isClassLike(member.parent)) return null;
  const from = instance.getSymbol()?.declarations?.find(ts.isClassLike) ?? member.parent;
  if (exact === null && isOverridden(session, from, name)) return { kind: "open" };
  return { kind: "found", member };
}

function instanceType(session: LoweringSession, node: ts.ClassLikeDeclaration, fallback: ts.Type): ts.Type {
  const symbol = symbolOfClass(session, node);
  return symbol === null ? fallback : session.checker.getDeclaredTypeOfSymbol(symbol);
}
