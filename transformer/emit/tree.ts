/**
 * The second representation: what a program looks like on paper. Statements, nested expressions and
 * variables that may be assigned more than once. `schedule` builds it from IR, the printers read it;
 * a further backend starts here.
 */
import type { HiddenFields, Literal, Origin, Type } from "../ir/ir.js";
import type { Primitive } from "../ir/primitives.js";

/** A variable of the emitted function. Identity is the object; `settleNames` gives it a name last. */
export interface Local {
  readonly type: Type;
  readonly origin: Origin;
  readonly kind: "parameter" | "counter" | "value";
  /** A name that tells what it is, for a variable that the user did not name. */
  readonly hint: string;
}

export type Place =
  | { readonly kind: "element"; readonly base: Expression; readonly index: Expression; readonly of: Type }
  | { readonly kind: "field"; readonly base: Expression; readonly field: string | number; readonly of: Type };

export type Fresh =
  /** `holes`: with nothing in it. */
  | { readonly kind: "zeros"; readonly length: Expression; readonly holes: boolean }
  /**
   * `maker`: the class that the object has to be an instance of; `hides`: fields of it that its declarations hide.
   * `keys`: fields that are there where a test says so.
   */
  | {
      readonly kind: "parts";
      readonly parts: readonly Expression[];
      readonly maker?: string;
      readonly hides?: HiddenFields;
      readonly keys?: readonly { readonly field: string; readonly test: Expression }[];
    }
  | { readonly kind: "filled"; readonly length: Expression; readonly value: Expression }
  | {
      readonly kind: "copy";
      readonly source: Expression;
      readonly sourceType: Type;
      readonly from: Expression;
      readonly to: Expression;
      /** What is not there becomes an element, too. */
      readonly spread: boolean;
    }
  /** `ofType`: of what the zeros are like. */
  | { readonly kind: "zerosLike"; readonly of: Expression; readonly ofType: Type };

