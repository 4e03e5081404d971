/**
 * Merges variables whose lifetimes do not cross: the versions of a user's variable, what an iteration hands to the
 * next, what the branches of an `if` hand on.
 *
 *   t0 = 1; t = t0; while (..) { t2 = t * x; t = t2; }   =>   t = 1; while (..) { t = t * x; }
 *
 * Which lifetimes cross: `crossings.ts`.
 */
import { appendTo } from "../ir/grouped.js";
import { printType } from "../ir/print.js";
import { isReference, numberType, type Type } from "../ir/ir.js";
import { insideOf } from "../ir/recursive.js";
import { findCrossings } from "./crossings.js";
import { assignedBy, blocksOf, eachStatement, type Block, type Local } from "./tree.js";

export type Merged = (local: Local) => Local;

/** Finds the variables that become one. */
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
    if (left.members.some((x) => right.members.some((y) => crossings.cross(x, y)))) return;
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
    appendTo(partners, a, b);
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
  if (isReference(a.type) || isReference(b.type))
    return printType(a.type) === printType(b.type) && printedMarks(a.type) === printedMarks(b.type);
  const spelling = ({ type }: Local): string => printType(type.kind === "integer" ? numberType : type);
  return spelling(a) === spelling(b);
}

/** What is only read, and what may be left out: marks of a type that are for printing alone. */
function printedMarks(type: Type, outer: readonly Type[] = []): string {
  if (outer.includes(type)) return "";
  const inside = (parts: readonly Type[]): string => parts.map((one) => printedMarks(one, [...outer, type])).join();
  switch (type.kind) {
    case "array":
      return `${type.isReadonly === true ? "readonly " : ""}[${inside([type.element])}]`;
    case "tuple":
      return `${type.isReadonly === true ? "readonly " : ""}[${inside(type.elements)}]${String(type.leftOut)}`;
    case "record": {
      // what has a name is printed by it
      if (type.name !== null) return type.name;
      const marks = type.fields.map(({ mayBeLeftOut }) => (mayBeLeftOut === true ? "?" : ":")).join("");
      return `{${marks}${inside(insideOf(type))}}`;
    }
    case "optional":
      return printedMarks(type.of, outer);
    default:
      return "";
  }
}

/** Pairs that one assignment copies, the dearest first: round a loop, into a loop, out of a branch. */
function copies(body: Block): readonly (readonly [Local, Local])[] {
  const found = { iteration: [] as [Local, Local][], entry: [] as [Local, Local][], join: [] as [Local, Local][] };
  eachStatement(body, (statement) => {
    if (statement.kind === "moves") {
      for (const { to, value } of statement.moves) {
        if (value.kind === "local") found[statement.at].push([to, value.local]);
      }
    }
  });
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
