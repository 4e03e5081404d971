/**
 * Random TypeScript functions for property tests: loops of all kinds with break, continue and labels, early returns,
 * conditions with && and ||, compound assignments, arrays written in place, local arrays, helpers. As in random-ir.ts a
 * tree of choices is drawn and rendered, values stay small, indices in bounds, loops end.
 */
import fc from "fast-check";

type Choice = number;

type Expression =
  | { readonly kind: "leaf"; readonly which: Choice; readonly index: Choice }
  | { readonly kind: "unary"; readonly op: Choice; readonly a: Expression }
  | { readonly kind: "binary"; readonly op: Choice; readonly a: Expression; readonly b: Expression }
  | { readonly kind: "ternary"; readonly test: Condition; readonly a: Expression; readonly b: Expression };

type Condition =
  | { readonly kind: "compare"; readonly op: Choice; readonly a: Expression; readonly b: Expression }
  | { readonly kind: "logical"; readonly op: Choice; readonly a: Condition; readonly b: Condition };

type Statement =
  | { readonly kind: "declare"; readonly constant: boolean; readonly value: Expression }
  | { readonly kind: "assign"; readonly target: Choice; readonly op: Choice; readonly value: Expression }
  | { readonly kind: "swap"; readonly a: Choice; readonly b: Choice }
  | {
      readonly kind: "store";
      readonly array: Choice;
      readonly index: Choice;
      readonly op: Choice;
      readonly value: Expression;
    }
  | { readonly kind: "counted"; readonly array: Choice; readonly values: readonly Expression[] }
  | { readonly kind: "array"; readonly how: Choice; readonly source: Choice; readonly value: Expression }
  | { readonly kind: "exchange"; readonly a: Choice; readonly b: Choice }
  | { readonly kind: "row"; readonly how: Choice; readonly a: Choice; readonly b: Choice; readonly value: Expression }
  | { readonly kind: "push"; readonly values: readonly Expression[] }
  | { readonly kind: "helper"; readonly which: Choice; readonly array: Choice; readonly a: Expression }
  | {
      readonly kind: "if";
      readonly test: Condition;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[] | null;
    }
  | { readonly kind: "exit"; readonly how: Choice; readonly test: Condition; readonly value: Expression }
  | {
      readonly kind: "loop";
      readonly form: Choice;
      readonly bound: Choice;
      readonly test: Condition;
      readonly body: readonly Statement[];
    };

export interface SourceTree {
  readonly body: readonly Statement[];
  readonly result: readonly Expression[];
}

const choice = fc.nat(60);
const is = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);

const arbitraries = fc.letrec<{ expression: Expression; condition: Condition; statement: Statement }>((tie) => {
  const expression = tie("expression");
  const condition = tie("condition");
  const body = fc.array(tie("statement"), { minLength: 1, maxLength: 4, depthIdentifier: "statement" });
  return {
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true, depthIdentifier: "expression", maxDepth: 3 },
      { weight: 4, arbitrary: fc.record({ kind: is("leaf"), which: choice, index: choice }) },
      { weight: 2, arbitrary: fc.record({ kind: is("unary"), op: choice, a: expression }) },
      { weight: 4, arbitrary: fc.record({ kind: is("binary"), op: choice, a: expression, b: expression }) },
      { weight: 1, arbitrary: fc.record({ kind: is("ternary"), test: condition, a: expression, b: expression }) },
    ),
    condition: fc.oneof(
      { depthSize: "small", withCrossShrink: true, depthIdentifier: "expression", maxDepth: 3 },
      { weight: 4, arbitrary: fc.record({ kind: is("compare"), op: choice, a: expression, b: expression }) },
      { weight: 1, arbitrary: fc.record({ kind: is("logical"), op: choice, a: condition, b: condition }) },
    ),
    statement: fc.oneof(
      { depthSize: "small", withCrossShrink: true, depthIdentifier: "statement", maxDepth: 3 },
      { weight: 2, arbitrary: fc.record({ kind: is("declare"), constant: fc.boolean(), value: expression }) },
      { weight: 5, arbitrary: fc.record({ kind: is("assign"), target: choice, op: choice, value: expression }) },
      { weight: 1, arbitrary: fc.record({ kind: is("swap"), a: choice, b: choice }) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: is("store"), array: choice, index: choice, op: choice, value: expression }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: is("counted"), array: choice, values: fc.array(expression, { maxLength: 2 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: is("array"), how: choice, source: choice, value: expression }) },
      { weight: 1, arbitrary: fc.record({ kind: is("exchange"), a: choice, b: choice }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: is("row"), how: choice, a: choice, b: choice, value: expression }),
      },
      { weight: 1, arbitrary: fc.record({ kind: is("push"), values: fc.array(expression, { maxLength: 2 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: is("helper"), which: choice, array: choice, a: expression }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: is("if"), test: condition, then: body, otherwise: fc.option(body) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: is("exit"), how: choice, test: condition, value: expression }) },
      {
        weight: 6,
        arbitrary: fc.record({ kind: is("loop"), form: choice, bound: choice, test: condition, body }),
      },
    ),
  };
});

