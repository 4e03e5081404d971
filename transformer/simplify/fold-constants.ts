import { Definitions } from "../analyze/definitions.js";
import type { Compilation } from "../compilation.js";
import { typeOfApplication } from "../ir/build.js";
import {
  assertNever,
  isScalar,
  isTyped,
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
import { primitives, type Primitive } from "../ir/primitives.js";
import { walk } from "../ir/traverse.js";
import { countStaticTrips } from "../analyze/trip-counts.js";
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

interface Known {
  readonly value: Literal;
  readonly named: boolean;
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

const comparisons: ReadonlySet<Primitive> = new Set(["lt", "le", "gt", "ge", "eq", "ne"]);

class Folding {
  private readonly definitions: Definitions;
  private readonly substitution = new Substitution();
  /** Tests that are decided where the walk stands, by the branches around it. */
  private readonly decided = new Map<Value, boolean>();

  /** What decides that a loop stops: stays a result of the `if` around the way out, which is printed as `break`. */
  private readonly stops = new Set<Value>();

  constructor(fn: IRFunction) {
    this.definitions = new Definitions(fn);
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

  private known(value: Value | undefined): Known | null {
    if (value === undefined) return null;
    const op = this.definitions.opOf(value);
    if (op?.kind === "constant") return { value: op.value, named: op.text !== null };
    const decided = this.decided.get(value);
    return decided === undefined ? null : { value: decided, named: false };
  }

  private literal(value: Value | undefined): Literal {
    return this.known(value)?.value;
  }

  /** The literal of a constant without a name: what arithmetic may be done with. */
  private plain(value: Value | undefined): Literal {
    const known = this.known(value);
    return known === null || known.named ? undefined : known.value;
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
    const folded = this.evaluate(op);
    if (folded !== undefined) return this.constant(folded, result, out);
    const same = this.identity(op);
    if (same !== null && isNarrower(same, result)) return this.substitution.replace(result, same);
    const other = this.rewrite(op, out) ?? op;
    if (other !== op) this.emit(other, out);
    else out.push(op);
  }

  /** `axis === "x"`, where a helper is handed one name, or none. */
  private comparison(op: Extract<Op, { kind: "opaque" }>, out: Op[]): void {
    const [result] = op.results;
    const [only, ...others] = op.operands;
    const known = others.length === 0 ? this.known(only) : null;
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
    const known = this.known(op.value);
    // What arithmetic gives is there, and so is a number or text that is handed to a function as it is written.
    const isLiteral = known !== null && known.value !== undefined && known.value !== null;
    const isThere = isLiteral || this.definitions.opOf(op.value)?.kind === "apply";
    if (result !== undefined && isThere) return this.constant(false, result, out);
    if (result === undefined || known === null || known.named) return void out.push(op);
    this.constant(true, result, out);
  }

  /** The value of an application whose operands are all known, where it may be computed here and reads well. */
  private evaluate(op: ApplyOp): Literal {
    const info = primitives[op.primitive];
    // NaN is neither equal to anything nor less or greater.
    if (comparisons.has(op.primitive) && op.args.some((arg) => Number.isNaN(this.plain(arg))))
      return op.primitive === "ne";
    if (!info.exact || info.operands === "any") {
      if (!comparisons.has(op.primitive)) return undefined;
    }
    const numbers: number[] = [];
    let named = false;
    for (const arg of op.args) {
      const known = this.known(arg);
      if (known === null) return this.evaluateOverBranch(op);
      named ||= known.named;
      if (typeof known.value === "number") numbers.push(known.value);
      else if (typeof known.value === "boolean" && (info.operands === "boolean" || comparisons.has(op.primitive))) {
        numbers.push(Number(known.value));
      } else return undefined;
    }
    if (op.args.length === 0) return undefined;
    const value = info.evaluate(...numbers);
    if (info.result === "boolean") return value !== 0;
    // 1 / 3 reads better than its digits, and an engine folds it
    return named || (!Number.isInteger(value) && String(value).length > 8) ? undefined : value;
  }

  /** `(if c { 1 } else { 0 }) !== 0` is decided by c alone; here only where both branches say the same. */
  private evaluateOverBranch(op: ApplyOp): Literal {
    const outcome = this.comparedBranch(op);
    return outcome !== null && outcome.then === outcome.else ? outcome.then : undefined;
  }

  private comparedBranch(op: ApplyOp): { test: Value; then: boolean; else: boolean } | null {
    const [a, b] = op.args;
    if (!comparisons.has(op.primitive) || a === undefined || b === undefined) return null;
    const { evaluate } = primitives[op.primitive];
    const right = this.literal(b);
    const left = this.literal(a);
    const chosen = right !== undefined ? a : left !== undefined ? b : null;
    const definition = chosen === null ? null : this.definitions.of(chosen);
    if (definition?.kind !== "result" || definition.op.kind !== "if") return null;
    const outcomes: boolean[] = [];
    for (const branch of [definition.op.then, definition.op.else]) {
      const literal = this.literal(yieldedBy(branch)?.[definition.position]);
      const pair = right !== undefined ? [literal, right] : [left, literal];
      const numbers = pair.flatMap((one) => (typeof one === "number" ? [one] : []));
      if (numbers.length !== 2) return null;
      outcomes.push(evaluate(...numbers) !== 0);
    }
    const [then, otherwise] = outcomes;
    return then === undefined || otherwise === undefined ? null : { test: definition.op.test, then, else: otherwise };
  }

  /** The operand that the application equals, for every value that it may have. */
  private identity(op: ApplyOp): Value | null {
    const [a, b, c] = op.args;
    if (a === undefined) return null;
    const left = this.plain(a);
    const right = this.plain(b);
    switch (op.primitive) {
      case "mul":
        if (right === 1) return a;
        return left === 1 && b !== undefined ? b : null;
      case "div":
      case "pow":
        return right === 1 ? a : null;
      case "sub":
        return right === 0 && !Object.is(right, -0) ? a : null;
      case "add":
        if (Object.is(right, -0)) return a;
        if (b !== undefined && Object.is(left, -0)) return b;
        if (right === 0 && this.isNeverMinusZero(a)) return a;
        return left === 0 && b !== undefined && this.isNeverMinusZero(b) ? b : null;
      case "neg":
      case "not": {
        const inner = this.definitions.opOf(a);
        return inner?.kind === "apply" && inner.primitive === op.primitive ? (inner.args[0] ?? null) : null;
      }
      case "floor":
      case "ceil":
      case "round":
      case "trunc":
        return a.type.kind === "integer" ? a : null;
      case "and":
        if (this.literal(a) === true && b !== undefined) return b;
        if (this.literal(b) === true) return a;
        if (this.literal(a) === false) return a;
        return this.literal(b) === false && b !== undefined ? b : a === b ? a : null;
      case "or":
        if (this.literal(a) === false && b !== undefined) return b;
        if (this.literal(b) === false) return a;
        if (this.literal(a) === true) return a;
        return this.literal(b) === true && b !== undefined ? b : a === b ? a : null;
      case "max":
      case "min":
        return op.args.length === 1 ? a : null;
      case "select": {
        if (b === undefined || c === undefined) return null;
        const test = this.literal(a);
        if (test === true || b === c) return b;
        return test === false ? c : null;
      }
      case "orZero": {
        const inner = this.definitions.opOf(a);
        return inner?.kind === "constant" || inner?.kind === "apply" ? a : null;
      }
      case "eq":
      case "ne": {
        const outcome = this.comparedBranch(op);
        return outcome !== null && outcome.then && !outcome.else ? outcome.test : null;
      }
      default: {
        const outcome = this.comparedBranch(op);
        return outcome !== null && outcome.then && !outcome.else ? outcome.test : null;
      }
    }
  }

  private isNeverMinusZero(value: Value, depth = 8): boolean {
    if (value.type.kind !== "integer" || depth === 0) return false;
    const definition = this.definitions.of(value);
    if (definition === null || definition.kind === "parameter") return false;
    if (definition.kind === "body") {
      const { loop, position } = definition;
      return position === 0 && (loop.range === null || this.isNeverMinusZero(loop.range.from, depth - 1));
    }
    const { op, position } = definition;
    switch (op.kind) {
      case "length":
      case "push":
      case "load":
        return op.kind !== "load" || op.at.base.type.kind === "array";
      case "constant":
        return !Object.is(op.value, -0);
      case "loop":
        return position < 2;
      case "apply": {
        const [, b] = op.args;
        // -0 is a sum of two of them only
        if (op.primitive === "add" && op.args.some((arg) => this.isNeverMinusZero(arg, depth - 1))) return true;
        if (op.primitive === "add" || op.primitive === "sub") return b !== undefined && this.isNonZeroLiteral(b);
        return op.primitive.startsWith("bit") || op.primitive === "shr" || op.primitive === "ushr";
      }
      default:
        return false;
    }
  }

  private isNonZeroLiteral(value: Value): boolean {
    const literal = this.literal(value);
    return typeof literal === "number" && literal !== 0;
  }

  /** The same in another form, simpler or more regular. */
  private rewrite(op: ApplyOp, out: Op[]): ApplyOp | null {
    const [a, b] = op.args;
    const [result] = op.results;
    if (a === undefined || result === undefined) return null;
    const make = (primitive: Primitive, args: readonly Value[]): ApplyOp => ({
      kind: "apply",
      results: op.results,
      primitive,
      args,
    });
    const left = this.plain(a);
    const right = this.plain(b);
    switch (op.primitive) {
      case "pow":
        return right === 2 ? make("mul", [a, a]) : null;
      case "mul":
        if (b === undefined) return null;
        if (right === -1) return make("neg", [a]);
        return left === -1 ? make("neg", [b]) : null;
      case "becomesNaN":
        return this.definitions.opOf(a)?.kind === "apply" ? make("isNaN", [a]) : null;
      case "not": {
        const inner = this.definitions.opOf(a);
        if (inner?.kind !== "apply") return null;
        // not for < and its like: NaN is neither less nor greater
        if (inner.primitive === "eq") return make("ne", inner.args);
        return inner.primitive === "ne" ? make("eq", inner.args) : null;
      }
      case "add":
      case "sub":
        return this.regroup(op, out);
      default: {
        const outcome = this.comparedBranch(op);
        return outcome !== null && !outcome.then && outcome.else ? make("not", [outcome.test]) : null;
      }
    }
  }

  /** `(n - 1) - 1 => n - 2`, for indices: integers far below 2 ** 53. */
  private regroup(op: ApplyOp, out: Op[]): ApplyOp | null {
    const [a, b] = op.args;
    const [result] = op.results;
    if (a === undefined || b === undefined || result?.type.kind !== "integer") return null;
    const right = this.plain(b);
    const left = this.plain(a);
    const inner = typeof right === "number" ? a : typeof left === "number" && op.primitive === "add" ? b : null;
    const outer = typeof right === "number" ? right : typeof left === "number" ? left : NaN;
    if (inner === null || !Number.isSafeInteger(outer) || inner.type.kind !== "integer") return null;
    const sum = this.definitions.opOf(inner);
    if (sum?.kind !== "apply" || (sum.primitive !== "add" && sum.primitive !== "sub")) return null;
    const [c, d] = sum.args;
    if (c === undefined || d === undefined) return null;
    const innerRight = this.plain(d);
    const innerLeft = this.plain(c);
    let base: Value;
    let offset: number;
    if (typeof innerRight === "number") [base, offset] = [c, sum.primitive === "add" ? innerRight : -innerRight];
    else if (typeof innerLeft === "number" && sum.primitive === "add") [base, offset] = [d, innerLeft];
    else return null;
    if (!Number.isSafeInteger(offset) || !this.isIndex(base)) return null;
    const total = offset + (op.primitive === "add" ? outer : -outer);
    if (!Number.isSafeInteger(total) || (total === 0 && !this.isNeverMinusZero(base))) return null;
    const constant = constantOp(Math.abs(total));
    this.emit(constant, out);
    return {
      kind: "apply",
      results: op.results,
      primitive: total < 0 ? "sub" : "add",
      args: [base, constant.results[0]],
    };
  }

  /** A number that counts or addresses something. */
  private isIndex(value: Value, depth = 16): boolean {
    if (value.type.kind !== "integer" || depth === 0) return false;
    const definition = this.definitions.of(value);
    if (definition === null) return false;
    if (definition.kind === "parameter") return true;
    if (definition.kind === "body") return definition.position === 0;
    const { op } = definition;
    switch (op.kind) {
      case "length":
      case "push":
        return true;
      case "load":
        return op.at.base.type.kind === "array" && isTyped(op.at.base.type.storage);
      case "apply":
        return (
          (op.primitive === "add" || op.primitive === "sub") && op.args.every((arg) => this.isIndexPart(arg, depth))
        );
      case "loop":
        return definition.position < 2;
      default:
        return false;
    }
  }

  private isIndexPart(value: Value, depth: number): boolean {
    const literal = this.literal(value);
    return (typeof literal === "number" && Math.abs(literal) < 2 ** 31) || this.isIndex(value, depth - 1);
  }

  /** Walks a branch, knowing how its test came out. */
  private under(test: Value, outcome: boolean, walk: () => Region): Region {
    const added: Value[] = [];
    const learn = (value: Value, holds: boolean): void => {
      if (this.decided.has(value) || this.definitions.opOf(value)?.kind === "constant") return;
      this.decided.set(value, holds);
      added.push(value);
      const op = this.definitions.opOf(value);
      if (op?.kind !== "apply") return;
      if (op.primitive === "not") op.args.forEach((arg) => learn(arg, !holds));
      if ((op.primitive === "and" && holds) || (op.primitive === "or" && !holds)) {
        op.args.forEach((arg) => learn(arg, holds));
      }
    };
    learn(test, outcome);
    const region = walk();
    for (const value of added) this.decided.delete(value);
    return region;
  }

  /** Notes the exit of the region around, where the branch taken never reaches its own. */
  private branch(op: IfOp, out: Op[], thrown: Exit[]): void {
    const test = this.literal(op.test);
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
    const then = this.under(op.test, true, () => this.region(op.then));
    const otherwise = this.under(op.test, false, () => this.region(op.else));
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
      const [left, right] = [this.known(a), this.known(b)];
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
    const values = yieldedBy(body);
    // a loop that stops in its first iteration: do { } while (false)
    if (next.range === null && values !== null && this.literal(values[0]) === true) {
      const [counter, ...carried] = body.params;
      if (counter !== undefined) this.constant(0, counter, out);
      const unrolled = new Substitution();
      carried.forEach((param, k) => {
        const initial = next.initial[k];
        if (initial !== undefined) unrolled.replace(param, initial);
      });
      const once = substituteRegion(body, unrolled);
      out.push(...once.ops);
      for (const inner of once.ops) this.definitions.add(inner);
      next.results.forEach((result, k) => {
        if (k < 2) return this.constant(k, result, out);
        const value = once.exit.kind === "yield" ? once.exit.values[k - 1] : undefined;
        if (value !== undefined) this.substitution.replace(result, value);
      });
      return;
    }
    out.push(next);
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
