/**
 * Random IR functions for property tests. A tree of choices is drawn (it shrinks well: statements vanish, numbers go to
 * 0), and the same tree always builds the same function. Values stay small, indices in bounds, loops end.
 */
import fc from "fast-check";
import { Block, element, makeValue } from "../../transformer/ir/build.js";
import {
  booleanType,
  float64Array,
  integerType,
  numberType,
  type ArrayType,
  type IRFunction,
  type Origin,
  type Parameter,
  type Range,
  type Region,
  type Type,
  type Value,
} from "../../transformer/ir/ir.js";
import { print } from "../../transformer/ir/print.js";
import type { Primitive } from "../../transformer/ir/primitives.js";

/** Every choice is a natural number, taken modulo what there is. */
type Choice = number;

export type Statement =
  | { readonly kind: "scalar"; readonly op: Choice; readonly a: Choice; readonly b: Choice; readonly c: Choice }
  | { readonly kind: "integer"; readonly op: Choice; readonly a: Choice }
  | { readonly kind: "load"; readonly array: Choice; readonly index: Choice }
  | { readonly kind: "store"; readonly array: Choice; readonly index: Choice; readonly value: Choice }
  | { readonly kind: "accumulate"; readonly array: Choice; readonly index: Choice; readonly value: Choice }
  | { readonly kind: "allocate"; readonly how: Choice; readonly a: Choice; readonly b: Choice }
  | { readonly kind: "row"; readonly how: Choice; readonly index: Choice; readonly other: Choice }
  | { readonly kind: "stack"; readonly values: readonly Choice[] }
  | {
      readonly kind: "if";
      readonly test: Test;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
      readonly results: Choice;
    }
  | {
      readonly kind: "loop";
      readonly form: Choice;
      readonly bound: Choice;
      readonly carried: readonly Choice[];
      readonly swap: boolean;
      readonly stop: Test | null;
      readonly body: readonly Statement[];
    };

export interface Test {
  readonly op: Choice;
  readonly a: Choice;
  readonly b: Choice;
}

export interface ProgramTree {
  readonly body: readonly Statement[];
  readonly result: readonly Choice[];
}

const choice = fc.nat(60);
const test: fc.Arbitrary<Test> = fc.record({ op: choice, a: choice, b: choice });

const { statement } = fc.letrec<{ statement: Statement }>((tie) => {
  const body = fc.array(tie("statement"), { maxLength: 5, depthIdentifier: "program" });
  const kind = <K extends Statement["kind"]>(name: K): fc.Arbitrary<K> => fc.constant(name);
  return {
    statement: fc.oneof(
      { depthSize: "small", withCrossShrink: true, depthIdentifier: "program", maxDepth: 4 },
      { weight: 6, arbitrary: fc.record({ kind: kind("scalar"), op: choice, a: choice, b: choice, c: choice }) },
      { weight: 2, arbitrary: fc.record({ kind: kind("integer"), op: choice, a: choice }) },
      { weight: 3, arbitrary: fc.record({ kind: kind("load"), array: choice, index: choice }) },
      { weight: 3, arbitrary: fc.record({ kind: kind("store"), array: choice, index: choice, value: choice }) },
      { weight: 2, arbitrary: fc.record({ kind: kind("accumulate"), array: choice, index: choice, value: choice }) },
      { weight: 1, arbitrary: fc.record({ kind: kind("allocate"), how: choice, a: choice, b: choice }) },
      { weight: 1, arbitrary: fc.record({ kind: kind("row"), how: choice, index: choice, other: choice }) },
      { weight: 1, arbitrary: fc.record({ kind: kind("stack"), values: fc.array(choice, { maxLength: 3 }) }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: kind("if"), test, then: body, otherwise: body, results: choice }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: kind("loop"),
          form: choice,
          bound: choice,
          carried: fc.array(choice, { maxLength: 3 }),
          swap: fc.boolean(),
          stop: fc.option(test, { freq: 3 }),
          body,
        }),
      },
    ),
  };
});

export const programTrees: fc.Arbitrary<ProgramTree> = fc.record({
  body: fc.array(statement, { minLength: 1, maxLength: 8 }),
  result: fc.array(choice, { minLength: 1, maxLength: 3 }),
});

export const irFunctions: fc.Arbitrary<IRFunction> = programTrees.map((tree) => {
  const fn = buildIR(tree);
  // Counterexamples are shown as text.
  Object.defineProperty(fn, fc.toStringMethod, { value: () => print(fn), enumerable: false });
  return fn;
});

