/**
 * Which variables hold a value still to be read when another one is assigned: the two cannot be one variable (Chaitin
 * et al. 1981; a copy of a variable does not cross it).
 *
 * Only variables of one kin are compared. Each has a bit, those of a kin in the same words, so that a function of
 * thousands of variables that are all alive at once takes a moment.
 */
import { appendTo } from "../ir/grouped.js";
import {
  assignedBy,
  expressionsOf,
  visitReads,
  type Block,
  type Expression,
  type Local,
  type Statement,
} from "./tree.js";

export interface Crossings {
  /** `a` and `b` are of one kin. */
  cross(a: Local, b: Local): boolean;
}

/** Where a variable's bit is, and the words of its kin. */
interface Slot {
  readonly word: number;
  readonly bit: number;
  readonly first: number;
  readonly end: number;
}

/** `kins`: the same number for variables that may be merged; what is not in it is never merged. */
export function findCrossings(params: readonly Local[], body: Block, kins: ReadonlyMap<Local, number>): Crossings {
  const { slots, words } = slotsOf(kins);
  /** For each variable the bits of its kin that it crosses, where it is assigned itself. */
  const rows = new Map<Local, Uint32Array>();
  const rowOf = (local: Local, { first, end }: Slot): Uint32Array => {
    const known = rows.get(local);
    if (known !== undefined) return known;
    const made = new Uint32Array(end - first);
    rows.set(local, made);
    return made;
  };
  const add = (row: Uint32Array, slot: Slot): void => {
    const word = slot.word - slot.first;
    row[word] = (row[word] ?? 0) | slot.bit;
  };
  const isIn = (row: Uint32Array | undefined, slot: Slot): boolean =>
    ((row?.[slot.word - slot.first] ?? 0) & slot.bit) !== 0;
  const crossAll = (local: Local, others: readonly Local[]): void => {
    const slot = slots.get(local);
    if (slot === undefined) return;
    for (const other of others) {
      const its = slots.get(other);
      if (its !== undefined && its.first === slot.first && other !== local) add(rowOf(local, slot), its);
    }
  };

  type Live = Uint32Array;
  interface Around {
    readonly afterLoop: Live;
    readonly nextIteration: Live;
  }
  const has = (live: Live, slot: Slot): boolean => ((live[slot.word] ?? 0) & slot.bit) !== 0;
  const remove = (live: Live, local: Local): void => {
    const slot = slots.get(local);
    if (slot !== undefined) live[slot.word] = (live[slot.word] ?? 0) & ~slot.bit;
  };
  /** Did that add any? */
  const addAll = (live: Live, others: Live): boolean => {
    let grew = false;
    others.forEach((bits, word) => {
      const before = live[word] ?? 0;
      // of numbers without a sign
      const after = (before | bits) >>> 0;
      if (after === before) return;
      live[word] = after;
      grew = true;
    });
    return grew;
  };
  /** A variable is assigned: it crosses all of its kin that live on, but for the one that it is a copy of. */
  const define = (local: Local, live: Live, copyOf: Local | null): void => {
    const slot = slots.get(local);
    if (slot === undefined) return;
    const row = rowOf(local, slot);
    const copied = copyOf === null ? undefined : slots.get(copyOf);
    for (let word = slot.first; word < slot.end; word++) {
      const spared = copied?.word === word ? ~copied.bit : ~0;
      row[word - slot.first] = (row[word - slot.first] ?? 0) | ((live[word] ?? 0) & spared);
    }
  };
  const liveBefore = (block: Block, after: Live, around: Around): Live => {
    let live: Live = after.slice();
    for (let k = block.length - 1; k >= 0; k--) {
      const statement = block[k];
      if (statement !== undefined) live = before(statement, live, around);
    }
    return live;
  };
  const readsOf = (expression: Expression, live: Live): void =>
    visitReads(expression, (local) => {
      const slot = slots.get(local);
      if (slot !== undefined) live[slot.word] = (live[slot.word] ?? 0) | slot.bit;
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
        const locals = assignedBy(statement).filter((local) => slots.has(local));
        for (const local of locals) define(local, live, copied.get(local) ?? null);
        // All are assigned at once: those that live on cross one another.
        for (const local of locals) {
          const slot = slots.get(local);
          if (locals.length > 1 && slot !== undefined && has(live, slot)) crossAll(local, locals);
        }
        for (const local of locals) remove(live, local);
        return reads(statement, live);
      }
      case "if": {
        const entering = liveBefore(statement.then, live, around);
        addAll(entering, liveBefore(statement.otherwise, live, around));
        return reads(statement, entering);
      }
      case "for":
      case "while":
      case "doWhile": {
        const header = live.slice();
        if (statement.kind === "for") readsOf(statement.to, header);
        else reads(statement, header);
        while (addAll(header, liveBefore(statement.body, header, { afterLoop: live, nextIteration: header }))) {
          // until nothing more is found to be alive
        }
        if (statement.kind === "for") remove(header, statement.counter);
        return reads(statement, header);
      }
      case "break":
        return around.afterLoop.slice();
      case "continue":
        return around.nextIteration.slice();
      case "return":
      case "throw":
        return reads(statement, new Uint32Array(words));
      case "store":
      case "accumulate":
      case "evaluate":
        return reads(statement, live);
    }
  };
  const none = new Uint32Array(words);
  liveBefore(body, none, { afterLoop: none, nextIteration: none });
  for (const param of params) crossAll(param, params);
  return {
    cross(a, b) {
      const [one, other] = [slots.get(a), slots.get(b)];
      if (one === undefined || other === undefined || one.first !== other.first) return false;
      return isIn(rows.get(a), other) || isIn(rows.get(b), one);
    },
  };
}

function slotsOf(kins: ReadonlyMap<Local, number>): {
  readonly slots: ReadonlyMap<Local, Slot>;
  readonly words: number;
} {
  const members = new Map<number, Local[]>();
  for (const [local, kin] of kins) {
    appendTo(members, kin, local);
  }
  const slots = new Map<Local, Slot>();
  let words = 0;
  for (const locals of members.values()) {
    const first = words;
    const end = first + Math.ceil(locals.length / 32);
    locals.forEach((local, k) => slots.set(local, { word: first + (k >> 5), bit: (1 << (k & 31)) >>> 0, first, end }));
    words = end;
  }
  return { slots, words };
}
