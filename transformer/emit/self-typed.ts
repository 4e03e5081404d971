/**
 * Constants of loops whose type TypeScript could only tell if it knew it: they need one that is written.
 *
 *   let b: number | undefined = undefined;
 *   for (..) { const isAbsent = b == null; b = isAbsent ? 1 : b! * 2; }   =>   const isAbsent: boolean = b == null;
 *
 * TypeScript follows what a variable of a union is given: to tell what `b` is where `isAbsent` is made, it looks at what
 * the round before has assigned, and there it finds `isAbsent`. It does not look where nothing is assigned before the
 * loop, for then `b` is whatever it is declared as.
 */
import type { Type } from "../ir/ir.js";
import { blocksOf, visitReads, type Block, type Local, type Statement } from "./tree.js";

export function findSelfTyped(body: Block): ReadonlySet<Local> {
  const found = new Set<Local>();
  const all = countAssignments(body);
  const visit = (block: Block): void => {
    for (const statement of block) {
      if (isLoop(statement)) inLoop(statement.body, all, found);
      blocksOf(statement).forEach(visit);
    }
  };
  visit(body);
  return found;
}

function inLoop(body: Block, all: ReadonlyMap<Local, number>, found: Set<Local>): void {
  const here = countAssignments(body);
  const isFollowed = (local: Local): boolean =>
    isUnion(local.type) && here.has(local) && (all.get(local) ?? 0) > (here.get(local) ?? 0);
  const followed = [...here.keys()].filter(isFollowed);
  if (followed.length === 0) return;
  /** What the type of a variable is found in. */
  const sources = new Map<Local, Set<Local>>();
  const declared: Local[] = [];
  /** Declared first and given a value in branches: what that is, is followed too. */
  const bare = new Set<Local>();
  eachStatement(body, (statement) => {
    const isFirst = statement.kind === "declare";
    if (!isFirst && statement.kind !== "assign") return;
    const { local, value } = statement;
    if (value === null) {
      if (isUnion(local.type)) bare.add(local);
      return;
    }
    if (isFirst) declared.push(local);
    else if (!isFollowed(local) && !bare.has(local)) return;
    const from = sources.get(local) ?? new Set();
    sources.set(local, from);
    visitReads(value, (one) => from.add(one));
  });
  for (const local of declared) {
    if (!reaches(local, local, sources)) continue;
    found.add(local);
    sources.delete(local);
  }
}

function reaches(from: Local, to: Local, sources: ReadonlyMap<Local, ReadonlySet<Local>>): boolean {
  const seen = new Set<Local>();
  const search = (local: Local): boolean =>
    [...(sources.get(local) ?? [])].some(
      (one) => one === to || (!seen.has(one) && seen.add(one).has(one) && search(one)),
    );
  return search(from);
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

function eachStatement(block: Block, visit: (statement: Statement) => void): void {
  for (const statement of block) {
    visit(statement);
    for (const inner of blocksOf(statement)) eachStatement(inner, visit);
  }
}
