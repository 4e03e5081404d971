/**
 * Cuts a very long function into parts, for an engine does not optimise one whose bytecode is beyond a limit (V8: 60 KB).
 *
 *   a = Math.sin(x); .. thousands more ..; return dx
 *     =>   values = new Float64Array(900); f_part1(x, values); f_part2(x, values); return values[899]
 *
 * Statements keep their order, so nothing has to be known of what they do. A part is a run of statements that only its
 * end leaves (`part-runs.ts`). What it reads and does not assign is handed in; a number or a test that it assigns and
 * that is read elsewhere has a place in an array that all parts share.
 */
import { float64Array, inventedOrigin, isScalar, type Type } from "../ir/ir.js";
import { codeSize } from "./code-size.js";
import { cutIntoRuns, findOccurrences, type Piece } from "./part-runs.js";
import { findSureNumbers } from "./sure-numbers.js";
import {
  apply,
  assignedBy,
  eachStatement,
  literal,
  mapParts,
  mapStatement,
  read,
  type Block,
  type Expression,
  type Local,
  type Place,
  type Statement,
  type Tree,
} from "./tree.js";

export interface SplitTree {
  readonly main: Tree;
  readonly parts: readonly Part[];
  /** The array that the parts share. */
  readonly values: Local | null;
}

export interface Part extends Tree {
  readonly name: string;
}

/** In bytes of bytecode, roughly: a function beyond the first is cut, into parts of about the second. */
export interface PartSizes {
  readonly largest: number;
  readonly part: number;
}

export const partSizes: PartSizes = { largest: 50_000, part: 12_000 };

