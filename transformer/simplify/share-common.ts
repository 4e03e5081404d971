import { analyzeAliases, type Aliases } from "../analyze/aliases.js";
import type { Definitions } from "../analyze/definitions.js";
import { WriteLog } from "../analyze/effects.js";
import type { Compilation } from "../compilation.js";
import {
  isReference,
  type IRFunction,
  type Literal,
  type Location,
  type Op,
  type Region,
  type Value,
} from "../ir/ir.js";
import { sameType } from "../ir/join-types.js";
import { operandsOf } from "../ir/traverse.js";
import { rewriteRegion, Substitution, withBody, withRegions } from "./rewrite.js";

/**
 * Computes the same thing once (common subexpression elimination).
 *
 *   a = mul x x; b = mul x x; l = load p[i]; m = load p[i]   =>   a = mul x x; l = load p[i]
 *
 * A value is reused where its computation dominates: later in the same region, or in regions within. Safe for
 * pure operations as equal operands give equal results, bit for bit (of commutative ones in either order); for
 * loads where nothing in between may have written the cell, for lengths where nothing may have resized the array;
 * what a loop writes anywhere counts as written when it is entered. A load of what was stored just before is the
 * stored value, where the store surely took place (fields, and plain arrays; a store behind the end of a typed
 * array is lost, but a counter below its length is not behind it).
 */
export function shareCommon(fn: IRFunction, compilation: Compilation): IRFunction {
  return withBody(fn, new Sharing(analyzeAliases(fn, compilation)).region(fn.body));
}

interface Available {
  readonly value: Value;
  /** When it was computed, on the clock of the writes. */
  readonly time: number;
}

const commutative: ReadonlySet<string> = new Set([
  "add",
  "mul",
  "eq",
  "ne",
  "and",
  "or",
  "bitAnd",
  "bitOr",
  "bitXor",
  "imul",
]);

class Sharing {
  private readonly substitution = new Substitution();
  private readonly writes: WriteLog;
  private readonly numbers = new Map<Value, string>();
  private readonly unwrapped = new Map<Value, Value>();
  private readonly available = new Map<string, Available>();
  /** What the regions being walked have added, to be taken back at their end. */
  private readonly undo: { key: string; before: Available | undefined }[] = [];

  constructor(private readonly aliases: Aliases) {
    this.writes = new WriteLog(aliases);
  }

  region(region: Region): Region {
    const mark = this.undo.length;
    const result = rewriteRegion(region, this.substitution, (op, out) => this.operation(op, out));
    while (this.undo.length > mark) {
      const entry = this.undo.pop();
      if (entry === undefined) break;
      if (entry.before === undefined) this.available.delete(entry.key);
      else this.available.set(entry.key, entry.before);
    }
    return result;
  }

  private operation(op: Op, out: Op[]): void {
    switch (op.kind) {
      case "if":
        out.push(withRegions(op, (inner) => this.region(inner)));
        return;
      case "loop":
        this.writes.recordRegion(op.body);
        out.push(withRegions(op, (inner) => this.region(inner)));
        return;
      case "store": {
        this.writes.record(op);
        out.push(op);
        if (surelyStores(op.at, this.aliases.definitions) && op.value.type.kind !== "opaque")
          this.put(`load ${this.place(op.at)}`, op.value);
        return;
      }
      default: {
        const key = this.keyOf(op);
        const [result] = op.results;
        if (key === null || result === undefined) {
          this.writes.record(op);
          out.push(op);
          return;
        }
        const known = this.available.get(key);
        if (known !== undefined && this.isCurrent(op, known) && fits(known.value, result, op)) {
          this.substitution.replace(result, known.value);
          return;
        }
        this.put(key, result);
        out.push(op);
      }
    }
  }

  private put(key: string, value: Value): void {
    this.undo.push({ key, before: this.available.get(key) });
    this.available.set(key, { value, time: this.writes.now });
  }

  private isCurrent(op: Op, { time }: Available): boolean {
    if (op.kind === "load") return !this.writes.writtenSince(op.at, time);
    return op.kind !== "length" || !this.writes.resizedSince(op.array, time);
  }