export const sourceTrees: fc.Arbitrary<SourceTree> = fc
  .record({
    body: fc.array(arbitraries.statement, { minLength: 1, maxLength: 6 }),
    result: fc.array(arbitraries.expression, { minLength: 1, maxLength: 2 }),
  })
  .map((tree) => {
    // Counterexamples are shown as source.
    Object.defineProperty(tree, fc.toStringMethod, { value: () => `\n${renderProgram(tree)}`, enumerable: false });
    return tree;
  });

const arrayLength = 4;
/** What a rendered function is called with; the arrays have 4 elements. */
export const sourceArguments = (variant = 0): readonly unknown[] => {
  const shift = 0.13 * variant;
  return [
    0.7173 + shift,
    -1.2391 + shift / 2,
    new Float64Array([0.3137, -0.7293, 1.1351 + shift, 0.4439]),
    [1.2119, 0.5257 + shift, -0.9341, 0.1447],
    [
      [0.2137, -0.6173, 0.9239 - shift, 1.0813],
      [-1.1177, 0.3391, 0.7477, -0.2683],
    ],
    3,
  ];
};
const pick = <T>(list: readonly T[], k: Choice): T => {
  const found = list[list.length - 1 - (k % list.length)];
  if (found === undefined) throw new Error("nothing to choose from");
  return found;
};

/** A counter whose values are 0 to `most`. */
interface Counter {
  readonly name: string;
  readonly most: number;
}
interface Scope {
  /** Numbers, newest last. */
  readonly names: readonly string[];
  readonly assignable: readonly string[];
  readonly counters: readonly Counter[];
  readonly arrays: readonly string[];
  /** Array variables declared with `let`. */
  readonly movable: readonly string[];
  /** Labels of the loops around, innermost last; "" where a loop has none. */
  readonly loops: readonly string[];
}

/** The module's text: the marked function `name` and the helpers that it calls. */
export function renderProgram(tree: SourceTree, name = "f", modes = ""): string {
  const text = new Renderer().program(tree, name, modes);
  return text;
}

const helpers: Readonly<Record<string, string>> = {
  blend:
    "function blend(u: number, v: number): number {\n  if (u > v) return u * 0.5 + Math.sin(v);\n  return Math.cos(u) - v * 0.25;\n}\n",
  nested:
    "function nested(u: number, depth: int): number {\n  if (depth <= 0) return u;\n  return Math.sin(nested(u * 0.75, depth - 1)) + u * 0.5;\n}\n",
  total:
    "function total(r: ArrayLike<number>): number {\n  let s = 0;\n  for (let i = 0; i < r.length; i++) s += r[i] * r[i];\n  return s * 0.1;\n}\n",
  damp: "function damp(r: Float64Array, c: number): void {\n  for (let i = 0; i < r.length; i++) r[i] = Math.tanh(r[i] * c + 0.1 * i);\n}\n",
};

class Renderer {
  private counter = 0;
  private readonly used = new Set<string>();
  private readonly typed = new Set<string>(["a"]);
  private scope: Scope = {
    names: ["x", "y"],
    assignable: ["x", "y"],
    counters: [{ name: "n", most: 3 }],
    arrays: ["a", "b"],
    movable: [],
    loops: [],
  };

  program(tree: SourceTree, name: string, modes: string): string {
    const body = this.block(tree.body, "  ", false);
    const result = tree.result.map((one) => this.expression(one)).join(" + ");
    const called = [...this.used].sort().map((one) => helpers[one] ?? "");
    return [
      'import type { int } from "../src/index.js";\n',
      ...called,
      `/** @enzyme${modes} */`,
      `export function ${name}(x: number, y: number, a: Float64Array, b: number[], m: number[][], n: int): number {`,
      ...body,
      `  return ${result};`,
      "}",
      "",
    ].join("\n");
  }

  private fresh(prefix: string): string {
    return `${prefix}${this.counter++}`;
  }
  private use(helper: string): string {
    this.used.add(helper);
    return helper;
  }