/** `nameOf`: of the parts, numbered from 1. `isTyped`: is it known how the type of this variable is written? */
export function splitLarge(
  whole: Tree,
  sizes: PartSizes,
  nameOf: (part: number) => string,
  isTyped: (local: Local) => boolean,
): SplitTree {
  if (codeSize(whole.body) <= sizes.largest) return { main: whole, parts: [], values: null };
  const fresh = allocatedIn(whole.body);
  const isSlotted = findSureNumbers(whole);
  const isPassable = (local: Local): boolean =>
    isScalar(local.type) || isTypedArray(local.type) || fresh.has(local) || isTyped(local);
  const pieces = cutIntoRuns(whole, sizes.part, { isSlotted, isPassable });
  const runs = runsIn(pieces);
  if (runs.length === 0) return { main: whole, parts: [], values: null };

  const total = findOccurrences(whole.body);
  /** The variables that are handed on in the array, each with its place there. */
  const slots = new Map<Local, number>();
  for (const { assigned, all } of runs.map(findOccurrences))
    for (const local of assigned) {
      const isOwn = all.get(local) === total.all.get(local) && !whole.params.includes(local);
      if (isOwn || slots.has(local)) continue;
      if (!isSlotted(local)) throw new Error("a variable of several parts is no number");
      slots.set(local, slots.size);
    }
  const values: Local = { type: float64Array, origin: inventedOrigin, kind: "value", hint: "values" };
  const slotOf = (local: Local): Place | null => {
    const slot = slots.get(local);
    return slot === undefined ? null : { kind: "element", base: read(values), index: literal(slot), of: float64Array };
  };
  const load = (local: Local, place: Place): Expression => {
    const value: Expression = { kind: "load", place };
    return local.type.kind === "boolean" ? apply("eq", value, literal(1)) : value;
  };
  const store = (local: Local, place: Place, value: Expression): Statement => ({
    kind: "store",
    place,
    value: local.type.kind === "boolean" ? apply("toNumber", value) : value,
  });

  /** Statements that stay: they find what is handed on where it lies. */
  const inPlace = (one: Expression): Expression => {
    const place = one.kind === "local" ? slotOf(one.local) : null;
    return one.kind === "local" && place !== null ? load(one.local, place) : mapParts(one, inPlace);
  };
  const kept = (statement: Statement): Block => {
    const mapped = mapStatement(statement, { expression: inPlace, block: (block) => block, local: (local) => local });
    if (mapped.kind === "assign") {
      const place = slotOf(mapped.local);
      return [place === null ? mapped : store(mapped.local, place, mapped.value)];
    }
    if (mapped.kind !== "unpack") return [mapped];
    const after: Statement[] = [];
    const locals = mapped.locals.map((local) => {
      const place = local === null ? null : slotOf(local);
      if (local === null || place === null) return local;
      const fresh = { ...local };
      after.push(store(local, place, read(fresh)));
      return fresh;
    });
    return [{ ...mapped, locals }, ...after];
  };

  /** Statements that became a part: each variable that is handed on is read before its first use, written after its last assignment. */
  const parts: Part[] = [];
  const partOf = (run: Block): Statement => {
    const last = new Map<Local, Statement>();
    for (const statement of run) for (const local of findOccurrences([statement]).assigned) last.set(local, statement);
    const here = new Set<Local>();
    const body = run.flatMap((statement): Block => {
      const { all, assigned } = findOccurrences([statement]);
      const before: Statement[] = [];
      for (const local of all.keys()) {
        const place = slotOf(local);
        if (place === null || here.has(local)) continue;
        here.add(local);
        if (!isFirstAssignment(statement, local)) before.push({ kind: "assign", local, value: load(local, place) });
      }
      const after = [...assigned].flatMap((local) => {
        const place = slotOf(local);
        return place !== null && last.get(local) === statement ? [store(local, place, read(local))] : [];
      });
      return [...before, statement, ...after];
    });
    const inside = findOccurrences(run);
    const taken = [...inside.all.keys()].filter((local) => !inside.assigned.has(local) && !slots.has(local));
    const name = nameOf(parts.length + 1);
    const params = here.size > 0 ? [...taken, values] : taken;
    parts.push({ name, params, body });
    return { kind: "evaluate", value: { kind: "call", callee: name, args: params.map(read) } };
  };
  const rebuilt = (all: readonly Piece[]): Block =>
    all.flatMap((piece): Block => {
      if (piece.kind === "run") return [partOf(piece.statements)];
      const inner = piece.blocks.map(rebuilt);
      let next = 0;
      const withBlocks = mapStatement(piece.statement, {
        expression: (one) => one,
        block: () => inner[next++] ?? [],
        local: (local) => local,
      });
      return kept(withBlocks);
    });
  const body = rebuilt(pieces);
  const beginning: Statement[] = [];
  if (slots.size > 0) {
    const zeros = { kind: "zeros", length: literal(slots.size), holes: false } as const;
    beginning.push({ kind: "assign", local: values, value: { kind: "allocate", type: float64Array, fresh: zeros } });
  }
  for (const local of whole.params) {
    const place = slotOf(local);
    if (place !== null) beginning.push(store(local, place, read(local)));
  }
  return { main: { params: whole.params, body: [...beginning, ...body] }, parts, values };
}

const isTypedArray = (type: Type): boolean =>
  type.kind === "array" && type.storage !== "Array" && type.storage !== "ArrayLike";

/** Arrays of numbers that are made here alone: what the user hands in may be `readonly` inside. */
function allocatedIn(body: Block): ReadonlySet<Local> {
  const found = new Map<Local, boolean>();
  eachStatement(body, (statement) => {
    for (const local of assignedBy(statement)) {
      const isMade = statement.kind === "assign" && statement.value.kind === "allocate" && holdsNumbers(local.type);
      found.set(local, isMade && found.get(local) !== false);
    }
  });
  return new Set([...found].flatMap(([local, isMade]) => (isMade ? [local] : [])));
}

const holdsNumbers = (type: Type): boolean => {
  switch (type.kind) {
    case "number":
    case "integer":
      return true;
    case "array":
      return type.storage !== "ArrayLike" && holdsNumbers(type.element);
    case "tuple":
      return type.elements.every(holdsNumbers);
    default:
      return false;
  }
};

const runsIn = (pieces: readonly Piece[]): readonly Block[] =>
  pieces.flatMap((piece) => (piece.kind === "run" ? [piece.statements] : piece.blocks.flatMap(runsIn)));

/** Is a variable given its value here, whatever it was before? */
function isFirstAssignment(statement: Statement, local: Local): boolean {
  if (statement.kind !== "assign" && statement.kind !== "unpack") return false;
  const reads = findOccurrences([{ kind: "evaluate", value: statement.value }]).all;
  return assignedBy(statement).includes(local) && !reads.has(local);
}