  /** Equal for operations that compute the same; null where an operation cannot be shared. */
  private keyOf(op: Op): string | null {
    const numbers = (): string[] => operandsOf(op).map((value) => this.number(value));
    switch (op.kind) {
      case "constant": {
        // equal literals are one operand in the keys of others; they stay where they are, as they cost nothing
        const [result] = op.results;
        if (result !== undefined) this.numbers.set(result, spell(op.value));
        return null;
      }
      case "apply": {
        const args = numbers();
        if (commutative.has(op.primitive)) args.sort();
        return `${op.primitive} ${args.join(" ")} ${op.results[0]?.type.kind ?? ""}`;
      }
      case "length":
      case "isAbsent":
        return `${op.kind} ${numbers().join(" ")}`;
      case "unwrap":
        for (const result of op.results) this.unwrapped.set(result, op.value);
        return `unwrap ${numbers().join(" ")} ${op.results[0]?.type.kind ?? ""}`;
      case "load":
        return `load ${this.place(op.at)}`;
      case "opaque":
        if (op.effects.reads || op.effects.writes || op.effects.observable || op.results.length !== 1) return null;
        if (op.results.some(givesObject)) return null; // each time another one
        return `opaque ${op.template} ${op.operands.map((value) => this.number(this.asItWas(value))).join(" ")}`;
      default:
        return null;
    }
  }

  private place(at: Location): string {
    if (at.kind === "field") return `${this.number(at.base)}.${at.field}`;
    return `${this.number(at.base)}[${this.number(at.index)}]`;
  }

  /** A value as it was before it was unwrapped: to a test of its class it is the same. */
  private asItWas(value: Value): Value {
    const before = this.unwrapped.get(value);
    return before === undefined ? value : this.asItWas(before);
  }

  private number(value: Value): string {
    let number = this.numbers.get(value);
    if (number === undefined) {
      number = `%${this.numbers.size}`;
      this.numbers.set(value, number);
    }
    return number;
  }
}

/** May a value be an object of its own, that somebody could change or compare? */
const givesObject = ({ type }: Value): boolean =>
  isReference(type) ||
  (type.kind === "opaque" && type.text !== "string" && type.text !== "null" && type.text !== "undefined");

const spell = (value: Literal): string =>
  Object.is(value, -0) ? "-0" : `${typeof value}:${JSON.stringify(String(value))}`;

/** Does a store there always take place, and keep the number as it is? */
function surelyStores(at: Location, definitions: Definitions): boolean {
  const { type } = at.base;
  if (at.kind === "field") return type.kind === "record" || type.kind === "tuple";
  if (type.kind !== "array") return false;
  return type.storage === "Array" || (type.storage === "Float64Array" && isInside(at.base, at.index, definitions));
}

/** Does a loop count the index from the beginning of an array up to its end? */
function isInside(array: Value, index: Value, definitions: Definitions): boolean {
  const [counter, made] = [definitions.of(index), definitions.opOf(array)];
  if (counter?.kind !== "body" || counter.position !== 0) return false;
  const { range } = counter.loop;
  const from = range === null ? undefined : definitions.literalOf(range.from);
  if (range === null || range.inclusive || range.step < 1 || !Number.isInteger(range.step)) return false;
  if (typeof from !== "number" || !Number.isInteger(from) || from < 0) return false;
  const end = definitions.opOf(range.to);
  if (end?.kind === "length" && end.array === array) return true;
  const isCounted = made?.kind === "allocate" && made.initial.kind === "zeros" && range.to.type.kind === "integer";
  return isCounted && made.initial.length === range.to;
}

/** The known value can stand where the other stood: one object may be unwrapped as an instance of several classes. */
const fits = (known: Value, other: Value, op: Op): boolean =>
  op.kind === "unwrap"
    ? sameType(known.type, other.type)
    : known.type.kind === other.type.kind || (known.type.kind === "integer" && other.type.kind === "number");