  // ---- Expressions ------------------------------------------------------------------------------------------------

  private leaf(which: Choice, index: Choice): string {
    const { names, counters, arrays } = this.scope;
    if (which % 8 === 0) return `${(index % 9) / 4 - 1}`;
    if (which % 8 === 1) return pick(counters, index).name;
    if (which % 8 < 5) return pick(names, which);
    if (which % 8 === 5) return `m[${this.rowIndex(which)}][${this.index(index)}]`;
    return `${pick(arrays, which)}[${this.index(index)}]`;
  }

  /** In bounds of every array. */
  private index(k: Choice): string {
    if (k % 4 === 0) return `${Math.floor(k / 4) % arrayLength}`;
    const { name, most } = pick(this.scope.counters, Math.floor(k / 4));
    if (k % 4 === 1 && most + 1 < arrayLength) return `${name} + 1`;
    if (k % 4 === 2 && most < arrayLength) return `${arrayLength - 1} - ${name}`;
    return most < arrayLength ? name : `${name} % ${arrayLength}`;
  }

  /** There are two rows. */
  private rowIndex(k: Choice): string {
    return k % 3 === 0 ? `${pick(this.scope.counters, k).name} % 2` : `${k % 2}`;
  }

  private expression(one: Expression): string {
    switch (one.kind) {
      case "leaf":
        return this.leaf(one.which, one.index);
      case "unary": {
        const a = this.expression(one.a);
        const square = `${this.tame(a)} ** 2`;
        return pick(
          [
            `Math.sin(${a})`,
            `Math.cos(${a})`,
            `Math.tanh(${a})`,
            `(-(${a}))`,
            `Math.exp(Math.sin(${a}))`,
            `Math.sqrt(0.5 + ${square})`,
            `Math.log(1.5 + ${square})`,
            `Math.abs(${a})`,
            `Math.atan(${a})`,
            `(0.5 + ${square}) ** 1.5`,
            `(${this.tame(a)} ** 3)`,
          ],
          one.op,
        );
      }
      case "binary": {
        const [a, b] = [this.expression(one.a), this.expression(one.b)];
        if (one.op % 12 === 11) {
          if (one.op % 5 < 2) return `${this.use("nested")}(${this.tame(a)}, n)`;
          return `${this.use("blend")}(${a}, ${b})`;
        }
        return pick(
          [
            `(${a} - ${b})`,
            `(${a} + ${b})`,
            `(${a} - ${b})`,
            `${this.tame(a)} * ${this.tame(b)}`,
            `(${a} / (1 + ${this.tame(b)} ** 2))`,
            `Math.max(${a}, ${b})`,
            `Math.min(${a}, ${b})`,
            `Math.hypot(${a}, 1, ${b})`,
            `Math.atan2(${a}, 1 + ${this.tame(b)} ** 2)`,
            `${this.tame(a)} * ${this.tame(b)}`,
            `(${a} + ${b})`,
            `${this.tame(a)} * ${this.tame(a)}`,
          ],
          one.op,
        );
      }
      case "ternary":
        return `(${this.condition(one.test)} ? ${this.expression(one.a)} : ${this.expression(one.b)})`;
    }
  }

