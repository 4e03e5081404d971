/** Loops over parts of an array: what is called stable is compared with what is written when they run. */
import { expect, test } from "vitest";
import { analyzeAliases } from "../../transformer/analyze/aliases.js";
import { analyzeBounds } from "../../transformer/analyze/bounds.js";
import { analyzePrivateArrays } from "../../transformer/analyze/private-arrays.js";
import { buildRegionTree } from "../../transformer/analyze/region-tree.js";
import { analyzeStability } from "../../transformer/analyze/stability.js";
import { Compilation } from "../../transformer/compilation.js";
import type { LoadOp } from "../../transformer/ir/ir.js";
import { parse } from "../../transformer/ir/parse.js";
import { walk } from "../../transformer/ir/traverse.js";
import { randomNumbers } from "../support/random.js";
import { runs } from "../support/runs.js";

/** Numbers by name, and how to say them as IR. */
type Numbers = Readonly<Record<string, number>>;
interface Expression {
  readonly of: (numbers: Numbers) => number;
  /** Operations, and the name of what they compute. */
  readonly write: (fresh: () => string) => readonly [text: string, name: string];
}

const named = (name: string): Expression => ({ of: (numbers) => numbers[name] ?? NaN, write: () => ["", name] });
const literal = (value: number): Expression => ({
  of: () => value,
  write: (fresh) => {
    const name = fresh();
    return [`${name} = constant ${value}\n`, name];
  },
});
const combine = (primitive: "add" | "sub" | "mul", a: Expression, b: Expression): Expression => ({
  of: (numbers) => {
    const [x, y] = [a.of(numbers), b.of(numbers)];
    return primitive === "add" ? x + y : primitive === "sub" ? x - y : x * y;
  },
  write: (fresh) => {
    const [[first, x], [second, y]] = [a.write(fresh), b.write(fresh)];
    const name = fresh();
    return [`${first}${second}${name} = ${primitive} ${x} ${y}\n`, name];
  },
});

type Statement =
  | { readonly kind: "loop"; readonly counter: string; readonly range: Range; readonly body: readonly Statement[] }
  | { readonly kind: "if"; readonly test: Test; readonly body: readonly Statement[] }
  | { readonly kind: "load" | "store"; readonly array: string; readonly index: Expression };
interface Range {
  readonly from: Expression;
  readonly to: Expression;
  readonly step: 1 | -1;
  readonly inclusive: boolean;
}
interface Test {
  readonly primitive: "lt" | "ne" | "eq" | "ge";
  readonly a: Expression;
  readonly b: Expression;
}

class Generator {
  private counters = 0;
  private readonly random;

  constructor(seed: number) {
    const next = randomNumbers(seed);
    const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
    this.random = {
      integer,
      pick: <T>(options: readonly [T, ...(readonly T[])]): T => options[integer(0, options.length - 1)] ?? options[0],
    };
  }

  body(counters: readonly string[], depth: number): readonly Statement[] {
    const count = this.random.integer(1, 3);
    return Array.from({ length: count }, () => this.statement(counters, depth));
  }

  private statement(counters: readonly string[], depth: number): Statement {
    const dice = this.random.integer(0, 9);
    if (depth > 0 && dice < 5) {
      const counter = `i${this.counters++}`;
      return { kind: "loop", counter, range: this.range(counters), body: this.body([...counters, counter], depth - 1) };
    }
    if (depth > 0 && dice === 5) {
      const test = {
        primitive: this.random.pick(["lt", "ne", "eq", "ge"] as const),
        a: this.end(counters),
        b: this.end(counters),
      };
      return { kind: "if", test, body: this.body(counters, depth - 1) };
    }
    const array = this.random.pick(["x", "x", "x", "y"]);
    return { kind: this.random.pick(["load", "store"] as const), array, index: this.index(counters) };
  }

  /** A counter, a limit, or a number beside one. */
  private end(counters: readonly string[]): Expression {
    const inner = counters.map(named);
    const one = this.random.pick([literal(0), named("n"), named("m"), named("r"), ...inner, ...inner]);
    return this.random.integer(0, 2) === 0 ? combine(this.random.pick(["add", "sub"] as const), one, literal(1)) : one;
  }

  private range(counters: readonly string[]): Range {
    const step = this.random.integer(0, 3) === 0 ? -1 : 1;
    const start = this.random.pick([literal(0), literal(1), this.end(counters)]);
    const [from, to] = step > 0 ? [start, this.end(counters)] : [this.end(counters), start];
    return { from, to, step, inclusive: this.random.integer(0, 2) === 0 };
  }

  private index(counters: readonly string[]): Expression {
    const [first, ...others] = counters;
    const counter = (): Expression => (first === undefined ? literal(0) : named(this.random.pick([first, ...others])));
    switch (this.random.integer(0, 4)) {
      case 0:
        return counter();
      case 1:
        return combine(this.random.pick(["add", "sub"] as const), counter(), literal(this.random.integer(1, 2)));
      case 2:
        return combine("add", combine("mul", literal(2), counter()), literal(this.random.integer(0, 1)));
      default:
        return combine("add", combine("mul", counter(), named(this.random.pick(["n", "m", "r"]))), counter());
    }
  }
}