/** Arguments for `buildIR`'s functions: all arrays have 5 elements. */
export const irArguments = (): readonly unknown[] => [
  // No simple sum or product of one another: comparisons of the primal must not end in a tie.
  0.6173,
  -1.2891,
  new Float64Array([0.3137, -0.7211, 1.1093, 0.4373, -1.6127]),
  [1.2071, 0.5219, -0.9137, 0.1393, 0.8219],
  [
    new Float64Array([0.2293, 0.9041, -0.4177, 1.0193, -1.0639]),
    new Float64Array([-0.6053, 0.7127, 0.3319, -1.2409, 0.5503]),
  ],
  3,
];

/** Values on which a careless simplification shows: zeros of both signs, what is not finite, reads outside arrays. */
export const oddIrArguments = (): readonly (readonly unknown[])[] => [
  [
    0,
    -0,
    new Float64Array([0, -0, 1, 0, -1]),
    [-0, 0, 0, 2, -0],
    [new Float64Array(5), new Float64Array(5).fill(-0)],
    0,
  ],
  [
    NaN,
    Infinity,
    new Float64Array([NaN, 1, -Infinity, 0, -0]),
    [Infinity, -1, NaN, 0, 1e308],
    [new Float64Array([1e308, NaN, 0, 1, 2]), new Float64Array([-Infinity, 0, 1, 2, 3])],
    3,
  ],
  [0.5, 0.5, new Float64Array([0.5, 0.25]), [1.5], [new Float64Array([0.5]), new Float64Array(3)], 2],
];

const bound = 4;
const arrayLength = 5;
const plainArray: ArrayType = { kind: "array", element: numberType, storage: "Array" };
const rowsType: ArrayType = { kind: "array", element: float64Array, storage: "Array" };

interface Scalar {
  readonly value: Value;
  /** Its magnitude is at most this. */
  readonly bound: number;
}
/** An integer from 0 to `most`. */
interface Integer {
  readonly value: Value;
  readonly most: number;
}

interface Scope {
  readonly numbers: readonly Scalar[];
  readonly integers: readonly Integer[];
  readonly arrays: readonly Value[];
  readonly rows: Value;
}

const pick = <T>(list: readonly T[], k: Choice): T => {
  const found = list[list.length - 1 - (k % list.length)];
  if (found === undefined) throw new Error("nothing to choose from");
  return found;
};

const named = (name: string, span: Origin["span"] = null): Origin => ({ span, variable: { name }, role: "primal" });

export function buildIR(tree: ProgramTree): IRFunction {
  const parameter = (name: string, type: Type, activity: Parameter["activity"]): Parameter => ({
    value: makeValue(type, named(name)),
    name,
    activity,
    typeText: null,
  });
  const x = parameter("x", numberType, "active");
  const y = parameter("y", numberType, "active");
  const a = parameter("a", float64Array, "duplicated");
  const b = parameter("b", plainArray, "duplicated");
  const m = parameter("m", rowsType, "duplicated");
  const n = parameter("n", integerType, "const");
  const block = new Block(false);
  const scope: Scope = {
    numbers: [
      { value: x.value, bound: 2 },
      { value: y.value, bound: 2 },
    ],
    integers: [{ value: n.value, most: 3 }],
    arrays: [a.value, b.value],
    rows: m.value,
  };
  const end = new Builder(block, scope).statements(tree.body);
  const terms = tree.result.map((k) => pick(end.scope.numbers, k).value);
  const sum = terms.reduce((left, right) => block.apply("add", [left, right]));
  return {
    name: "random",
    params: [x, y, a, b, m, n],
    results: [numberType],
    body: block.region([], { kind: "return", values: [sum] }),
    derivation: null,
    span: null,
  };
}

const comparisons: readonly Primitive[] = ["lt", "gt", "le", "ge"];

/** Appends statements to one block; a copy of the scope grows with them. */
class Builder {
  scope: Scope;

  constructor(
    private readonly block: Block,
    scope: Scope,
  ) {
    this.scope = scope;
  }

  statements(list: readonly Statement[]): this {
    for (const one of list) this.statement(one);
    return this;
  }

