/**
 * Constants of loops whose type TypeScript could only tell if it knew it: they need one that is written.
 *
 *   let b: number | undefined = undefined;
 *   for (..) { const isAbsent = b == null; b = isAbsent ? 1 : b! * 2; }   =>   const isAbsent: boolean = b == null;
 *
 * TypeScript follows what a variable of a union is given: to tell what `b` is where `isAbsent` is made, it looks at what
 * the round before has assigned, and there it finds `isAbsent`. It does not look where nothing is assigned before the
 * loop, for then `b` is whatever it is declared as. With unchecked indexed access, the same holds for an element at an
 * index that does not change in the loop: `da[t]` is `number | undefined`, or what was stored there.
 */
import type { Type } from "../ir/ir.js";
import {
  assignedBy,
  eachStatement,
  partsOf,
  samePlace,
  visitReads,
  type Block,
  type Expression,
  type Local,
  type Place,
  type Statement,
} from "./tree.js";

/** `uncheckedIndexedAccess`: an element may be undefined to TypeScript. */
export function findSelfTyped(body: Block, uncheckedIndexedAccess: boolean): ReadonlySet<Local> {
  const found = new Set<Local>();
  const all = countAssignments(body);
  const stored = uncheckedIndexedAccess ? storedElements(body) : [];
  eachStatement(body, (statement) => {
    if (isLoop(statement)) inLoop(statement.body, all, stored, found);
  });
  return found;
}

/** What the type of something is found in. */
type Sources = Map<Local | Place, Set<Local | Place>>;

function inLoop(body: Block, all: ReadonlyMap<Local, number>, stored: readonly Stored[], found: Set<Local>): void {
  const here = countAssignments(body);
  const isFollowed = (local: Local): boolean =>
    isUnion(local.type) && here.has(local) && (all.get(local) ?? 0) > (here.get(local) ?? 0);
  const elements = followedElements(body, stored);
  if (elements.length === 0 && ![...here.keys()].some(isFollowed)) return;
  const sources: Sources = new Map();
  const addSources = (to: Local | Place, value: Expression): void => {
    const from = sources.get(to) ?? new Set();
    sources.set(to, from);
    visitReads(value, (one) => from.add(one));
    visitElements(value, (place) => {
      const element = elements.find((one) => samePlace(one, place));
      if (element !== undefined) from.add(element);
    });
  };
  const declared: Local[] = [];
  /** Declared first and given a value in branches: what that is, is followed too. */
  const bare = new Set<Local>();
  eachStatement(body, (statement) => {
    if (statement.kind === "store") {
      const element = elements.find((one) => samePlace(one, statement.place));
      if (element !== undefined) addSources(element, statement.value);
    }
    const isFirst = statement.kind === "declare";
    if (!isFirst && statement.kind !== "assign") return;
    const { local, value } = statement;
    if (value === null) {
      if (isUnion(local.type)) bare.add(local);
      return;
    }
    if (isFirst) declared.push(local);
    else if (!isFollowed(local) && !bare.has(local)) return;
    addSources(local, value);
  });
  for (const local of declared) {
    if (!reaches(local, local, sources)) continue;
    found.add(local);
    sources.delete(local);
  }
}

function reaches(from: Local, to: Local, sources: Sources): boolean {
  const seen = new Set<Local | Place>();
  const search = (at: Local | Place): boolean =>
    [...(sources.get(at) ?? [])].some((one) => one === to || (!seen.has(one) && seen.add(one).has(one) && search(one)));
  return search(from);
}

/** A store to an element at an index that has a name, or is a literal. */
interface Stored {
  readonly place: Place;
  readonly index: Expression;
  readonly by: Statement;
}

function storedElements(body: Block): readonly Stored[] {
  const found: Stored[] = [];
  eachStatement(body, (statement) => {
    if (statement.kind !== "store" || statement.place.kind !== "element") return;
    const { index } = statement.place;
    if (index.kind === "local" || index.kind === "literal")
      found.push({ place: statement.place, index, by: statement });
  });
  return found;
}

/** The elements that a loop and what stands outside of it store to, at an index that the loop does not change. */
function followedElements(body: Block, stored: readonly Stored[]): readonly Place[] {
  if (stored.length < 2) return [];
  const inside = new Set<Statement>();
  const changed = new Set<Local>();
  eachStatement(body, (statement) => {
    inside.add(statement);
    for (const local of assignedBy(statement)) changed.add(local);
  });
  const isChanged = (index: Expression): boolean => index.kind === "local" && changed.has(index.local);
  const within = stored.filter(({ by, index }) => inside.has(by) && !isChanged(index));
  const isAlsoOutside = (place: Place): boolean =>
    stored.some(({ by, place: other }) => !inside.has(by) && samePlace(place, other));
  return within.map(({ place }) => place).filter(isAlsoOutside);
}

function visitElements(expression: Expression, visit: (place: Place) => void): void {
  if (expression.kind === "load" && expression.place.kind === "element") visit(expression.place);
  for (const part of partsOf(expression)) visitElements(part, visit);
}

/** Does TypeScript tell the parts of such a type apart after an assignment? */
function isUnion(type: Type): boolean {
  if (type.kind === "optional" || type.kind === "boolean") return true;
  if (type.kind === "record") return type.members !== undefined;
  if (type.kind === "array") return type.storage === "ArrayLike";
  return type.kind === "opaque" && type.text !== "string";
}

const isLoop = (statement: Statement): statement is Extract<Statement, { readonly body: Block }> =>
  statement.kind === "for" || statement.kind === "while" || statement.kind === "doWhile";

function countAssignments(body: Block): ReadonlyMap<Local, number> {
  const counts = new Map<Local, number>();
  eachStatement(body, (statement) => {
    const isGiven = statement.kind === "assign" || (statement.kind === "declare" && statement.value !== null);
    if (isGiven) counts.set(statement.local, (counts.get(statement.local) ?? 0) + 1);
  });
  return counts;
}
