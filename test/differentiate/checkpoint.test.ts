/** Loops marked `@enzyme checkpoint`, or under a budget: the same gradients as without the marker, from few snapshots and few steps run again. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Compilation } from "../../transformer/compilation.js";
import { scheduleIn } from "../../transformer/differentiate/checkpoint-schedule.js";
import { interpret } from "../../transformer/ir/interpret.js";
import { ModuleLoader } from "../support/load-module.js";
import { isContainer } from "../support/shape.js";
import { repository } from "../support/temporary-project.js";
import { callIn, transformFiles } from "../support/transform-files.js";

const folder = `${repository}/fixtures/checkpoint`;
/** Arrays that steps lengthen, and shorten. */
const growing = [
  {
    name: "pushes that no step reads",
    text: `import type { int } from "enzyme-ts";

/** An array that each step may lengthen, and none reads, is no part of the state: what was pushed is there. */
/** @enzyme */
export function crossings(x: number, rate: number, steps: int): number {
  const seen: number[] = [];
  /** @enzyme checkpoint 3 */
  for (let s = 0; s < steps; s++) {
    x += rate * Math.sin(3 * x) + 0.05;
    if (Math.sin(x) > 0.5) seen.push(x * x);
  }
  let sum = x;
  for (const value of seen) sum += value * value;
  return sum;
}

export const example = { args: [0.4, 0.1, 20] };
`,
  },
  {
    name: "a stack",
    text: `import type { int } from "enzyme-ts";

/** A stack that steps read: its length belongs to the state. */
/** @enzyme */
export function branching(x: number, steps: int): number {
  const work = [x, 2 * x, x * x];
  let sum = 0;
  /** @enzyme checkpoint 4 */
  for (let s = 0; s < steps; s++) {
    if (work.length > 0) {
      const top = work.pop()!;
      sum += Math.sin(top * sum + x);
      if (s % 3 === 0) work.push(top * 0.7, sum * x);
    } else work.push(x);
  }
  for (const value of work) sum += value * value;
  return sum;
}

export const example = { args: [0.4, 11] };
`,
  },
];

const fixtures = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".golden.ts"))
  .map((file) => ({
    name: file.replace(".ts", ""),
    text: readFileSync(`${folder}/${file}`, "utf8").replace("../../src/index.js", "enzyme-ts"),
  }));

const sources = [...fixtures, ...growing];

interface Fixture {
  readonly gradient: (...args: readonly unknown[]) => unknown;
  readonly args: readonly unknown[];
}

