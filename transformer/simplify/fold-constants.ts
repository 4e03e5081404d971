import { Definitions } from "../analyze/definitions.js";
import { countStaticTrips } from "../analyze/trip-counts.js";
import type { Compilation } from "../compilation.js";
import { typeOfApplication } from "../ir/build.js";
import {
  assertNever,
  isScalar,
  type ApplyOp,
  type Exit,
  type IfOp,
  type IRFunction,
  type Literal,
  type LoopOp,
  type Op,
  type Region,
  type Value,
} from "../ir/ir.js";
import { walk } from "../ir/traverse.js";
import { identityOf, otherFormOf, valueOf } from "./fold-application.js";
import { KnownLiterals } from "./known-literals.js";
import {
  constantOp,
  rewriteRegion,
  substituteRegion,
  Substitution,
  withBody,
  withBranches,
  withLoopBody,
  yieldedBy,
} from "./rewrite.js";
import { noteStops } from "./stops.js";

/**
 * Computes at build time what does not depend on any input, and takes the branches that are then decided.
 *
 *   t = mul 2 3; if true { A } else { B }; u = sub (sub n 1) 1     =>     t = 6; A; u = sub n 2
 *
 * Table-driven: what a primitive means is its `evaluate`. Safe because only exact primitives are folded (engines
 * differ in the last bit of the others), only identities that hold for NaN, Infinity and -0 are used (`x * 1`,
 * `x - 0`, `x ** 2`, not `x * 0` or `x + 0`), and sums are regrouped for indices alone, which are integers.
 * Constants with a name of the user's keep it: `2 * Math.PI` stays, a test of it is decided.
 */
export function foldConstants(fn: IRFunction, _compilation: Compilation): IRFunction {
  return withBody(fn, new Folding(fn).region(fn.body));
}

/** What a test of something known answers; null: it is no such test. */
function textTest(template: string, value: Literal): boolean | null {
  if (typeof value !== "string" && value !== undefined && value !== null) return null;
  if (template === "!!$0") return Boolean(value);
  if (template === "$0 == null") return typeof value !== "string";
  if (template === "$0 === undefined") return value === undefined;
  if (template === "$0 === null") return value === null;
  const [, sign, text] = /^\$0 (===|!==) ("(?:[^"\\]|\\.)*")$/.exec(template) ?? [];
  return text === undefined ? null : (value === JSON.parse(text)) === (sign === "===");
}

class Folding {
  private readonly definitions: Definitions;
  private readonly substitution = new Substitution();
  private readonly known: KnownLiterals;
  /** What decides that a loop stops: stays a result of the `if` around the way out, which is printed as `break`. */
  private readonly stops = new Set<Value>();

  constructor(fn: IRFunction) {
    this.definitions = new Definitions(fn);
    this.known = new KnownLiterals(this.definitions);
    walk(fn.body, (op) => {
      if (op.kind === "loop") noteStops(yieldedBy(op.body)?.[0], this.definitions, this.stops);
    });
  }

  region(region: Region): Region {
    const thrown: Exit[] = [];
    const result = rewriteRegion(region, this.substitution, (op, out) => {
      if (thrown.length > 0) return;
      this.definitions.update(op);
      switch (op.kind) {
        case "apply":
          this.apply(op, out);
          return;
        case "if":
          this.branch(op, out, thrown);
          return;
        case "loop":
          this.loop(op, out);
          return;
        case "isAbsent":
          this.absence(op, out);
          return;
        case "unwrap":
          this.presence(op, out);
          return;
        case "opaque":
          this.comparison(op, out);
          return;
        default:
          out.push(op);
      }
    });
    const [exit] = thrown;
    return exit === undefined ? result : { ...result, exit };
  }

  private emit(op: Op, out: Op[]): void {
    this.definitions.add(op);
    out.push(op);
  }

  private constant(value: Literal, like: Value, out: Op[]): void {
    this.emit(constantOp(value, like), out);
  }

  private apply(op: ApplyOp, out: Op[]): void {
    const [result] = op.results;
    if (result === undefined) return void out.push(op);
    const folded = valueOf(op, this.known);
    if (folded !== undefined) return this.constant(folded, result, out);
    const same = identityOf(op, this.known);
    if (same !== null && isNarrower(same, result)) return this.substitution.replace(result, same);
    const other = otherFormOf(op, this.known);
    if (other === null) out.push(op);
    else other.forEach((one) => this.emit(one, out));
  }

  /** `axis === "x"`, where a helper is handed one name, or none. */
  private comparison(op: Extract<Op, { kind: "opaque" }>, out: Op[]): void {
    const [result] = op.results;
    const [only, ...others] = op.operands;
    const known = others.length === 0 ? this.known.of(only) : null;
    const answer = known === null || known.named ? null : textTest(op.template, known.value);
    if (result === undefined || answer === null) out.push(op);
    else this.constant(answer, result, out);
  }

  /** A number that was stored where there may be none is taken out again; what an instance was taken for, it is. */
  private presence(op: Extract<Op, { kind: "unwrap" }>, out: Op[]): void {
    const [result] = op.results;
    const { type } = op.value;
    const source = this.definitions.opOf(op.value)?.kind;
    const isOne = (source === "unwrap" || source === "allocate") && type.kind === "record" && result?.type === type;
    const isThere = isOne || (result !== undefined && isScalar(type) && isNarrower(op.value, result));
    if (result !== undefined && isThere) this.substitution.replace(result, op.value);
    else out.push(op);
  }

