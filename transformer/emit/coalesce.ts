/**
 * Merges variables whose lifetimes do not cross: the versions of a user's variable, what an iteration hands to the
 * next, what the branches of an `if` hand on.
 *
 *   t0 = 1; t = t0; while (..) { t2 = t * x; t = t2; }   =>   t = 1; while (..) { t = t * x; }
 *
 * Two variables cross where one is assigned while the other still holds a value that is read later (Chaitin et al.
 * 1981; a copy of a variable does not cross it).
 */
import { printType } from "../ir/print.js";
import { isReference, numberType } from "../ir/ir.js";
import {
  assignedBy,
  blocksOf,
  expressionsOf,
  visitReads,
  type Block,
  type Expression,
  type Local,
  type Statement,
} from "./tree.js";

export type Merged = (local: Local) => Local;

export function coalesce(params: readonly Local[], body: Block): Merged {
  // Variables of one name, but not of one declaration, are merged only where one is copied to the other.
  const pairs = [...copies(body), ...versions(body)];
  const crossings = findCrossings(params, body, kinsOf(pairs));
  const classes = new Map<Local, Class>();
  const classOf = (local: Local): Class => {
    let one = classes.get(local);
    if (one === undefined) classes.set(local, (one = { members: [local] }));
    return one;
  };
  const merge = (a: Local, b: Local): void => {
    const [left, right] = [classOf(a), classOf(b)];
    if (left === right || !fit(left, right)) return;
    if (left.members.some((x) => right.members.some((y) => crossings.get(x)?.has(y) === true))) return;
    left.members.push(...right.members);
    for (const member of right.members) classes.set(member, left);
  };
  for (const [a, b] of pairs) merge(a, b);
  return (local) => representative(classOf(local).members);
}

interface Class {
  readonly members: Local[];
}

/** The same number: a chain of pairs leads from the one to the other. All others are never merged, and are many. */
function kinsOf(pairs: readonly (readonly [Local, Local])[]): ReadonlyMap<Local, number> {
  const partners = new Map<Local, Local[]>();
  for (const [a, b] of [...pairs, ...pairs.map(([a, b]) => [b, a] as const)]) {
    const known = partners.get(a);
    if (known === undefined) partners.set(a, [b]);
    else known.push(b);
  }
  const kins = new Map<Local, number>();
  for (const start of partners.keys()) {
    if (kins.has(start)) continue;
    const kin = kins.size;
    kins.set(start, kin);
    const open = [start];
    for (let one = open.pop(); one !== undefined; one = open.pop())
      for (const partner of partners.get(one) ?? []) {
        if (kins.has(partner)) continue;
        kins.set(partner, kin);
        open.push(partner);
      }
  }
  return kins;
}

/** What a merged variable is called after: a parameter, else one that the user named, else the first. */
function representative(members: readonly Local[]): Local {
  const [first] = members;
  const best =
    members.find(({ kind }) => kind === "parameter") ??
    members.find(({ origin }) => origin.variable !== null) ??
    members.find(({ hint }) => hint !== "") ??
    first;
  if (best === undefined) throw new Error("a variable without members");
  return best;
}

const sameFamily = (a: Local, b: Local): boolean =>
  a.origin.variable?.name === b.origin.variable?.name &&
  a.origin.variable?.lane === b.origin.variable?.lane &&
  a.origin.role === b.origin.role;

function fit(left: Class, right: Class): boolean {
  const all = [...left.members, ...right.members];
  if (all.some(({ kind }) => kind === "counter")) return false;
  const [first] = all;
  if (first === undefined || !all.every((one) => sameSpelling(one, first))) return false;
  const named = all.filter(({ origin }) => origin.variable !== null);
  const [one] = named;
  if (one !== undefined && !named.every((other) => sameFamily(one, other))) return false;
  // A parameter is assigned only where the user's own variable was.
  const isParameter = (members: readonly Local[]): boolean => members.some(({ kind }) => kind === "parameter");
  const isNamed = (members: readonly Local[]): boolean => members.some(({ origin }) => origin.variable !== null);
  if (isParameter(left.members) && isParameter(right.members)) return false;
  if (isParameter(left.members) || isParameter(right.members)) return isNamed(left.members) && isNamed(right.members);
  return true;
}

/** Would both be declared with the same type? */
function sameSpelling(a: Local, b: Local): boolean {
  if (a.type === b.type) return true;
  if (isReference(a.type) || isReference(b.type)) return printType(a.type) === printType(b.type);
  const spelling = ({ type }: Local): string => printType(type.kind === "integer" ? numberType : type);
  return spelling(a) === spelling(b);
}

/** Pairs that one assignment copies, the dearest first: round a loop, into a loop, out of a branch. */
function copies(body: Block): readonly (readonly [Local, Local])[] {
  const found = { iteration: [] as [Local, Local][], entry: [] as [Local, Local][], join: [] as [Local, Local][] };
  const visit = (statement: Statement): void => {
    if (statement.kind === "moves") {
      for (const { to, value } of statement.moves) {
        if (value.kind === "local") found[statement.at].push([to, value.local]);
      }
    }
    for (const block of blocksOf(statement)) block.forEach(visit);
  };
  body.forEach(visit);
  return [...found.iteration, ...found.join, ...found.entry];
}

