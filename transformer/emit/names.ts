/**
 * Settles names last: primal `x`, adjoint `dx`, tangent `xDot`, residual `xBefore`.
 *
 * A name is taken from the user's variable; affixes compose (`dxDot`, `ddx`). Two variables of one name get numbers,
 * unless one lives in a block inside the other's where the other is not mentioned.
 */
import { appendTo } from "../ir/grouped.js";
import type { Role } from "../ir/ir.js";
import { roleName } from "../ir/roles.js";
import {
  assignedBy,
  blocksOf,
  eachStatement,
  expressionsOf,
  partsOf,
  visitReads,
  type Block,
  type Expression,
  type Local,
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

/** A name for each variable. */
export function settleNames(params: readonly Local[], body: Block, rules: NameRules): Names {
  const { scopes, mentions } = findScopes(params, body);
  const names = new Map<Local, string>();
  const holders = new Map<string, Scope[]>();
  const numbered = new Map<Stretch, Map<string, number>>();
  const numbersIn = (block: Stretch): Map<string, number> => {
    const known = numbered.get(block) ?? new Map<string, number>();
    numbered.set(block, known);
    return known;
  };
  const isTaken = (name: string, scope: Scope, isUsers: boolean): boolean => {
    if (reserved.has(name) || rules.used.has(name) || (!isUsers && rules.visible.has(name))) return true;
    for (const its of holders.get(name) ?? []) {
      if (its.block === scope.block) return true;
      // Further out: it may be hidden here if nothing in here mentions it.
      if (isAround(its.block, scope.block) && (!isUsers || mentions.isIn(scope, its.local))) return true;
      if (isAround(scope.block, its.block) && (!isUsers || mentions.isIn(its, scope.local))) return true;
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

/** A stretch of the text: the statements numbered from `start` up to `end`, in the order of the text. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Scope {
  readonly local: Local;
  readonly block: Stretch;
  readonly loops: number;
  /** Where its name is seen: its block, and of a counter the bounds of its loop as well. */
  readonly start: number;
}

/** What is declared above a block, and where. */
interface Header extends Pick<Scope, "start" | "loops"> {
  readonly declares: readonly Local[];
}

const isAround = (outer: Stretch, inner: Stretch): boolean => outer.start <= inner.start && inner.end <= outer.end;

/** The statements that mention each variable. */
class Mentions {
  private readonly places = new Map<Local, number[]>();

  add(local: Local, place: number): void {
    appendTo(this.places, local, place);
  }

  isIn({ start, block }: Scope, local: Local): boolean {
    const places = this.places.get(local) ?? [];
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((places[middle] ?? Infinity) < start) low = middle + 1;
      else high = middle;
    }
    return (places[low] ?? Infinity) < block.end;
  }
}

/** Where each variable is declared, in the order of the text, and where it is mentioned. */
function findScopes(
  params: readonly Local[],
  body: Block,
): { readonly scopes: ReadonlyMap<Local, Scope>; readonly mentions: Mentions } {
  const scopes = new Map<Local, Scope>();
  const mentions = new Mentions();
  let count = 0;
  const visit = (block: Block, loops: number, header: Header): void => {
    const stretch = { start: count, end: count };
    const add = (local: Local, at: Pick<Scope, "start" | "loops">): void => {
      if (!scopes.has(local)) scopes.set(local, { local, block: stretch, ...at });
    };
    for (const local of header.declares) add(local, header);
    for (const statement of block) {
      const place = count++;
      for (const local of assignedBy(statement)) {
        mentions.add(local, place);
        if (statement.kind === "declare" || (statement.kind === "unpack" && statement.declares !== null))
          add(local, { start: stretch.start, loops });
      }
      for (const expression of expressionsOf(statement)) visitReads(expression, (local) => mentions.add(local, place));
      const deeper = statement.kind === "if" ? loops : loops + 1;
      const declares = statement.kind === "for" ? [statement.counter] : [];
      for (const one of blocksOf(statement)) visit(one, deeper, { declares, start: place, loops });
    }
    stretch.end = count;
  };
  visit(body, 0, { declares: params, start: 0, loops: 0 });
  return { scopes, mentions };
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
  const names = new Set(["Math", "Number", "isNaN", "Array", "Float64Array"]);
  const fromText = (text: string): void => {
    for (const [name] of text.matchAll(identifiers)) names.add(name);
  };
  const visitExpression = (expression: Expression): void => {
    if (expression.kind === "literal" && expression.text !== null) fromText(expression.text);
    if (expression.kind === "call") fromText(expression.callee);
    if (expression.kind === "opaque") {
      const text = withoutStrings(expression.template);
      fromText(text);
      // helpers of the package stand there as `$name`
      fromText(text.replaceAll("$", " "));
    }
    if (expression.kind === "grow") names.add("grow");
    if (expression.kind === "allocate") {
      if (expression.fresh.kind === "zerosLike") names.add("zerosLike");
      if (expression.type.kind === "array") names.add(expression.type.storage);
    }
    partsOf(expression).forEach(visitExpression);
  };
  eachStatement(body, (statement) => {
    expressionsOf(statement).forEach(visitExpression);
    if (statement.kind === "store" || statement.kind === "accumulate") {
      if (statement.place.kind === "element") visitExpression(statement.place.base);
    }
  });
  return names;
}