function textOf(program: readonly Statement[]): string {
  let count = 0;
  const fresh = (): string => `t${count++}`;
  const write = (statement: Statement): string => {
    switch (statement.kind) {
      case "load": {
        const [text, index] = statement.index.write(fresh);
        return `${text}${fresh()} = load ${statement.array}[${index}]\n`;
      }
      case "store": {
        const [text, index] = statement.index.write(fresh);
        return `${text}store ${statement.array}[${index}] v\n`;
      }
      case "if": {
        const { primitive, a, b } = statement.test;
        const [[first, x], [second, y]] = [a.write(fresh), b.write(fresh)];
        const test = fresh();
        return `${first}${second}${test} = ${primitive} ${x} ${y}\nif ${test} {\n${statement.body.map(write).join("")}yield\n} else {\nyield\n}\n`;
      }
      case "loop": {
        const { counter, range, body } = statement;
        const [[first, from], [second, to]] = [range.from.write(fresh), range.to.write(fresh)];
        const head = `${fresh()}, ${fresh()} = loop ${counter} from ${from} to ${to} step ${range.step}`;
        return `${first}${second}${head}${range.inclusive ? " inclusive" : ""} {\n${body.map(write).join("")}yield no\n}\n`;
      }
    }
  };
  const params = "x: Float64Array duplicated, y: Float64Array duplicated, v: number active";
  const text = program.map(write).join("");
  return `function f(${params}, n: integer const, m: integer const, r: number const) -> void {\nno = constant false\n${text}return\n}`;
}

/** Which loads read a cell that is written afterwards; they are counted as they stand in the text. */
function overwritten(program: readonly Statement[], limits: Numbers): ReadonlySet<number> {
  const numberOf = new Map<Statement, number>();
  const count = (statement: Statement): void => {
    if (statement.kind === "load") numberOf.set(statement, numberOf.size);
    else if (statement.kind === "loop" || statement.kind === "if") statement.body.forEach(count);
  };
  program.forEach(count);
  const readBy = new Map<string, Set<number>>();
  const found = new Set<number>();
  const run = (statement: Statement, numbers: Numbers): void => {
    switch (statement.kind) {
      case "load": {
        const cell = `${statement.array}[${statement.index.of(numbers)}]`;
        readBy.set(cell, (readBy.get(cell) ?? new Set()).add(numberOf.get(statement) ?? -1));
        break;
      }
      case "store":
        for (const load of readBy.get(`${statement.array}[${statement.index.of(numbers)}]`) ?? []) found.add(load);
        break;
      case "if": {
        const [a, b] = [statement.test.a.of(numbers), statement.test.b.of(numbers)];
        const holds = { lt: a < b, ne: a !== b, eq: a === b, ge: a >= b }[statement.test.primitive];
        if (holds) for (const inner of statement.body) run(inner, numbers);
        break;
      }
      case "loop": {
        const { from, to, step, inclusive } = statement.range;
        const [first, last] = [from.of(numbers), to.of(numbers)];
        const runsAt = (i: number): boolean => (step > 0 ? i < last : i > last) || (inclusive && i === last);
        for (let i = first; runsAt(i); i += step)
          for (const inner of statement.body) run(inner, { ...numbers, [statement.counter]: i });
        break;
      }
    }
  };
  for (const statement of program) run(statement, limits);
  return found;
}

test("what is stable is not written to afterwards", () => {
  const { numRuns: count, seed } = runs(400);
  let stableLoads = 0;
  for (let round = 0; round < count; round++) {
    const program = new Generator(seed + round).body([], 4);
    const text = textOf(program);
    const fn = parse(text);
    const tree = buildRegionTree(fn);
    const aliases = analyzeAliases(fn, new Compilation());
    const bounds = analyzeBounds(tree, aliases);
    const stability = analyzeStability(fn, tree, aliases, analyzePrivateArrays(tree, aliases, bounds), bounds);
    const loads: LoadOp[] = [];
    walk(fn.body, (op) => {
      if (op.kind === "load") loads.push(op);
    });
    const stable = loads.map((load) => stability.isStable(load, null));
    stableLoads += stable.filter((is) => is).length;
    for (const [n, m, r] of [
      [3, 2, 3],
      [2, 4, 2.5],
      [4, 3, 1.5],
    ]) {
      const written = overwritten(program, { n: n ?? 0, m: m ?? 0, r: r ?? 0 });
      const wrong = stable.flatMap((is, at) => (is && written.has(at) ? [at] : []));
      expect(wrong, `n = ${n}, m = ${m}, r = ${r}\n${text}`).toEqual([]);
    }
  }
  expect(stableLoads).toBeGreaterThan(count / 4);
});
