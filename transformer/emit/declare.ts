/**
 * Declares each variable in the smallest block that holds all of it, with its first assignment where that can be.
 *
 *   x = 1; while (..) { t = x * x; x = t + t; }   =>   let x = 1; while (..) { const t = x * x; x = t + t; }
 */
import { appendTo } from "../ir/grouped.js";
import {
  assignedBy,
  blocksOf,
  eachStatement,
  expressionsOf,
  mapStatement,
  readsLocal,
  visitReads,
  type Block,
  type Local,
  type Statement,
} from "./tree.js";

/** Assignments => declarations, and assignments where a variable is declared already. */
export function declareLocals(params: readonly Local[], body: Block): Block {
  const homes = findHomes(body);
  const assignments = countAssignments(body);
  const isParameter = new Set(params);
  const perBlock = new Map<Block, Local[]>();
  for (const [local, home] of homes) {
    if (isParameter.has(local)) continue;
    appendTo(perBlock, home, local);
  }
  const declare = (block: Block): Block => {
    const ours = perBlock.get(block) ?? [];
    const firsts = ours.length === 0 ? new Map<Local, Statement>() : firstOccurrences(block);
    const beforehand = new Map<Statement, Local[]>();
    const atAssignment = new Map<Statement, Set<Local>>();
    for (const local of ours) {
      const first = firsts.get(local);
      if (first === undefined) continue;
      const assignsHere = (first.kind === "assign" || first.kind === "unpack") && assignedBy(first).includes(local);
      if (assignsHere && !expressionsOf(first).some((one) => readsLocal(one, local))) {
        atAssignment.set(first, (atAssignment.get(first) ?? new Set()).add(local));
      } else beforehand.set(first, [...(beforehand.get(first) ?? []), local]);
    }
    const isMutable = (local: Local): boolean => (assignments.get(local) ?? 0) > 1;
    return block.flatMap((statement): Block => {
      const inner = mapStatement(statement, { expression: (one) => one, block: declare, local: (one) => one });
      const bare = beforehand.get(statement) ?? [];
      const here = atAssignment.get(statement);
      const declaration = (local: Local): Statement => ({ kind: "declare", local, mutable: true, value: null });
      if (here === undefined) return [...bare.map(declaration), inner];
      if (inner.kind === "assign") {
        const { local, value } = inner;
        return [...bare.map(declaration), { kind: "declare", local, mutable: isMutable(local), value }];
      }
      if (inner.kind !== "unpack") return [inner];
      const all = assignedBy(inner).every((local) => here.has(local));
      if (!all) return [...[...bare, ...here].map(declaration), inner];
      const declares = assignedBy(inner).some(isMutable) ? "let" : "const";
      return [...bare.map(declaration), { ...inner, declares }];
    });
  };
  return declare(body);
}

/** What is declared with `let`. */
export function mutableLocals(body: Block): ReadonlySet<Local> {
  const found = new Set<Local>();
  eachStatement(body, (statement) => {
    if (statement.kind === "declare" && statement.mutable) found.add(statement.local);
    if (statement.kind === "unpack" && statement.declares === "let")
      for (const local of assignedBy(statement)) found.add(local);
  });
  return found;
}

/** The statement of a block in which each variable occurs first. */
function firstOccurrences(block: Block): ReadonlyMap<Local, Statement> {
  const firsts = new Map<Local, Statement>();
  const visit = (statement: Statement, at: Statement): void => {
    const add = (local: Local): void => {
      if (!firsts.has(local)) firsts.set(local, at);
    };
    for (const expression of expressionsOf(statement)) visitReads(expression, add);
    assignedBy(statement).forEach(add);
    for (const inner of blocksOf(statement)) for (const one of inner) visit(one, at);
  };
  for (const statement of block) visit(statement, statement);
  return firsts;
}

function countAssignments(body: Block): ReadonlyMap<Local, number> {
  const counts = new Map<Local, number>();
  eachStatement(body, (statement) => {
    for (const local of assignedBy(statement)) counts.set(local, (counts.get(local) ?? 0) + 1);
  });
  return counts;
}

/** The smallest block that holds every occurrence of a variable, in order of first occurrence. Counters declare themselves. */
export function findHomes(body: Block): ReadonlyMap<Local, Block> {
  const paths = new Map<Local, readonly Block[]>();
  const occurrence = (local: Local, path: readonly Block[]): void => {
    const known = paths.get(local);
    if (known === undefined) paths.set(local, path);
    else {
      const differs = known.findIndex((block, depth) => path[depth] !== block);
      paths.set(local, differs < 0 ? known : known.slice(0, differs));
    }
  };
  const visit = (block: Block, outer: readonly Block[]): void => {
    const path = [...outer, block];
    for (const statement of block) {
      for (const expression of expressionsOf(statement))
        visitReads(expression, (local) => {
          if (local.kind !== "counter" || statement.kind !== "for" || local !== statement.counter)
            occurrence(local, path);
        });
      for (const local of assignedBy(statement)) if (local.kind !== "counter") occurrence(local, path);
      for (const inner of blocksOf(statement)) visit(inner, path);
    }
  };
  visit(body, []);
  const homes = new Map<Local, Block>();
  for (const [local, path] of paths) {
    const home = path.at(-1);
    if (home !== undefined && local.kind !== "counter") homes.set(local, home);
  }
  return homes;
}