  private absence(op: Extract<Op, { kind: "isAbsent" }>, out: Op[]): void {
    const [result] = op.results;
    const known = this.known.of(op.value);
    // What arithmetic gives is there, and so is a number or text that is handed to a function as it is written.
    const isLiteral = known !== null && known.value !== undefined && known.value !== null;
    const isThere = isLiteral || this.definitions.opOf(op.value)?.kind === "apply";
    if (result !== undefined && isThere) return this.constant(false, result, out);
    if (result === undefined || known === null || known.named) return void out.push(op);
    this.constant(true, result, out);
  }

  /** Notes the exit of the region around, where the branch taken never reaches its own. */
  private branch(op: IfOp, out: Op[], thrown: Exit[]): void {
    const test = this.known.literal(op.test);
    if (typeof test === "boolean") {
      const taken = this.region(test ? op.then : op.else);
      out.push(...taken.ops);
      const values = yieldedBy(taken);
      if (values === null) {
        thrown.push(taken.exit.kind === "throw" ? taken.exit : { kind: "yield", values: [] });
        return;
      }
      op.results.forEach((result, k) => {
        const value = values[k];
        if (value !== undefined) this.substitution.replace(result, value);
      });
      return;
    }
    const then = this.known.under(op.test, true, () => this.region(op.then));
    const otherwise = this.known.under(op.test, false, () => this.region(op.else));
    const next = withBranches(op, then, otherwise);
    this.definitions.update(next);
    out.push(next);
    this.foldResults(next, out);
  }

  /** Results that are the test itself, its opposite, or one constant whichever branch is taken. */
  private foldResults(op: IfOp, out: Op[]): void {
    const [then, otherwise] = [yieldedBy(op.then), yieldedBy(op.else)];
    if (then === null || otherwise === null) return;
    op.results.forEach((result, k) => {
      const [a, b] = [then[k], otherwise[k]];
      const [left, right] = [this.known.of(a), this.known.of(b)];
      if (left === null || right === null || a === undefined || b === undefined) return;
      const isEmpty = op.then.ops.every(isConstant) && op.else.ops.every(isConstant) && op.results.length === 1;
      if (this.stops.has(result) && !isEmpty && left.value !== right.value) return;
      const add = (made: Op): void => {
        this.emit(made, out);
        const [twin] = made.results;
        if (twin !== undefined) this.substitution.replace(result, twin);
      };
      if (left.value === true && right.value === false) this.substitution.replace(result, op.test);
      else if (left.value === false && right.value === true) {
        add({
          kind: "apply",
          results: [{ type: typeOfApplication("not", [op.test]), origin: result.origin }],
          primitive: "not",
          args: [op.test],
        });
      } else if (!left.named && !right.named && Object.is(left.value, right.value) && left.value !== undefined) {
        if (isScalar(result.type)) {
          add(constantOp(left.value, null, result.origin, result.type));
        }
      }
    });
  }

  private loop(op: LoopOp, out: Op[]): void {
    if (op.range !== null && countStaticTrips(op.range, this.definitions) === 0) {
      op.results.forEach((result, k) => {
        const initial = op.initial[k - 2];
        if (k < 2) this.constant(0, result, out);
        else if (initial !== undefined) this.substitution.replace(result, initial);
      });
      return;
    }
    const body = this.region(op.body);
    const next = withLoopBody(op, body);
    this.definitions.update(next);
    // a loop that stops in its first iteration: do { } while (false)
    if (next.range === null && this.known.literal(yieldedBy(body)?.[0]) === true) this.runOnce(next, out);
    else out.push(next);
  }

  /** The only iteration of a loop, in its place. */
  private runOnce(op: LoopOp, out: Op[]): void {
    const [counter, ...carried] = op.body.params;
    if (counter !== undefined) this.constant(0, counter, out);
    const unrolled = new Substitution();
    carried.forEach((param, k) => {
      const initial = op.initial[k];
      if (initial !== undefined) unrolled.replace(param, initial);
    });
    const once = substituteRegion(op.body, unrolled);
    out.push(...once.ops);
    for (const inner of once.ops) this.definitions.add(inner);
    op.results.forEach((result, k) => {
      if (k < 2) return this.constant(k, result, out);
      const value = once.exit.kind === "yield" ? once.exit.values[k - 1] : undefined;
      if (value !== undefined) this.substitution.replace(result, value);
    });
  }
}

const isConstant = ({ kind }: Op): boolean => kind === "constant";

/** May `value` stand wherever `result` stood? */
function isNarrower(value: Value, result: Value): boolean {
  const { kind } = result.type;
  switch (kind) {
    case "number":
      return value.type.kind === "number" || value.type.kind === "integer";
    case "integer":
    case "boolean":
      return value.type.kind === kind;
    case "array":
    case "tuple":
    case "record":
    case "optional":
    case "opaque":
      return value.type.kind === kind;
    default:
      return assertNever(kind);
  }
}
