/**
 * Which statements of a long function can be parts of their own: runs of one block that no `return`, `break` or
 * `continue` leaves, and that assign nothing but numbers and tests to variables of others.
 *
 * A statement that is too long to be a part stays where it is, and its blocks are cut.
 */
import { codeSize } from "./code-size.js";
import {
  assignedBy,
  blocksOf,
  eachStatement,
  expressionsOf,
  visitReads,
  type Block,
  type Expression,
  type Local,
  type Statement,
  type Tree,
} from "./tree.js";

/** Statements that become a part, or one that stays, its blocks cut in their turn. */
export type Piece =
  | { readonly kind: "run"; readonly statements: Block }
  | { readonly kind: "stays"; readonly statement: Statement; readonly blocks: readonly (readonly Piece[])[] };

/** What can be said of a variable. */
export interface Crossing {
  /** Can it lie in the array of numbers that all parts share? */
  readonly isSlotted: (local: Local) => boolean;
  /** Can it be a parameter of a part? */
  readonly isPassable: (local: Local) => boolean;
}

/** `size`: of a part, about. */
export function cutIntoRuns(whole: Tree, size: number, { isSlotted, isPassable }: Crossing): readonly Piece[] {
  const total = findOccurrences(whole.body).all;
  const params = new Set(whole.params);
  /** Is all that happens to a variable in here? */
  const isOwn = (local: Local, { all }: Occurrences): boolean =>
    all.get(local) === total.get(local) && !params.has(local);

  const cutBlock = (block: Block): readonly Piece[] => {
    const entries = entriesOf(block);
    const spans = spansOf(entries);
    const pieces: Piece[] = [];
    const keep = ({ statement, from, to }: Entry): void => {
      const isLong = to - from > size / 4;
      const blocks = blocksOf(statement).map((inner) => (isLong ? cutBlock(inner) : inner.map(staying)));
      pieces.push({ kind: "stays", statement, blocks });
    };
    let run: Entry[] = [];
    /** What the run assigns; variables that are no numbers with the last statement that uses them. */
    let assigned = new Map<Local, number>();
    /** Ends the run before a statement. Where a variable begins that lives longer, it stays with all that follows. */
    const close = (next: number): void => {
      let cut = run.length;
      let limit = next;
      for (let k = run.length - 1; k >= 0; k--) {
        const entry = run[k];
        if (entry === undefined) continue;
        const ends = [...entry.uses.assigned].map((local) => assigned.get(local) ?? -1);
        if (Math.max(-1, ...ends) >= limit) [cut, limit] = [k, entry.at];
      }
      const part = run.slice(0, cut);
      if (lengthOf(part) >= size / 4) pieces.push({ kind: "run", statements: part.map(({ statement }) => statement) });
      else part.forEach(keep);
      run.slice(cut).forEach(keep);
      run = [];
      assigned = new Map();
    };

    for (const entry of entries) {
      const { at, statement, uses } = entry;
      const others = [...uses.all.keys()].filter((local) => !isSlotted(local) && !isOwn(local, uses));
      const begun = others.filter((local) => uses.assigned.has(local));
      const canBeHandedIn = others.every((local) => begun.includes(local) || assigned.has(local) || isPassable(local));
      // A variable that is no number is the run's own, and not for long, or is not assigned in it.
      const isShort = begun.every((local) => {
        const { first, last, count } = spans.get(local) ?? { first: at, last: at, count: 0 };
        const isRuns = count === total.get(local) && !params.has(local) && (first === at || assigned.has(local));
        return isRuns && (entries[last]?.to ?? Infinity) - entry.from <= size / 2;
      });
      if (!isShort && isFresh(statement) && !run.some((earlier) => isTouched(earlier, entry))) {
        pieces.push(staying(statement));
        continue;
      }
      if (leaves(statement) || entry.to - entry.from > 2 * size || !canBeHandedIn || !isShort) {
        close(at);
        keep(entry);
        continue;
      }
      run.push(entry);
      for (const local of uses.assigned)
        assigned.set(local, begun.includes(local) ? (spans.get(local)?.last ?? at) : -1);
      if (lengthOf(run) >= size && [...assigned.values()].every((last) => last <= at)) close(at + 1);
    }
    close(block.length);
    return pieces;
  };
  return cutBlock(whole.body);
}

const staying = (statement: Statement): Piece => ({
  kind: "stays",
  statement,
  blocks: blocksOf(statement).map((inner) => inner.map(staying)),
});

/** A statement of a block, and where its code lies in that of the block. */
interface Entry {
  readonly at: number;
  readonly statement: Statement;
  readonly uses: Occurrences;
  readonly from: number;
  readonly to: number;
}

function entriesOf(block: Block): readonly Entry[] {
  let from = 0;
  return block.map((statement, at) => {
    const entry = { at, statement, uses: findOccurrences([statement]), from, to: from + codeSize([statement]) };
    from = entry.to;
    return entry;
  });
}

const lengthOf = (run: readonly Entry[]): number => (run.at(-1)?.to ?? 0) - (run[0]?.from ?? 0);

/** Where in a block a variable occurs, and how often. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

function spansOf(entries: readonly Entry[]): ReadonlyMap<Local, Span> {
  const spans = new Map<Local, Span>();
  for (const { at, uses } of entries)
    for (const [local, count] of uses.all) {
      const known = spans.get(local);
      spans.set(local, { first: known?.first ?? at, last: at, count: (known?.count ?? 0) + count });
    }
  return spans;
}

export interface Occurrences {
  /** How often each variable occurs. */
  readonly all: ReadonlyMap<Local, number>;
  readonly assigned: ReadonlySet<Local>;
}

/** Counts the variables of a block. */
export function findOccurrences(block: Block): Occurrences {
  const all = new Map<Local, number>();
  const assigned = new Set<Local>();
  const count = (local: Local): void => {
    all.set(local, (all.get(local) ?? 0) + 1);
  };
  eachStatement(block, (statement) => {
    for (const expression of expressionsOf(statement)) visitReads(expression, count);
    for (const local of assignedBy(statement)) {
      count(local);
      assigned.add(local);
    }
  });
  return { all, assigned };
}

/** Does control leave a statement elsewhere than at its end? */
function leaves(statement: Statement, isInLoop = false): boolean {
  switch (statement.kind) {
    case "return":
      return true;
    case "break":
    case "continue":
      return !isInLoop;
    case "if":
      return blocksOf(statement).some((block) => block.some((inner) => leaves(inner, isInLoop)));
    default:
      return blocksOf(statement).some((block) => block.some((inner) => leaves(inner, true)));
  }
}

/** An array of zeros whose length follows from numbers: it is the same one if it is made a little earlier. */
const isFresh = (statement: Statement): boolean =>
  statement.kind === "assign" &&
  statement.value.kind === "allocate" &&
  statement.value.fresh.kind === "zeros" &&
  isArithmetic(statement.value.fresh.length);

const isArithmetic = (expression: Expression): boolean =>
  expression.kind === "literal" ||
  expression.kind === "local" ||
  (expression.kind === "apply" && expression.args.every(isArithmetic)) ||
  (expression.kind === "length" && expression.array.kind === "local" && keepsLength(expression.array.local));

const keepsLength = ({ type }: Local): boolean =>
  type.kind === "array" && type.storage !== "Array" && type.storage !== "ArrayLike";

/** Does what is assigned by one of two statements occur in the other one? */
const isTouched = (a: Entry, b: Entry): boolean =>
  [...a.uses.assigned].some((local) => b.uses.all.has(local)) ||
  [...b.uses.assigned].some((local) => a.uses.all.has(local));