export type Expression =
  | { readonly kind: "literal"; readonly value: Literal; readonly text: string | null }
  | { readonly kind: "local"; readonly local: Local }
  | { readonly kind: "apply"; readonly primitive: Primitive; readonly args: readonly Expression[] }
  | {
      readonly kind: "conditional";
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | { readonly kind: "load"; readonly place: Place }
  | { readonly kind: "length"; readonly array: Expression }
  | { readonly kind: "allocate"; readonly type: Type; readonly fresh: Fresh }
  | { readonly kind: "push"; readonly array: Expression; readonly value: Expression }
  | { readonly kind: "pop"; readonly array: Expression }
  | { readonly kind: "grow"; readonly array: Expression; readonly length: Expression }
  | { readonly kind: "call"; readonly callee: string; readonly args: readonly Expression[] }
  | { readonly kind: "opaque"; readonly template: string; readonly operands: readonly Expression[] }
  | { readonly kind: "random" }
  | { readonly kind: "isAbsent"; readonly value: Expression }
  /**
   * `as`: taken for one member of a union; otherwise only for something that is there. `isUnrelated`: what the value is
   * declared as does not say that it can be that member. `isOfClass`: the member is a class below what it is declared as.
   */
  | {
      readonly kind: "unwrap";
      readonly value: Expression;
      readonly as: Type | null;
      readonly isUnrelated: boolean;
      readonly isOfClass: boolean;
    };

export type Block = readonly Statement[];

/** One assignment of several that happen at once. `kind`: at the end of an iteration, before a loop, at the end of a branch. */
export interface Move {
  readonly to: Local;
  readonly value: Expression;
}

export type Statement =
  /** `const x = e;`, `let x = e;`, `let x: number;` */
  | {
      readonly kind: "declare";
      readonly local: Local;
      readonly mutable: boolean;
      readonly value: Expression | null;
    }
  | { readonly kind: "assign"; readonly local: Local; readonly value: Expression }
  /** `[a, b] = f(x)`; null where a result is not used. With `declares`, the variables begin here. */
  | {
      readonly kind: "unpack";
      readonly locals: readonly (Local | null)[];
      readonly value: Expression;
      readonly declares: "const" | "let" | null;
    }
  /** Assignments that all read before any writes; only between `schedule` and `settleMoves`. */
  | { readonly kind: "moves"; readonly moves: readonly Move[]; readonly at: "iteration" | "entry" | "join" }
  /** `removes`: the place is a key of a Map, which is taken out. */
  | { readonly kind: "store"; readonly place: Place; readonly value: Expression; readonly removes?: true }
  | { readonly kind: "accumulate"; readonly place: Place; readonly value: Expression }
  | { readonly kind: "evaluate"; readonly value: Expression }
  | { readonly kind: "if"; readonly test: Expression; readonly then: Block; readonly otherwise: Block }
  | {
      readonly kind: "for";
      readonly counter: Local;
      readonly from: Expression;
      readonly to: Expression;
      readonly step: number;
      readonly inclusive: boolean;
      readonly body: Block;
    }
  /** `while (test)`; without a test it runs until a `break`. */
  | { readonly kind: "while"; readonly test: Expression | null; readonly body: Block }
  | { readonly kind: "doWhile"; readonly body: Block; readonly test: Expression }
  | { readonly kind: "break" }
  | { readonly kind: "continue" }
  /** `isWhole`: the one value is all that the function returns, put together already. */
  | { readonly kind: "return"; readonly values: readonly Expression[]; readonly isWhole?: true }
  | { readonly kind: "throw"; readonly value: Expression };

/** A whole function on paper. */
export interface Tree {
  readonly params: readonly Local[];
  readonly body: Block;
}

// ---- Small helpers -----------------------------------------------------------------

export const read = (local: Local): Expression => ({ kind: "local", local });
export const literal = (value: Literal): Expression => ({ kind: "literal", value, text: null });
export const apply = (primitive: Primitive, ...args: readonly Expression[]): Expression => ({
  kind: "apply",
  primitive,
  args,
});
export const isLiteral = (expression: Expression, value: Literal): boolean =>
  expression.kind === "literal" && Object.is(expression.value, value);

/** The expressions directly inside a place. */
export function placeParts(place: Place): readonly Expression[] {
  return place.kind === "element" ? [place.base, place.index] : [place.base];
}

function freshParts(fresh: Fresh): readonly Expression[] {
  switch (fresh.kind) {
    case "zeros":
      return [fresh.length];
    case "parts":
      return fresh.keys === undefined ? fresh.parts : [...fresh.parts, ...fresh.keys.map(({ test }) => test)];
    case "filled":
      return [fresh.length, fresh.value];
    case "copy":
      return [fresh.source, fresh.from, fresh.to];
    case "zerosLike":
      return [fresh.of];
  }
}

/** The expressions directly inside one. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
    case "local":
    case "random":
      return [];
    case "apply":
    case "call":
      return expression.args;
    case "conditional":
      return [expression.test, expression.then, expression.otherwise];
    case "load":
      return placeParts(expression.place);
    case "length":
    case "pop":
      return [expression.array];
    case "allocate":
      return freshParts(expression.fresh);
    case "push":
      return [expression.array, expression.value];
    case "grow":
      return [expression.array, expression.length];
    case "opaque":
      return expression.operands;
    case "isAbsent":
    case "unwrap":
      return [expression.value];
  }
}

/** The place with each expression directly inside it replaced. */
export function mapPlace(place: Place, map: (expression: Expression) => Expression): Place {
  return place.kind === "element"
    ? { ...place, base: map(place.base), index: map(place.index) }
    : { ...place, base: map(place.base) };
}

function mapFresh(fresh: Fresh, map: (expression: Expression) => Expression): Fresh {
  switch (fresh.kind) {
    case "zeros":
      return { ...fresh, length: map(fresh.length) };
    case "parts":
      return {
        ...fresh,
        parts: fresh.parts.map(map),
        ...(fresh.keys === undefined
          ? {}
          : { keys: fresh.keys.map(({ field, test }) => ({ field, test: map(test) })) }),
      };
    case "filled":
      return { kind: "filled", length: map(fresh.length), value: map(fresh.value) };
    case "copy":
      return { ...fresh, source: map(fresh.source), from: map(fresh.from), to: map(fresh.to) };
    case "zerosLike":
      return { ...fresh, of: map(fresh.of) };
  }
}

/** The same expression with the expressions directly inside it replaced. */
export function mapParts(expression: Expression, map: (expression: Expression) => Expression): Expression {
  switch (expression.kind) {
    case "literal":
    case "local":
    case "random":
      return expression;
    case "apply":
    case "call":
      return { ...expression, args: expression.args.map(map) };
    case "conditional":
      return {
        ...expression,
        test: map(expression.test),
        then: map(expression.then),
        otherwise: map(expression.otherwise),
      };
    case "load":
      return { ...expression, place: mapPlace(expression.place, map) };
    case "length":
    case "pop":
      return { ...expression, array: map(expression.array) };
    case "allocate":
      return { ...expression, fresh: mapFresh(expression.fresh, map) };
    case "push":
      return { ...expression, array: map(expression.array), value: map(expression.value) };
    case "grow":
      return { ...expression, array: map(expression.array), length: map(expression.length) };
    case "opaque":
      return { ...expression, operands: expression.operands.map(map) };
    case "isAbsent":
    case "unwrap":
      return { ...expression, value: map(expression.value) };
  }
}

/** Calls `visit` for every variable that an expression reads, once for each time. */
export function visitReads(expression: Expression, visit: (local: Local) => void): void {
  if (expression.kind === "local") visit(expression.local);
  else for (const part of partsOf(expression)) visitReads(part, visit);
}

/** Does an expression read a variable? */
export function readsLocal(expression: Expression, local: Local): boolean {
  return expression.kind === "local"
    ? expression.local === local
    : partsOf(expression).some((part) => readsLocal(part, local));
}

/** The expressions that a statement evaluates itself, not those of blocks inside it. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case "declare":
      return statement.value === null ? [] : [statement.value];
    case "assign":
    case "unpack":
    case "evaluate":
    case "throw":
      return [statement.value];
    case "moves":
      return statement.moves.map(({ value }) => value);
    case "store":
    case "accumulate":
      return [...placeParts(statement.place), statement.value];
    case "if":
    case "doWhile":
      return [statement.test];
    case "for":
      return [statement.from, statement.to];
    case "while":
      return statement.test === null ? [] : [statement.test];
    case "break":
    case "continue":
      return [];
    case "return":
      return statement.values;
  }
}

/** Calls `visit` for every statement of a block, outer before inner. */
export function eachStatement(block: Block, visit: (statement: Statement) => void): void {
  for (const statement of block) {
    visit(statement);
    for (const inner of blocksOf(statement)) eachStatement(inner, visit);
  }
}

/** The blocks directly inside a statement. */
export function blocksOf(statement: Statement): readonly Block[] {
  switch (statement.kind) {
    case "if":
      return [statement.then, statement.otherwise];
    case "for":
    case "while":
    case "doWhile":
      return [statement.body];
    default:
      return [];
  }
}

/** The variables that a statement itself assigns or declares. */
export function assignedBy(statement: Statement): readonly Local[] {
  switch (statement.kind) {
    case "declare":
    case "assign":
      return [statement.local];
    case "unpack":
      return statement.locals.filter((local) => local !== null);
    case "moves":
      return statement.moves.map(({ to }) => to);
    case "for":
      return [statement.counter];
    default:
      return [];
  }
}

/** The same statement with its expressions, blocks and variables replaced. */
export function mapStatement(
  statement: Statement,
  by: {
    readonly expression: (expression: Expression) => Expression;
    readonly block: (block: Block) => Block;
    readonly local: (local: Local) => Local;
  },
): Statement {
  const { expression: map, block, local } = by;
  switch (statement.kind) {
    case "declare":
      return {
        ...statement,
        local: local(statement.local),
        value: statement.value === null ? null : map(statement.value),
      };
    case "assign":
      return { ...statement, local: local(statement.local), value: map(statement.value) };
    case "unpack":
      return {
        ...statement,
        locals: statement.locals.map((one) => (one === null ? null : local(one))),
        value: map(statement.value),
      };
    case "moves":
      return { ...statement, moves: statement.moves.map(({ to, value }) => ({ to: local(to), value: map(value) })) };
    case "store":
    case "accumulate":
      return { ...statement, place: mapPlace(statement.place, map), value: map(statement.value) };
    case "evaluate":
    case "throw":
      return { ...statement, value: map(statement.value) };
    case "if":
      return {
        ...statement,
        test: map(statement.test),
        then: block(statement.then),
        otherwise: block(statement.otherwise),
      };
    case "for":
      return {
        ...statement,
        counter: local(statement.counter),
        from: map(statement.from),
        to: map(statement.to),
        body: block(statement.body),
      };
    case "while":
      return {
        ...statement,
        test: statement.test === null ? null : map(statement.test),
        body: block(statement.body),
      };
    case "doWhile":
      return { ...statement, body: block(statement.body), test: map(statement.test) };
    case "break":
    case "continue":
      return statement;
    case "return":
      return { ...statement, values: statement.values.map(map) };
  }
}

/** Is the text of two expressions the same, and so their value, if nothing is written between them? */
export function sameExpression(a: Expression, b: Expression): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "local" || b.kind === "local") return a.kind === "local" && b.kind === "local" && a.local === b.local;
  if (a.kind === "literal" || b.kind === "literal")
    return a.kind === "literal" && b.kind === "literal" && Object.is(a.value, b.value) && a.text === b.text;
  if (a.kind === "apply" && b.kind === "apply" && a.primitive !== b.primitive) return false;
  if (a.kind === "unwrap" && b.kind === "unwrap" && a.as !== b.as) return false;
  if (a.kind === "load" && b.kind === "load" && !samePlaceShape(a.place, b.place)) return false;
  if (!["apply", "conditional", "load", "length", "unwrap", "isAbsent"].includes(a.kind)) return false;
  const [left, right] = [partsOf(a), partsOf(b)];
  return left.length === right.length && left.every((part, k) => isSame(part, right[k]));
}

const isSame = (a: Expression, b: Expression | undefined): boolean => b !== undefined && sameExpression(a, b);

function samePlaceShape(a: Place, b: Place): boolean {
  return a.kind === "field" ? b.kind === "field" && a.field === b.field : b.kind === "element";
}

/** Are two places one, whenever both are evaluated at one time? */
export function samePlace(a: Place, b: Place): boolean {
  const [left, right] = [placeParts(a), placeParts(b)];
  return samePlaceShape(a, b) && left.every((part, k) => isSame(part, right[k]));
}
