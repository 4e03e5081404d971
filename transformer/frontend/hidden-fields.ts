/** Fields of instances of JavaScript that the declarations of their class keep to themselves, or do not tell of. */
import ts from "typescript";
import type { InstanceMaker, RecordType } from "../ir/ir.js";
import { isAnyType } from "../syntax/type-of.js";
import type { Cursor } from "./environment.js";

/** What made an instance, with what is hidden of it where the output file calls its class by name. */
export function withHidden({ session, frame }: Cursor, maker: InstanceMaker, { fields }: RecordType): InstanceMaker {
  const { checker } = session;
  // As the file sees it declared: what runs is another one.
  const symbol = checker
    .getSymbolsInScope(frame.outputFile, ts.SymbolFlags.Type | ts.SymbolFlags.Alias)
    .find(({ name }) => name === maker.name);
  if (symbol === undefined) return maker;
  const named = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const declared = checker.getDeclaredTypeOfSymbol(named);
  if (isAnyType(declared)) return maker;
  const members = fields.map(({ name }) => checker.getPropertyOfType(declared, name));
  const isPrivate = (one: ts.Declaration): boolean =>
    (ts.getCombinedModifierFlags(one) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
  if (members.some((one) => one?.declarations?.some(isPrivate) === true)) return { ...maker, hides: "private" };
  return members.includes(undefined) ? { ...maker, hides: "left out" } : maker;
}