  private addNumber(value: Value, most: number): void {
    this.scope = { ...this.scope, numbers: [...this.scope.numbers, { value, bound: most }] };
  }
  private addInteger(value: Value, most: number): void {
    this.scope = { ...this.scope, integers: [...this.scope.integers, { value, most }] };
  }
  private addArray(value: Value): void {
    this.scope = { ...this.scope, arrays: [...this.scope.arrays, value] };
  }

  private number(k: Choice): Scalar {
    return pick(this.scope.numbers, k);
  }
  /** A number of magnitude `bound` at most. */
  private tame(k: Choice): Value {
    const { value, bound: most } = this.number(k);
    return most <= bound ? value : this.block.apply(k % 2 === 0 ? "tanh" : "sin", [value]);
  }

  private integer(k: Choice): Integer {
    return pick(this.scope.integers, k);
  }
  private constantInteger(value: number): Value {
    return this.block.constant(value);
  }
  /** An index inside every array: a constant, an integer, its successor, or a remainder. */
  private index(k: Choice): Value {
    if (k % 4 === 0) return this.constantInteger((k / 4) % arrayLength);
    const { value, most } = this.integer(Math.floor(k / 4));
    if (most + 1 < arrayLength && k % 4 === 1) return this.block.apply("add", [value, this.constantInteger(1)]);
    if (most < arrayLength) return value;
    return this.block.apply("mod", [value, this.constantInteger(arrayLength)]);
  }

  private test({ op, a, b }: Test): Value {
    const left = this.number(a).value;
    if (op % 6 === 4) return this.block.apply("lt", [this.integer(a).value, this.integer(b).value]);
    const right = op % 6 === 5 ? this.block.constant(0.25) : this.number(b).value;
    const compared = this.block.apply(pick(comparisons, op), [left, right]);
    return op % 5 === 3 ? this.block.apply("not", [compared]) : compared;
  }

  private statement(one: Statement): void {
    const { block } = this;
    switch (one.kind) {
      case "scalar":
        return this.scalar(one);
      case "integer": {
        const { value, most } = this.integer(one.a);
        if (one.op % 3 === 0) return this.addInteger(block.apply("mod", [value, this.constantInteger(2)]), 1);
        if (one.op % 3 === 1) return this.addInteger(this.constantInteger(one.a % 4), one.a % 4);
        if (most < 8) this.addInteger(block.apply("add", [value, this.constantInteger(1)]), most + 1);
        return;
      }
      case "load": {
        const array = pick(this.scope.arrays, one.array);
        return this.addNumber(block.load(element(array, this.index(one.index))), bound);
      }
      case "store":
      case "accumulate": {
        const array = pick(this.scope.arrays, one.array);
        const at = element(array, this.index(one.index));
        if (one.kind === "store") return block.store(at, this.tame(one.value));
        return block.accumulate(at, block.apply("mul", [block.constant(0.25), this.tame(one.value)]));
      }
      case "allocate":
        return this.allocate(one);
      case "row": {
        const { rows } = this.scope;
        const at = (k: Choice): Value =>
          k % 3 === 2
            ? block.apply("mod", [this.integer(k).value, this.constantInteger(2)])
            : this.constantInteger(k % 2);
        const row = block.load(element(rows, at(one.index)));
        this.addArray(row);
        // Two rows are swapped, or one row stands twice.
        if (one.how % 3 === 0) return;
        const other = at(one.other);
        const second = block.load(element(rows, other));
        block.store(element(rows, other), row);
        if (one.how % 3 === 1) block.store(element(rows, at(one.index)), second);
        return;
      }
      case "stack": {
        const array = block.allocate(plainArray, { kind: "parts", parts: [] });
        for (const value of one.values) block.push(array, this.tame(value));
        for (let k = 0; k < one.values.length; k++) this.addNumber(block.pop(array, numberType), bound);
        this.addInteger(block.length(array), 0);
        return;
      }
      case "if":
        return this.branch(one);
      case "loop":
        return this.loop(one);
    }
  }

