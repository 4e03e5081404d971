/** Methods that a program adds to all numbers. */
import ts from "typescript";
import { isAtTop } from "./run-once.js";
import type { LoweringSession } from "./session.js";
import { writesIn } from "./writes.js";

/** `Number.prototype.toRadians = function () { return this * Math.PI / 180; }`, given in one way only; null: it is not. */
export function numberExtension(session: LoweringSession, name: string): ts.FunctionExpression | null {
  const text = `Number.prototype.${name}`;
  const given = session.program.getSourceFiles().flatMap((file) => {
    if (file.isDeclarationFile || !file.text.includes(text)) return [];
    return (writesIn(session, file).named.get(name) ?? []).filter(({ target }) => target.getText() === text);
  });
  const [only] = given;
  if (only === undefined || given.some(({ value }) => value.getText() !== only.value.getText())) return null;
  const isThere = given.every(({ value }) => isAtTop(session, value));
  return isThere && ts.isFunctionExpression(only.value) ? only.value : null;
}