/** The gradient of a fixture whose loops are marked in another way. */
function fixtureWith(text: string, marker: string | null, mode = "valueAndGradient"): Fixture {
  const changed = text
    .replace(/@enzyme(?! checkpoint)[^*]*\*\//, `@enzyme ${mode} */`)
    .replace(/\/\*\* @enzyme checkpoint[^*]*\*\//g, marker === null ? "" : `/** @enzyme checkpoint ${marker} */`);
  const files = transformFiles({ "model.ts": changed });
  expect(files.diagnostics).toEqual([]);
  const module = files.load("model.ts");
  const name = Object.keys(module).find((one) => one.endsWith(`_${mode}`)) ?? "";
  const { example } = module;
  if (!isContainer(example) || !Array.isArray(example["args"])) throw new Error("a fixture has an example");
  return { gradient: (...args) => callIn(module, name, ...args), args: example["args"] };
}

const numbersIn = (value: unknown): readonly number[] =>
  typeof value === "number"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(numbersIn)
      : [];

function expectSame(found: unknown, wanted: unknown): void {
  const [a, b] = [numbersIn(found), numbersIn(wanted)];
  expect(a.length).toBe(b.length);
  const scale = Math.max(1e-300, ...b.filter(Number.isFinite).map(Math.abs));
  a.forEach((value, k) => {
    const other = b[k] ?? NaN;
    if (!Object.is(value, other)) expect(Math.abs(value - other) / scale).toBeLessThan(1e-12);
  });
}

/** Is the last argument of a fixture the number of its steps? */
const isCounted = (text: string): boolean => /(?:n|steps|periods): int\)/.test(text);

describe.each(sources.filter(({ text }) => text.includes("@enzyme checkpoint")))("$name", ({ text }) => {
  const plain = fixtureWith(text, null);
  const counts = /out\[i\]/.test(text) ? [0, 1, 2, 3, 9] : [0, 1, 2, 3, 10, 200];
  test.each(["1", "2", "3", "5", ""])("with %s snapshots", (snapshots) => {
    const marked = fixtureWith(text, snapshots);
    for (const count of isCounted(text) ? counts : [0]) {
      const withCount = isCounted(text) ? [...plain.args.slice(0, -1), count] : plain.args;
      const [one, other] = [structuredClone(withCount), structuredClone(withCount)];
      expectSame(marked.gradient(...one), plain.gradient(...other));
      // what the primal writes holds its results
      expect(one).toEqual(other);
    }
  });
});

describe("the schedule", () => {
  const compilation = new Compilation();
  const name = scheduleIn(compilation);
  const helper = compilation.functions.get(name);
  const next = (ahead: number, free: number): number => {
    if (helper === undefined) throw new Error("there is no schedule");
    return Number(interpret(helper, [ahead, free]).results[0]);
  };

  /** The fewest steps that have to be run to reverse `steps` steps, with `free` snapshots besides the first one. */
  const fewest = new Map<string, number>();
  const optimum = (steps: number, free: number): number => {
    if (steps <= 1) return 0;
    if (free === 0) return (steps * (steps - 1)) / 2;
    const key = `${steps} ${free}`;
    const known = fewest.get(key);
    if (known !== undefined) return known;
    let best = Infinity;
    for (let k = 1; k < steps; k++) best = Math.min(best, k + optimum(steps - k, free - 1) + optimum(k, free));
    fewest.set(key, best);
    return best;
  };
  const taken = (steps: number, free: number): number => {
    if (steps <= 1) return 0;
    if (free === 0) return (steps * (steps - 1)) / 2;
    const k = next(steps - 1, free);
    return k + taken(steps - k, free - 1) + taken(k, free);
  };

  test("runs as few steps as any", () => {
    for (let steps = 1; steps <= 60; steps++)
      for (let free = 0; free <= 8; free++)
        expect([steps, free, taken(steps, free)]).toEqual([steps, free, optimum(steps, free)]);
  });

  test("stays within the steps that there are", () => {
    for (const ahead of [1, 2, 7, 1000, 123456, 1e7, 1e12]) {
      for (const free of [0, 1, 2, 5, 31, 1000]) {
        if (free === 1 && ahead > 1e7) continue;
        const k = next(ahead, free);
        expect(Number.isSafeInteger(k) && k >= 1 && k <= ahead).toBe(true);
      }
    }
  });
});

describe("loops under a budget for memory", () => {
  const budgets = ["1", "300", "1 KB", "20KB", "64MB"];
  test.each(sources.filter(({ text }) => /@enzyme[^*]* memory/.test(text)))("$name", ({ text }) => {
    const bare = text.replaceAll(/@enzyme[^*]*\*\//g, "@enzyme gradient */");
    const withBudget = (memory: string): Record<string, unknown> => {
      const files = transformFiles({ "model.ts": bare.replaceAll("gradient */", `gradient memory ${memory} */`) });
      expect(files.diagnostics).toEqual([]);
      return files.load("model.ts");
    };
    const plain = transformFiles({ "model.ts": bare }).load("model.ts");
    for (const budget of budgets) {
      const module = withBudget(budget);
      for (const [name, args] of examplesIn(plain)) {
        for (const count of isCounted(text) ? [0, 1, 2, 17, 200] : [null]) {
          const all = count === null ? args : [...args.slice(0, -1), count];
          const [one, other] = [structuredClone(all), structuredClone(all)];
          expectSame(callIn(module, `${name}_gradient`, ...one), callIn(plain, `${name}_gradient`, ...other));
          expect(one).toEqual(other);
        }
      }
    }
  });

  test("keep so many snapshots as fit", () => {
    const text = readFileSync(`${folder}/budget-heat.ts`, "utf8").replace("../../src/index.js", "enzyme-ts");
    for (const [memory, most] of [
      ["1KB", 4],
      ["8KB", 13],
      ["10MB", 200],
    ] as const) {
      const { texts } = transformFiles({ "model.ts": text.replace("memory 2KB", `memory ${memory}`) });
      const counted = (texts["model.ts"] ?? "").replaceAll("checkpoints.push(", "save(checkpoints, ") + counting;
      const module = new ModuleLoader(new Map([["/model.ts", counted]])).load("/model.ts");
      callIn(module, "heat_gradient", new Float64Array([0.2, 0.9, 0.5, 0.7]), 0.1, 200);
      expect(module["seen"]).toMatchObject({ most });
    }
  });
});

/** The functions of a fixture, each with the arguments of its example. */
function examplesIn(module: Record<string, unknown>): readonly (readonly [name: string, args: readonly unknown[]])[] {
  const { example, examples } = module;
  const name = Object.keys(module).find((one) => one.endsWith("_gradient")) ?? "";
  const all = isContainer(examples) ? Object.entries(examples) : [[name.replace("_gradient", ""), example] as const];
  return all.map(([of, one]) => {
    if (!isContainer(one) || !Array.isArray(one["args"])) throw new Error("a fixture has an example");
    return [of, one["args"]] as const;
  });
}

/** Counts what is pushed, and how long the list gets. */
const counting = `
export const seen = { saved: 0, most: 0 };
function save(list: unknown[], snapshot: unknown): void {
  list.push(snapshot);
  seen.saved++;
  seen.most = Math.max(seen.most, list.length);
}
`;

test.each([
  ["known", "for (let i = 0; i < n; i++)", 1e-8],
  ["unknown", "while (x < 0.5 && n > 0)", 4.4897e-8],
])("ten million steps, their number %s before, keep as many snapshots as were asked for", (_kind, head, k) => {
  const text = `import type { int } from "enzyme-ts";
/** @enzyme */
export function slow(x: number, k: number, n: int): number {
  /** @enzyme checkpoint 20 */
  ${head} {
    x += k * (1 - x * x);
  }
  return x;
}
`;
  const { texts } = transformFiles({ "model.ts": text });
  const counted = (texts["model.ts"] ?? "").replaceAll("checkpoints.push(", "save(checkpoints, ") + counting;
  const module = new ModuleLoader(new Map([["/model.ts", counted]])).load("/model.ts");
  const gradient = callIn(module, "slow_gradient", 0.1, k, 10_000_000);
  expect(numbersIn(gradient).every(Number.isFinite)).toBe(true);
  expect(module["seen"]).toMatchObject({ most: 20 });
});