  private scalar({ op, a, b, c }: Extract<Statement, { kind: "scalar" }>): void {
    const { block } = this;
    const [left, right] = [this.number(a), this.number(b)];
    const most = left.bound * right.bound;
    const apply = (primitive: Primitive, args: readonly Value[], limit: number): void =>
      this.addNumber(block.apply(primitive, args), limit);
    const square = (): Value => block.apply("mul", [this.tame(b), this.tame(b)]);
    switch (op % 20) {
      case 0:
        return apply("add", [left.value, right.value], left.bound + right.bound);
      case 1:
        return apply("sub", [left.value, right.value], left.bound + right.bound);
      case 2:
        if (most <= 64) return apply("mul", [left.value, right.value], most);
        return apply("mul", [this.tame(a), this.tame(b)], 16);
      case 3:
        return apply("neg", [left.value], left.bound);
      case 4:
        return apply("sin", [left.value], 1);
      case 5:
        return apply("cos", [left.value], 1);
      case 6:
        return apply("tanh", [left.value], 1);
      case 7:
        return apply("exp", [block.apply("sin", [left.value])], 3);
      case 8:
        return apply("div", [this.tame(a), block.apply("add", [square(), block.constant(1)])], bound);
      case 9:
        return apply("sqrt", [block.apply("add", [square(), block.constant(0.5)])], 5);
      case 10:
        return apply("log", [block.apply("add", [square(), block.constant(1.5)])], 3);
      case 11:
        return apply("max", [left.value, right.value], Math.max(left.bound, right.bound));
      case 12:
        return apply("min", [left.value, right.value], Math.max(left.bound, right.bound));
      case 13:
        return apply("abs", [left.value], left.bound);
      case 14:
        return apply("pow", [block.apply("add", [square(), block.constant(0.5)]), block.constant(1 + (c % 4) / 2)], 90);
      case 15:
        return apply("atan2", [left.value, block.apply("add", [square(), block.constant(1)])], 2);
      case 16:
        return apply(
          "select",
          [this.test({ op: c, a: b, b: a }), left.value, right.value],
          Math.max(left.bound, right.bound),
        );
      case 17:
        return apply("hypot", [this.tame(a), this.tame(b), block.constant(1)], 7);
      case 18:
        return this.addNumber(block.constant((c % 9) / 4 - 1), 2);
      default:
        return apply("mul", [this.tame(a), this.integer(c).value], 36);
    }
  }

  private allocate({ how, a, b }: Extract<Statement, { kind: "allocate" }>): void {
    const { block } = this;
    const length = this.constantInteger(arrayLength);
    const zero = this.constantInteger(0);
    const type = how % 2 === 0 ? float64Array : plainArray;
    switch (how % 4) {
      case 0:
        return this.addArray(block.allocate(type, { kind: "zeros", length }));
      case 1:
        return this.addArray(block.allocate(type, { kind: "filled", length, value: this.tame(a) }));
      case 2:
        return this.addArray(
          block.allocate(type, { kind: "copy", source: pick(this.scope.arrays, a), from: zero, to: length }),
        );
      default: {
        const parts = Array.from({ length: arrayLength }, (_, k) => this.tame(a + k * b));
        return this.addArray(block.allocate(type, { kind: "parts", parts }));
      }
    }
  }

  private branch({ test: condition, then, otherwise, results }: Extract<Statement, { kind: "if" }>): void {
    const { block } = this;
    const tested = this.test(condition);
    const count = results % 3;
    const withArray = results % 7 === 6;
    const region = (list: readonly Statement[]): Region => {
      const inner = new Builder(block.inner(), this.scope).statements(list);
      const values = Array.from({ length: count }, (_, k) => inner.tame(results + k));
      if (withArray) values.push(pick(inner.scope.arrays.filter(isTyped), results));
      return inner.block.yield([], values);
    };
    const regions = [region(then), region(otherwise)] as const;
    const outcome = Array.from({ length: count }, (_, k) => makeValue(numberType, named(`v${k}`)));
    const array = withArray ? [makeValue(float64Array, named("chosen"))] : [];
    block.if(tested, regions[0], regions[1], [...outcome, ...array]);
    for (const value of outcome) this.addNumber(value, bound);
    array.forEach((value) => this.addArray(value));
  }

