/** What `--explain` says of fixtures: what is recorded, where, how much, why. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { transformProgram } from "../../transformer/index.js";
import { repository } from "../support/temporary-project.js";
import { virtualProgram } from "../support/virtual-program.js";

function explain(text: string, mode = "gradient"): string {
  const texts: string[] = [];
  const { diagnostics } = transformProgram(
    virtualProgram({ "model.ts": text.replace("@enzyme */", `@enzyme ${mode} */`) }),
    {
      dump: new Set(["explain"]),
      onDump: (_, said) => texts.push(said),
    },
  );
  expect(diagnostics).toEqual([]);
  return `\n${texts.join("\n\n")}\n`;
}

const fixture = (name: string): string => readFileSync(`${repository}/fixtures/${name}.ts`, "utf8");

test("one entry for each iteration, with the number of them as the user would write it", () => {
  const source = `import type { int } from "enzyme-ts";
/** @enzyme */
export function logistic(x: number, r: number, n: int): number {
  for (let i = 0; i < n; i++) x = r * x * (1 - x);
  return x;
}
`;
  expect(explain(source)).toMatchInlineSnapshot(`
    "
    logistic_gradient  (model.ts:3)
      recorded
        line 4  x  n * 8 bytes  the loop changes it; needed by mul's rule (r * x)
      computed again: r * x, 1 - x
      at hand: r, n
    "
  `);
  expect(explain(source, "forward")).toMatchInlineSnapshot(`
    "
    logistic_forward
      nothing is recorded: forward mode has one sweep
    "
  `);
});

test("nothing recorded says so", () => {
  expect(explain(fixture("worked/rosenbrock"))).toMatchInlineSnapshot(`
    "
    rosenbrock_gradient  (model.ts:2)
      nothing is recorded
      iterations run again, loop in: line 4
      at hand: x
    "
  `);
});

test("loops in loops, some of which run again", () => {
  expect(
    explain(`/** @enzyme */
export function waves(u: Float64Array, steps: number[]): number {
  let s = 0;
  for (const step of steps) {
    let y = step;
    for (let j = 2; j <= u.length; j += 3) y = Math.sin(y * (u[j - 1] ?? 0));
    s += y * y;
  }
  return s;
}
`),
  ).toMatchInlineSnapshot(`
    "
    waves_gradient  (model.ts:2)
      recorded
        line 6  y  ((u.length - 2 + 1) / 3) * 8 bytes  the loop changes it; needed by mul's rule (y * (u[j - 1] ?? 0))
      iterations run again, loop in: line 4
      computed again: j - 1, the test u[j - 1] ?? 0, y * (u[j - 1] ?? 0)
      at hand: u, steps
    "
  `);
});

test("a loop whose count is unknown", () => {
  expect(
    explain(`/** @enzyme */
export function root(a: number): number {
  let x = 1;
  while (Math.abs(x * x - a) > 1e-12) {
    x = 0.5 * (x + a / x);
  }
  return x;
}
`),
  ).toMatchInlineSnapshot(`
    "
    root_gradient  (model.ts:2)
      recorded
        line 4  x  iterations of line 4 * 8 bytes, grown  the loop changes it; needed by div's rule (a / x)
      computed again: a / x
      at hand: a
    "
  `);
});

test("what a branch hands to its reverse", () => {
  expect(
    explain(`/** @enzyme */
export function piecewise(x: number, y: number): number {
  let s = x;
  if (x > y) {
    const e = Math.exp(x * y);
    s = e * e * y;
  }
  return s * s;
}
`),
  ).toMatchInlineSnapshot(`
    "
    piecewise_gradient  (model.ts:2)
      handed from a branch to its reverse, a variable each
        line 5  e  8 bytes  dear to compute again; needed by exp's rule (Math.exp(x * y))
      computed again: e * e
      at hand: x, y
    "
  `);
});

test("tapes of recursive calls", () => {
  expect(
    explain(`import type { int } from "enzyme-ts";
/** @enzyme */
export function chebyshev(x: number, n: int): number {
  if (n === 0) return 1;
  if (n === 1) return x;
  return 2 * x * chebyshev(x, n - 1) - chebyshev(x, n - 2);
}
`),
  ).toMatchInlineSnapshot(`
  "
  chebyshev_gradient  (model.ts:3)
    tapes of calls
      line 6  chebyshev()  1 tape  a ChebyshevTape: see chebyshev_augmentedPrimal
      line 6  chebyshev()  1 tape  a ChebyshevTape: see chebyshev_augmentedPrimal

  chebyshev_augmentedPrimal, chebyshev_reversePass  (model.ts:3)
    on the tape of each call
      line 3  n                    8 bytes  handed in with the forward sweep
      line 6  2 * x                8 bytes  dear to compute again; needed by mul's rule (2 * x * chebyshev(x, n - 1))
      line 6  chebyshev(x, n - 1)  8 bytes  given by a call; needed by mul's rule (2 * x * chebyshev(x, n - 1))
              chebyshevTape        1 tape   given by a call; is an argument of a reversed call (chebyshev(x, n - 1))
              chebyshevTape        1 tape   given by a call; is an argument of a reversed call (chebyshev(x, n - 2))
    tapes of calls
      line 6  chebyshev()  1 tape  a ChebyshevTape: see chebyshev_augmentedPrimal
      line 6  chebyshev()  1 tape  a ChebyshevTape: see chebyshev_augmentedPrimal
    computed again: the test n === 0, the test n === 1
  "
`);
});