  /** Between -1 and 1, unless it is a plain name, which is small enough. */
  private tame(text: string): string {
    return /^\w+$/.test(text) || /^Math\.(?:sin|cos|tanh|atan)\(/.test(text) ? text : `Math.sin(${text})`;
  }

  private condition(one: Condition): string {
    if (one.kind === "logical") {
      const [a, b] = [this.condition(one.a), this.condition(one.b)];
      return pick([`!(${a})`, `(${a} || ${b})`, `(${a} && ${b})`], one.op);
    }
    return `${this.expression(one.a)} ${pick(["<", ">", "<=", ">="], one.op)} ${this.expression(one.b)}`;
  }

  /** What may be kept: assigned, stored, carried round a loop. */
  private kept(one: Expression): string {
    const text = this.expression(one);
    return /^[-\w.[\]]+$/.test(text) ? text : `Math.sin(${text})`;
  }

  // ---- Statements ---------------------------------------------------------------------------------------------------

  private block(list: readonly Statement[], indent: string, restore = true): string[] {
    const before = this.scope;
    const lines: string[] = [];
    for (const one of list) lines.push(...this.statement(one, indent));
    if (restore) this.scope = before;
    return lines;
  }

  private extend(change: Partial<Scope>): void {
    this.scope = { ...this.scope, ...change };
  }

  private statement(one: Statement, indent: string): readonly string[] {
    const { scope } = this;
    switch (one.kind) {
      case "declare": {
        const value = this.kept(one.value);
        const name = this.fresh("v");
        this.extend({
          names: [...scope.names, name],
          ...(one.constant ? {} : { assignable: [...scope.assignable, name] }),
        });
        return [`${indent}${one.constant ? "const" : "let"} ${name} = ${value};`];
      }
      case "assign": {
        const target = pick(scope.assignable, one.target);
        const value = this.kept(one.value);
        return [
          indent +
            pick(
              [
                `${target} = ${value};`,
                `${target} += 0.25 * ${value};`,
                `${target} -= 0.25 * ${value};`,
                `${target} *= ${value.startsWith("Math.sin") ? value : `Math.sin(${value})`};`,
                `${target} /= 1.5 + Math.cos(${value});`,
                `${target} = Math.tanh(${target} * ${value});`,
              ],
              one.op,
            ),
        ];
      }
      case "swap": {
        const [a, b] = [pick(scope.assignable, one.a), pick(scope.assignable, one.b)];
        if (a === b) return [];
        if (one.a % 2 === 0) return [`${indent}[${a}, ${b}] = [${b}, ${a}];`];
        const kept = this.fresh("k");
        return [`${indent}const ${kept} = ${a};`, `${indent}${a} = ${b};`, `${indent}${b} = ${kept};`];
      }
      case "store": {
        const place = `${pick(scope.arrays, one.array)}[${this.index(one.index)}]`;
        const value = this.kept(one.value);
        return [
          indent +
            pick(
              [
                `${place} = ${value};`,
                `${place} += 0.25 * ${value};`,
                `${place} *= Math.cos(${value});`,
                `${place} = Math.sin(${place} + ${value});`,
                `${place} -= 0.125 * ${value};`,
              ],
              one.op,
            ),
        ];
      }
      case "counted": {
        const array = pick(scope.arrays, one.array);
        const k = this.fresh("p");
        const lines = one.values.map((value, position) =>
          position % 2 === 0
            ? `${indent}${array}[${k}++] = ${this.kept(value)};`
            : `${indent}${array}[++${k}] += 0.25 * ${this.kept(value)};`,
        );
        return [`${indent}let ${k} = 0;`, ...lines];
      }
      case "array":
        return this.array(one, indent);
      case "exchange": {
        if (scope.movable.length < 2) return [];
        const [a, b] = [pick(scope.movable, one.a), pick(scope.movable, one.b)];
        if (a === b) return [];
        const kept = this.fresh("s");
        return [`${indent}const ${kept} = ${a};`, `${indent}${a} = ${b};`, `${indent}${b} = ${kept};`];
      }
      case "row": {
        const [a, b] = [this.rowIndex(one.a), this.rowIndex(one.b)];
        switch (one.how % 4) {
          case 0: {
            const row = this.fresh("row");
            this.extend({ arrays: [...scope.arrays, row] });
            return [`${indent}const ${row} = m[${a}];`];
          }
          case 1: {
            const kept = this.fresh("row");
            return [`${indent}const ${kept} = m[${a}];`, `${indent}m[${a}] = m[${b}];`, `${indent}m[${b}] = ${kept};`];
          }
          default:
            return [
              `${indent}m[${a}][${this.index(one.b)}] ${one.how % 4 === 2 ? "=" : "+= 0.25 *"} ${this.kept(one.value)};`,
            ];
        }
      }
      case "push": {
        const list = this.fresh("list");
        const sum = this.fresh("v");
        const lines = one.values.map((value) => `${indent}${list}.push(${this.kept(value)});`);
        const i = this.fresh("i");
        this.extend({ names: [...scope.names, sum], assignable: [...scope.assignable, sum] });
        return [
          `${indent}const ${list}: number[] = [];`,
          ...lines,
          `${indent}let ${sum} = 0;`,
          `${indent}for (let ${i} = 0; ${i} < ${list}.length; ${i}++) ${sum} += 0.5 * ${list}[${i}];`,
        ];
      }
      case "helper": {
        const array = pick(scope.arrays, one.array);
        if (one.which % 2 === 0) {
          const name = this.fresh("v");
          this.extend({ names: [...scope.names, name] });
          return [`${indent}const ${name} = ${this.use("total")}(${array});`];
        }
        const typed = scope.arrays.filter((each) => this.typed.has(each));
        return [`${indent}${this.use("damp")}(${pick(typed, one.array)}, ${this.expression(one.a)});`];
      }
      case "if": {
        const test = this.condition(one.test);
        const lines = [`${indent}if (${test}) {`, ...this.block(one.then, `${indent}  `)];
        if (one.otherwise !== null) lines.push(`${indent}} else {`, ...this.block(one.otherwise, `${indent}  `));
        return [...lines, `${indent}}`];
      }
      case "exit": {
        const test = this.condition(one.test);
        if (scope.loops.length === 0 || one.how % 4 === 3)
          return [`${indent}if (${test}) return ${this.expression(one.value)};`];
        const label = one.how % 8 >= 4 ? pick(scope.loops, one.how) : "";
        return [`${indent}if (${test}) ${one.how % 4 === 0 ? "continue" : "break"}${label === "" ? "" : ` ${label}`};`];
      }
      case "loop":
        return this.loop(one, indent);
    }
  }

  private array(one: Extract<Statement, { kind: "array" }>, indent: string): readonly string[] {
    const { scope } = this;
    const name = this.fresh("r");
    const value = this.kept(one.value);
    const source = pick(scope.arrays, one.source);
    const made = pick(
      [
        `new Float64Array(${arrayLength})`,
        `new Float64Array(${arrayLength}).fill(${value})`,
        `Float64Array.from([${value}, ${this.leaf(one.source, 1)}, ${this.leaf(one.source + 3, 2)}, 0.5])`,
        `new Float64Array(${source})`,
        `[${value}, 0.25, ${this.leaf(one.source + 5, 3)}, ${value}]`,
        `${source}.slice()`,
        `new Array(${arrayLength}).fill(${value})`,
      ],
      one.how,
    );
    const isTyped = made.includes("Float64Array") || (made.endsWith(".slice()") && this.typed.has(source));
    if (isTyped) this.typed.add(name);
    const annotation = made.startsWith("new Array") ? ": number[]" : "";
    const movable = one.how % 2 === 0 && isTyped;
    this.extend({
      arrays: [...scope.arrays, name],
      ...(movable ? { movable: [...scope.movable, name] } : {}),
    });
    const arrays = isTyped && movable ? ": Float64Array" : annotation;
    return [`${indent}${movable ? "let" : "const"} ${name}${arrays} = ${made};`];
  }

  private loop(one: Extract<Statement, { kind: "loop" }>, indent: string): readonly string[] {
    const { scope } = this;
    const i = this.fresh("i");
    const label = one.form % 5 === 4 ? this.fresh("outer") : "";
    const head = indent + (label === "" ? "" : `${label}: `);
    const inner = `${indent}  `;
    const limit = 1 + (one.bound % arrayLength);
    const body = (most: number): readonly string[] => {
      this.extend({ counters: [...scope.counters, { name: i, most }], loops: [...scope.loops, label] });
      const lines = this.block(one.body, inner);
      this.scope = scope;
      return lines;
    };
    switch (one.form % 9) {
      case 0:
        return [`${head}for (let ${i} = 0; ${i} < ${limit}; ${i}++) {`, ...body(limit - 1), `${indent}}`];
      case 1:
        return [`${head}for (let ${i} = 0; ${i} < n; ${i}++) {`, ...body(2), `${indent}}`];
      case 2:
        return [`${head}for (let ${i} = 0; ${i} < a.length; ${i} += 2) {`, ...body(3), `${indent}}`];
      case 3:
        return [`${head}for (let ${i} = ${limit - 1}; ${i} >= 0; ${i}--) {`, ...body(limit - 1), `${indent}}`];
      case 4:
        return [`${head}for (let ${i} = 1; ${i} <= n; ${i}++) {`, ...body(3), `${indent}}`];
      case 5:
      case 6: {
        // The counter moves first, so that `continue` cannot make the loop endless.
        const test = one.form % 9 === 5 ? ` && ${this.condition(one.test)}` : "";
        return [
          `${indent}let ${i} = -1;`,
          `${head}while (${i} < ${limit - 1}${test}) {`,
          `${inner}${i}++;`,
          ...body(limit - 1),
          `${indent}}`,
        ];
      }
      case 7:
        return [
          `${indent}let ${i} = -1;`,
          `${head}do {`,
          `${inner}${i}++;`,
          ...body(limit - 1),
          `${indent}} while (${i} < ${limit - 1} && ${this.condition(one.test)});`,
        ];
      default: {
        const value = this.fresh("e");
        const array = pick(scope.arrays, one.bound);
        this.extend({ names: [...scope.names, value], loops: [...scope.loops, label] });
        const lines = this.block(one.body, inner);
        this.scope = scope;
        return [`${head}for (const ${value} of ${array}) {`, ...lines, `${indent}}`];
      }
    }
  }
}