  private loop(one: Extract<Statement, { kind: "loop" }>): void {
    const { block } = this;
    const { integers, arrays } = this.scope;
    const typed = arrays.filter(isTyped);
    const swapped = one.swap ? [pick(typed, one.bound), pick(typed, one.bound + 1)] : [];
    const initial = [...one.carried.map((k) => this.tame(k)), ...swapped];
    const origins = initial.map((value, k) => named(value.type.kind === "array" ? `s${k}` : `c${k}`));
    const params = initial.map((value, k) => makeValue(wide(value.type), origins[k] ?? named("c")));
    const finals = params.map((param) => makeValue(param.type, param.origin));
    const ranged = one.form % 3 !== 2;
    const [range, most] = ranged ? this.range(one) : [null, 4];
    const counter = makeValue(integerType, named(`i${one.form % 4}`));
    const inner = new Builder(block.inner(), {
      ...this.scope,
      numbers: [...this.scope.numbers, ...params.filter(isNumber).map((value) => ({ value, bound }))],
      integers: [...integers, { value: counter, most }],
      arrays: [...arrays, ...params.filter(isTyped)],
    });
    const results = [makeValue(integerType, named("completed")), makeValue(integerType, named("started")), ...finals];
    const body = ranged
      ? inner.rangedBody(one, counter, params)
      : one.form % 2 === 0
        ? inner.whileBody(one, counter, params)
        : inner.doBody(one, counter, params);
    block.loop(range, initial, body, results);
    const [completed, started] = results;
    if (completed !== undefined) this.addInteger(completed, 4);
    if (started !== undefined && !ranged) this.addInteger(started, 5);
    finals.filter(isNumber).forEach((value) => this.addNumber(value, bound));
    finals.filter(isTyped).forEach((value) => this.addArray(value));
  }

  private range(one: Extract<Statement, { kind: "loop" }>): readonly [Range, number] {
    const { block } = this;
    const to = one.bound % 5;
    switch (one.bound % 6) {
      case 0:
        return [{ from: block.constant(0), to: block.constant(to), step: 1, inclusive: false }, 4];
      case 1:
        return [{ from: block.constant(0), to: this.integer(one.bound).value, step: 1, inclusive: false }, 8];
      case 2:
        return [{ from: block.constant(3), to: block.constant(0), step: -1, inclusive: true }, 3];
      case 3:
        return [{ from: block.constant(1), to: block.constant(4), step: 2, inclusive: true }, 4];
      case 4:
        return [{ from: block.constant(to), to: block.constant(2), step: 1, inclusive: false }, 4];
      default:
        return [{ from: this.integer(one.bound).value, to: block.constant(4), step: 1, inclusive: false }, 8];
    }
  }

  /** What the next iteration carries: recent numbers, and arrays in the other order. */
  private next(one: Extract<Statement, { kind: "loop" }>, params: readonly Value[]): readonly Value[] {
    const arrays = params.filter(isTyped);
    return params.map((param, k) => {
      if (isTyped(param)) return arrays[arrays.length - 1 - arrays.indexOf(param)] ?? param;
      return this.tame((one.carried[k] ?? 0) + k);
    });
  }

  private rangedBody(one: Extract<Statement, { kind: "loop" }>, counter: Value, params: readonly Value[]): Region {
    this.statements(one.body);
    const stop = one.stop === null ? this.block.constant(false) : this.test(one.stop);
    return this.block.yield([counter, ...params], [stop, ...this.next(one, params)]);
  }

  /** `while (counter < 4 && test) { ... }` as the frontend writes it. */
  private whileBody(one: Extract<Statement, { kind: "loop" }>, counter: Value, params: readonly Value[]): Region {
    const { block } = this;
    let go = block.apply("lt", [counter, block.constant(one.bound % 5)]);
    if (one.stop !== null) go = block.apply("and", [go, this.test(one.stop)]);
    const inner = new Builder(block.inner(), this.scope).statements(one.body);
    const then = inner.block.yield([], [inner.block.constant(false), ...inner.next(one, params)]);
    const ending = block.inner();
    const otherwise = ending.yield([], [ending.constant(true), ...params]);
    const stop = makeValue(booleanType);
    const next = params.map((param) => makeValue(param.type, param.origin));
    block.if(go, then, otherwise, [stop, ...next]);
    return block.yield([counter, ...params], [stop, ...next]);
  }

  /** `do { ... } while (counter < 4 && test)` */
  private doBody(one: Extract<Statement, { kind: "loop" }>, counter: Value, params: readonly Value[]): Region {
    const { block } = this;
    this.statements(one.body);
    const next = this.next(one, params);
    let stop = block.apply("ge", [counter, block.constant(one.bound % 4)]);
    if (one.stop !== null) stop = block.apply("or", [stop, this.test(one.stop)]);
    return block.yield([counter, ...params], [stop, ...next]);
  }
}

const wide = (type: Type): Type => (type.kind === "integer" ? numberType : type);
const isTyped = (value: Value): boolean => value.type.kind === "array" && value.type.storage === "Float64Array";
const isNumber = (value: Value): boolean => value.type.kind === "number";
