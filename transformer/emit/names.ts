/**
 * Settles names last: primal `x`, adjoint `dx`, tangent `xDot`, residual `xBefore`.
 *
 * A name is taken from the user's variable; affixes compose (`dxDot`, `ddx`). Two variables of one name get numbers,
 * unless one lives in a block inside the other's where the other is not mentioned.
 */
import type { Role } from "../ir/ir.js";
import { roleName } from "../ir/with-role.js";
import {
  assignedBy,
  blocksOf,
  expressionsOf,
  partsOf,
  visitReads,
  type Block,
  type Expression,
  type Local,
  type Statement,
} from "./tree.js";

export type Names = (local: Local) => string;

export interface NameRules {
  /** The names that the text itself uses: functions, globals, constants. Nothing may hide them. */
  readonly used: ReadonlySet<string>;
  /** Names visible in the file: no invented name is one of them. */
  readonly visible: ReadonlySet<string>;
}

export const reserved: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined var void while with yield NaN Infinity"
  ).split(" "),
);

const withoutHint: Readonly<Record<Role, string>> = { primal: "t", adjoint: "d", tangent: "tDot", residual: "record" };

interface Wish {
  readonly name: string;
  /** Made of the user's own name, unchanged. */
  readonly isUsers: boolean;
}

function wishFor(local: Local, depth: number): Wish {
  const { variable, role } = local.origin;
  if (local.kind === "parameter") {
    const name = variable !== null && variable.name === local.hint ? roleName(variable, role) : local.hint;
    return { name, isUsers: true };
  }
  if (variable !== null) return { name: roleName(variable, role), isUsers: role === "primal" };
  if (local.kind === "counter") return { name: ["i", "j", "k", "l", "m"][depth] ?? "i", isUsers: false };
  return { name: local.hint === "" ? withoutHint[role] : local.hint, isUsers: false };
}

export function settleNames(params: readonly Local[], body: Block, rules: NameRules): Names {
  const scopes = findScopes(params, body);
  const names = new Map<Local, string>();
  const holders = new Map<string, Scope[]>();
  const numbered = new Map<Block, Map<string, number>>();
  const numbersIn = (block: Block): Map<string, number> => {
    const known = numbered.get(block) ?? new Map<string, number>();
    numbered.set(block, known);
    return known;
  };
  const isTaken = (name: string, scope: Scope, isUsers: boolean): boolean => {
    if (reserved.has(name) || rules.used.has(name) || (!isUsers && rules.visible.has(name))) return true;
    for (const its of holders.get(name) ?? []) {
      if (its.block === scope.block) return true;
      // Further out: it may be hidden here if nothing in here mentions it.
      if (scope.path.includes(its.block) && (!isUsers || mentionedInScope(scope, its.local))) return true;
      if (its.path.includes(scope.block) && (!isUsers || mentionedInScope(its, scope.local))) return true;
    }
    return false;
  };
  // What the user named is named first.
  const all = [...scopes.values()].map((scope) => ({ scope, wish: wishFor(scope.local, scope.loops) }));
  const isOwn = (local: Local): boolean => local.kind === "parameter" || local.origin.variable !== null;
  const ordered = [...all.filter(({ scope }) => isOwn(scope.local)), ...all.filter(({ scope }) => !isOwn(scope.local))];
  for (const { scope, wish } of ordered) {
    const isLetter = scope.local.kind === "counter" && !wish.isUsers;
    const letters = isLetter ? ["i", "j", "k", "l", "m"].slice(scope.loops) : [];
    // Numbers that are taken in this block stay taken.
    const numbers = numbersIn(scope.block);
    let number = numbers.get(wish.name) ?? 0;
    const nth = (k: number): string => (k === 0 ? wish.name : (letters[k] ?? `${wish.name}${k}`));
    while (isTaken(nth(number), scope, wish.isUsers)) number++;
    const name = nth(number);
    numbers.set(wish.name, number);
    names.set(scope.local, name);
    const same = holders.get(name);
    if (same === undefined) holders.set(name, [scope]);
    else same.push(scope);
  }
  return (local) => {
    const name = names.get(local);
    if (name === undefined) throw new Error("a variable was not declared");
    return name;
  };
}