test("an array that is copied once instead of element by element", () => {
  expect(
    explain(`import type { int } from "enzyme-ts";
/** @enzyme */
export function relax(x: Float64Array, a: Float64Array, steps: int): number {
  for (let s = 0; s < steps; s++) {
    let energy = 0;
    for (let i = 0; i < x.length; i++) {
      for (let j = 0; j < x.length; j++) energy += (x[i] ?? 0) * (x[j] ?? 0) * (a[j] ?? 0);
    }
    for (let i = 0; i < x.length; i++) x[i] = (x[i] ?? 0) * 0.5 + energy;
  }
  return x[0] ?? 0;
}
`),
  ).toMatchInlineSnapshot(`
    "
    relax_gradient  (model.ts:3)
      recorded
        line 3  xCopy               steps * 1 reference        made in this iteration; operand of what is computed again
        line 9  the test x[i] ?? 0  steps * x.length * 1 byte  known in the forward sweep only; decides which branch is reversed (0)
      copied, once instead of element by element
        line 3  x  x.length * 8 bytes, each iteration of the loop in line 4  its elements are read often, and written later
      computed again: i, the test x[i] ?? 0, j, the test x[j] ?? 0, (x[i] ?? 0) * (x[j] ?? 0), the test a[j] ?? 0
      at hand: a, steps
    "
  `);
});

test("snapshots of a loop", () => {
  expect(explain(fixture("checkpoint/users-array").replaceAll("../../src/index.js", "enzyme-ts")))
    .toMatchInlineSnapshot(`
    "
    relax_gradient  (model.ts:5)
      recorded
        line 9  u[i]                              (u.length - 1 - 1) * 8 bytes  what it is read from is written later; needed by mul's rule (rate * (u[i - 1]! - 2 * u[i]! +…)
        line 9  u[i - 1]! - 2 * u[i]! + u[i + 1…  (u.length - 1 - 1) * 8 bytes  dear to compute again; needed by mul's rule (rate * (u[i - 1]! - 2 * u[i]! +…)
      snapshots of a loop's state, in place of records of its steps
        line 8  at most 3  a copy of u  asked for by @enzyme checkpoint
      iterations run again, loop in: line 8
      computed again: i, i - 1, i + 1, rate * (u[i - 1]! - 2 * u[i]! +…
      at hand: u, rate, steps

    relax_reverse  (model.ts:5)
      recorded
        line 9  u[i]                              (u.length - 1 - 1) * 8 bytes  what it is read from is written later; needed by mul's rule (rate * (u[i - 1]! - 2 * u[i]! +…)
        line 9  u[i - 1]! - 2 * u[i]! + u[i + 1…  (u.length - 1 - 1) * 8 bytes  dear to compute again; needed by mul's rule (rate * (u[i - 1]! - 2 * u[i]! +…)
      snapshots of a loop's state, in place of records of its steps
        line 8  at most 3  a copy of u  asked for by @enzyme checkpoint
      iterations run again, loop in: line 8
      computed again: i, i - 1, i + 1, rate * (u[i - 1]! - 2 * u[i]! +…
      at hand: u, rate, steps
    "
  `);
});

test("a budget for memory", () => {
  const text = fixture("checkpoint/budget-shared").replaceAll("../../src/index.js", "enzyme-ts");
  expect(explain(text)).toMatchInlineSnapshot(`
    "
    stages_gradient  (model.ts:5)
      recorded
        line 7   y         8 * 8 bytes               the loop changes it; needed by mul's rule (r * y)
        line 8   y         20 * 8 bytes              the loop changes it; needed by mul's rule (r * y)
        line 10  x[i]      (x.length - 1) * 8 bytes  what it is read from is written later; needed by mul's rule (x[i]! * x[i - 1]!)
        line 10  x[i - 1]  (x.length - 1) * 8 bytes  what it is read from is written later; needed by mul's rule (x[i]! * x[i - 1]!)
        line 12  x[i]      x.length * 8 bytes        what it is read from is written later; needed by mul's rule (x[i]! * y)
      snapshots of a loop's state, in place of records of its steps
        line 9   as many as fit into 1 KB  y            the budget for memory
        line 11  as many as fit into 1 KB  a copy of x  the budget for memory
      recorded in spite of the budget for memory, loop in
        line 7   it has 8 steps only
        line 8   its records fit
        line 10  a snapshot would be larger than what one of its steps records
      iterations run again, loop in: line 9, line 11
      computed again: r * y, y, i, i - 1, x[i]! * x[i - 1]! + y, x[i]! * y
      at hand: x, r, steps
    "
  `);
});

test("fields of objects that are copied once a step instead of pair by pair", () => {
  expect(
    explain(`import type { int } from "enzyme-ts";
/** @enzyme */
export function pairs(bodies: { x: number; v: number }[], steps: int): number {
  let energy = 0;
  for (let s = 0; s < steps; s++) {
    for (const a of bodies) for (const b of bodies) energy += a.x * b.x * b.x;
    for (const body of bodies) body.x *= body.v;
  }
  return energy;
}
`),
  ).toMatchInlineSnapshot(`
    "
    pairs_gradient  (model.ts:3)
      recorded
        line 7  body.x  steps * bodies.length * 8 bytes  what it is read from is written later; needed by mul's rule (body.x *= body.v)
      copied, once instead of element by element
        line 3  bodies[].x  steps * bodies.length * 8 bytes  it is read often, and written later
      computed again: a.x, b.x, a.x * b.x, body.v
      at hand: bodies, steps
    "
  `);
});
