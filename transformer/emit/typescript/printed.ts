/** Text of an expression, with how tightly it binds; and what has to be known to print one. */
import type { Expression, Local } from "../tree.js";
import type { Names } from "../names.js";
import { precedence } from "./primitives.js";
import type { TypeNames } from "./types.js";

export interface PrintContext {
  readonly names: Names;
  readonly language: "typescript" | "javascript";
  readonly uncheckedIndexedAccess: boolean;
  readonly types: TypeNames;
  /** Is there a class of this name in the file? */
  readonly isClass: (name: string) => boolean;
  /** Asks for an import; gives the name to use. */
  readonly imported: (module: string, name: string) => string;
  /** May `null` stand where this value is absent? */
  readonly absentIsNull: (value: Expression) => boolean;
  /** Is it declared with `let`? */
  readonly isMutable: (local: Local) => boolean;
}

export interface Printed {
  readonly text: string;
  readonly level: number;
}

export const primary = (text: string): Printed => ({ text, level: precedence.primary });
export const postfix = (text: string): Printed => ({ text, level: precedence.postfix });
export const unary = (text: string): Printed => ({ text, level: precedence.unary });