interface Scope {
  readonly local: Local;
  readonly block: Block;
  /** The blocks around, outermost first. */
  readonly path: readonly Block[];
  readonly loops: number;
  /** The bounds of a counter's loop: its name is seen there as well. */
  readonly header: readonly Expression[];
}

const mentionedInScope = (scope: Scope, local: Local): boolean =>
  mentions(scope.block, local) || scope.header.some((expression) => mentionedBy(expression, local));

/** Where each variable is declared, in the order of the text. */
function findScopes(params: readonly Local[], body: Block): ReadonlyMap<Local, Scope> {
  const scopes = new Map<Local, Scope>();
  for (const local of params) scopes.set(local, { local, block: body, path: [], loops: 0, header: [] });
  const add = (
    local: Local,
    block: Block,
    path: readonly Block[],
    loops: number,
    header: readonly Expression[] = [],
  ): void => {
    if (!scopes.has(local)) scopes.set(local, { local, block, path, loops, header });
  };
  const visit = (block: Block, path: readonly Block[], loops: number): void => {
    const inner = [...path, block];
    for (const statement of block) {
      if (statement.kind === "declare" || (statement.kind === "unpack" && statement.declares !== null)) {
        for (const local of assignedBy(statement)) add(local, block, path, loops);
      }
      if (statement.kind === "for") {
        add(statement.counter, statement.body, inner, loops, expressionsOf(statement));
      }
      const deeper = statement.kind === "if" ? loops : loops + 1;
      for (const one of blocksOf(statement)) visit(one, inner, deeper);
    }
  };
  visit(body, [], 0);
  return scopes;
}

const mentionedIn = (statement: Statement, local: Local): boolean =>
  assignedBy(statement).includes(local) ||
  expressionsOf(statement).some((expression) => mentionedBy(expression, local)) ||
  blocksOf(statement).some((block) => mentions(block, local));

function mentionedBy(expression: Expression, local: Local): boolean {
  let found = false;
  visitReads(expression, (one) => {
    found ||= one === local;
  });
  return found;
}

function mentions(block: Block, local: Local): boolean {
  return block.some((statement) => mentionedIn(statement, local));
}

/** A template without operands, names of members and the text of strings; what stands inside `${}` is code, and stays. */
const withoutStrings = (template: string): string =>
  codeIn(template)
    .replace(/\$\d+/g, " ")
    .replace(/\.\s*[\p{ID_Start}$_][\p{ID_Continue}$]*/gu, " ");

/** Source text with its string literals left out. */
function codeIn(text: string): string {
  let code = "";
  /** The quotes that are open, outermost first; `{` for code, inside a template string or in braces of its own. */
  const open: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const around = open.at(-1);
    if (around === undefined || around === "{") {
      if (character === "}" && around === "{") open.pop();
      else if (/["'`{]/.test(character)) open.push(character);
      code += /["'`]/.test(character) ? " " : character;
    } else if (character === "\\") at++;
    else if (character === around) open.pop();
    else if (around === "`" && text.startsWith("${", at)) {
      open.push("{");
      code += " ";
      at++;
    }
  }
  return code;
}

const identifiers = /[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;

/** The names that the text of a function mentions beyond its variables: globals, constants, callees. */
export function usedNames(body: Block): Set<string> {
  const names = new Set(["Math", "Number", "Array", "Float64Array"]);
  const fromText = (text: string): void => {
    for (const [name] of text.matchAll(identifiers)) names.add(name);
  };
  const visitExpression = (expression: Expression): void => {
    if (expression.kind === "literal" && expression.text !== null) fromText(expression.text);
    if (expression.kind === "call") fromText(expression.callee);
    if (expression.kind === "opaque") fromText(withoutStrings(expression.template));
    if (expression.kind === "grow") names.add("grow");
    if (expression.kind === "allocate") {
      if (expression.fresh.kind === "zerosLike") names.add("zerosLike");
      if (expression.type.kind === "array") names.add(expression.type.storage);
    }
    partsOf(expression).forEach(visitExpression);
  };
  const visit = (statement: Statement): void => {
    expressionsOf(statement).forEach(visitExpression);
    if (statement.kind === "store" || statement.kind === "accumulate") {
      if (statement.place.kind === "element") visitExpression(statement.place.base);
    }
    for (const block of blocksOf(statement)) block.forEach(visit);
  };
  body.forEach(visit);
  return names;
}