/** Adjoints and records are the transformer's own: a `const` for each is faster, and easier to follow. */
const isUsers = ({ origin }: Local): boolean => origin.role === "primal" || origin.role === "tangent";

/** Versions of one user's variable that are assigned in the same block, one after another. */
function versions(body: Block): readonly (readonly [Local, Local])[] {
  const found: [Local, Local][] = [];
  const visit = (block: Block): void => {
    /** The first of each variable, for each of its roles. */
    const seen = new Map<NonNullable<Local["origin"]["variable"]>, Local[]>();
    for (const statement of block) {
      blocksOf(statement).forEach(visit);
      for (const local of assignedBy(statement)) {
        const { variable, role } = local.origin;
        if (variable === null || local.kind === "counter" || !isUsers(local)) continue;
        const firsts = seen.get(variable) ?? [];
        const earlier = firsts.find(({ origin }) => origin.role === role);
        if (earlier !== undefined) found.push([earlier, local]);
        else seen.set(variable, [...firsts, local]);
      }
    }
  };
  visit(body);
  return found;
}

/** For each variable those of its kin that hold a value still to be read when it is assigned. */
function findCrossings(
  params: readonly Local[],
  body: Block,
  kins: ReadonlyMap<Local, number>,
): ReadonlyMap<Local, ReadonlySet<Local>> {
  const crossings = new Map<Local, Set<Local>>();
  const add = (a: Local, b: Local): void => {
    const set = crossings.get(a);
    if (set === undefined) crossings.set(a, new Set([b]));
    else set.add(b);
  };
  const cross = (a: Local, b: Local): void => {
    if (a === b || kins.get(a) !== kins.get(b)) return;
    add(a, b);
    add(b, a);
  };
  const define = (local: Local, live: ReadonlySet<Local>, copyOf: Local | null): void => {
    for (const other of live) if (other !== copyOf) cross(local, other);
  };
  type Live = Set<Local>;
  interface Around {
    readonly afterLoop: ReadonlySet<Local>;
    readonly nextIteration: ReadonlySet<Local>;
  }
  const liveBefore = (block: Block, after: ReadonlySet<Local>, around: Around): Live => {
    let live: Live = new Set(after);
    for (let k = block.length - 1; k >= 0; k--) {
      const statement = block[k];
      if (statement !== undefined) live = before(statement, live, around);
    }
    return live;
  };
  const readsOf = (expression: Expression, live: Live): void =>
    visitReads(expression, (local) => {
      if (kins.has(local)) live.add(local);
    });
  const reads = (statement: Statement, live: Live): Live => {
    for (const expression of expressionsOf(statement)) readsOf(expression, live);
    return live;
  };
  const before = (statement: Statement, live: Live, around: Around): Live => {
    switch (statement.kind) {
      case "assign":
      case "declare":
      case "unpack":
      case "moves": {
        const copied = new Map<Local, Local>();
        if (statement.kind === "assign" && statement.value.kind === "local")
          copied.set(statement.local, statement.value.local);
        if (statement.kind === "moves")
          for (const { to, value } of statement.moves) if (value.kind === "local") copied.set(to, value.local);
        const locals = assignedBy(statement).filter((local) => kins.has(local));
        // All are assigned at once: those that live on cross one another.
        for (const local of locals) define(local, live, copied.get(local) ?? null);
        for (const local of locals)
          for (const other of locals) if (live.has(local) || live.has(other)) cross(local, other);
        for (const local of locals) live.delete(local);
        return reads(statement, live);
      }
      case "if": {
        const [then, otherwise] = [statement.then, statement.otherwise].map((block) => liveBefore(block, live, around));
        return reads(statement, new Set([...(then ?? []), ...(otherwise ?? [])]));
      }
      case "for":
      case "while":
      case "doWhile": {
        const header = new Set(live);
        if (statement.kind === "for") readsOf(statement.to, header);
        else reads(statement, header);
        for (;;) {
          const size = header.size;
          const entering = liveBefore(statement.body, header, { afterLoop: live, nextIteration: header });
          for (const local of entering) header.add(local);
          if (header.size === size) break;
        }
        if (statement.kind === "for") header.delete(statement.counter);
        return reads(statement, header);
      }
      case "break":
        return new Set(around.afterLoop);
      case "continue":
        return new Set(around.nextIteration);
      case "return":
      case "throw":
        return reads(statement, new Set());
      case "store":
      case "accumulate":
      case "evaluate":
        return reads(statement, live);
    }
  };
  const none = new Set<Local>();
  liveBefore(body, none, { afterLoop: none, nextIteration: none });
  for (const a of params) for (const b of params) if (kins.has(a)) cross(a, b);
  return crossings;
}
