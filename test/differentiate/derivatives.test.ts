import { describe, expect, it } from "vitest";
import { Compilation } from "../../transformer/compilation.js";
import { Derivatives } from "../../transformer/differentiate/derivatives.js";
import { differentiateForward } from "../../transformer/differentiate/forward.js";
import { differentiateReverse } from "../../transformer/differentiate/reverse.js";
import { interpret } from "../../transformer/ir/interpret.js";
import { parse } from "../../transformer/ir/parse.js";
import { print } from "../../transformer/ir/print.js";
import type { IRFunction } from "../../transformer/ir/ir.js";
import { verify } from "../../transformer/ir/verify.js";
import { removeDead } from "../../transformer/simplify/remove-dead.js";

const noCallees = new Derivatives(new Set(), new Map());

type Argument = number | Float64Array | number[];

const copy = (value: Argument): Argument => (typeof value === "number" ? value : value.slice());

function numbersOf(args: readonly unknown[]): number[] {
  return args.flatMap((arg) => {
    const parts: readonly unknown[] = arg instanceof Float64Array || Array.isArray(arg) ? Array.from(arg) : [arg];
    return parts.filter((part) => typeof part === "number");
  });
}

/** Gradient by reverse mode, by forward mode, and by central differences, all through the interpreter. */
function check(text: string, args: readonly Argument[]): { gradient: IRFunction; printed: string } {
  const primal = parse(text);
  verify(primal, "parse");
  const compilation = new Compilation();
  const run = (fn: IRFunction, values: readonly unknown[]): readonly unknown[] => interpret(fn, values).results;
  const active = primal.params.map(({ activity }) => activity !== "const");

  const derived = differentiateReverse(primal, "gradient", `${primal.name}_gradient`, compilation, noCallees);
  verify(derived.fn, "reverse");
  const pruned = removeDead(derived.fn, compilation);
  verify(pruned, "removeDead");
  const printed = print(pruned);
  expect(printed).not.toContain("unneeded");
  const gradient = numbersOf(run(pruned, args.map(copy)));

  const everything = new Compilation({ disabledPasses: new Set(["toBeRecorded"]) });
  const recorded = removeDead(
    differentiateReverse(primal, "gradient", "recorded", everything, noCallees).fn,
    everything,
  );
  expect(print(recorded)).not.toContain("unneeded");
  numbersOf(run(recorded, args.map(copy))).forEach((value, index) =>
    expect(value).toBeCloseTo(gradient[index] ?? NaN, 9),
  );

  const forward = differentiateForward(primal, "forward", "forward", compilation, noCallees).fn;
  verify(forward, "forward");
  const value = (values: readonly Argument[]): number => Number(run(primal, values.map(copy))[0]);
  let position = 0;
  args.forEach((arg, which) => {
    if (active[which] !== true) return;
    const length = typeof arg === "number" ? 1 : arg.length;
    for (let k = 0; k < length; k++) {
      const moved = (h: number): readonly Argument[] =>
        args.map((other, index) => {
          if (index !== which) return other;
          if (typeof other === "number") return other + h;
          const shifted = other.slice();
          shifted[k] = (shifted[k] ?? NaN) + h;
          return shifted;
        });
      const difference = (value(moved(1e-5)) - value(moved(-1e-5))) / 2e-5;
      const interleaved = args.flatMap((other, index): readonly unknown[] => {
        if (active[index] !== true) return [other];
        if (typeof other === "number") return [other, index === which ? 1 : 0];
        const dot = other.map(() => 0);
        if (index === which) dot[k] = 1;
        return [copy(other), dot];
      });
      const tangent = Number(run(forward, interleaved)[0]);
      const adjoint = gradient[position++] ?? NaN;
      const scale = Math.max(1, Math.abs(difference));
      expect(Math.abs(adjoint - difference) / scale, `adjoint ${adjoint}, difference ${difference}`).toBeLessThan(1e-6);
      expect(Math.abs(adjoint - tangent) / scale, `adjoint ${adjoint}, tangent ${tangent}`).toBeLessThan(1e-10);
    }
  });
  return { gradient: pruned, printed };
}

describe("derivatives of intermediate representation", () => {
  it("straight line", () => {
    const { printed } = check(
      `function f(x: number active, y: number active) -> number {
         a = mul x x
         b = sin y
         c = mul a b
         d = div c y
         return d
       }`,
      [1.3, 0.7],
    );
    expect(printed).not.toContain("loop");
  });

  it("rosenbrock needs neither record nor forward sweep", () => {
    const { printed } = check(
      `function rosenbrock(x: Float64Array duplicated) -> number {
         zero = constant 0
         one = constant 1
         n = length x
         last = sub n one
         completed, started, s = loop i from zero to last step 1 carrying s0 = zero {
           next = add i one
           a = load x[next]
           b = load x[i]
           b2 = mul b b
           t = sub a b2
           u = sub one b
           hundred = constant 100
           c = mul hundred t
           d = mul c t
           e = mul u u
           f = add d e
           s1 = add s0 f
           stop = constant false
           yield stop s1
         }
         return s
       }`,
      [Float64Array.of(0.3, 1.2, -0.5, 0.8)],
    );
    expect(printed.match(/loop/g)).toHaveLength(1);
    expect(printed.match(/allocate/g)).toHaveLength(1);
  });

  it("logistic map: one exactly sized record", () => {
    const { printed } = check(
      `function logistic(x: number active, r: number active, n: integer const) -> number {
         zero = constant 0
         one = constant 1
         completed, started, y = loop i from zero to n step 1 carrying x0 = x {
           a = mul r x0
           b = sub one x0
           c = mul a b
           stop = constant false
           yield stop c
         }
         return y
       }`,
      [0.3, 3.1, 7],
    );
    expect(printed.match(/allocate/g)).toHaveLength(1);
  });

  it("newton: a loop that stops", () => {
    check(
      `function newton(a: number active) -> number {
         zero = constant 0
         fifty = constant 50
         tiny = constant 1e-12
         completed, started, x = loop k from zero to fifty step 1 carrying x0 = a {
           x2 = mul x0 x0
           e = sub x2 a
           m = abs e
           c = lt m tiny
           stop, x1 = if c {
             yes = constant true
             yield yes x0
           } else {
             no = constant false
             two = constant 2
             d = mul two x0
             q = div e d
             y = sub x0 q
             yield no y
           }
           yield stop x1
         }
         return x
       }`,
      [2.5],
    );
  });

  it("a while loop with a nonlinear carried value, nested in a counted loop", () => {
    check(
      `function f(x: number active, n: integer const) -> number {
         zero = constant 0
         one = constant 1
         big = constant 3
         completed, started, s = loop i from zero to n step 1 carrying s0 = x {
           done, began, v = loop carrying v0 = s0 {
             c = lt v0 big
             stop, v1 = if c {
               no = constant false
               w = mul v0 v0
               y = add w one
               yield no y
             } else {
               yes = constant true
               yield yes v0
             }
             yield stop v1
           }
           t = sin v
           u = mul t x
           stop2 = constant false
           yield stop2 u
         }
         return s
       }`,
      [0.6, 2],
    );
  });

  it("do-while whose last iteration does work", () => {
    check(
      `function f(x: number active) -> number {
         half = constant 0.5
         completed, started, v = loop carrying v0 = x {
           w = sin v0
           y = mul w half
           z = mul y x
           stop = lt z half
           yield stop z
         }
         return v
       }`,
      [1.9],
    );
  });

  it("overwritten array elements are recorded", () => {
    check(
      `function f(x: Float64Array duplicated) -> number {
         zero = constant 0
         one = constant 1
         n = length x
         y: Float64Array = allocate copy x zero n
         c, s = loop i from one to n step 1 {
           p = sub i one
           a = load y[p]
           b = load y[i]
           q = mul a b
           r = sin q
           store y[i] r
           stop = constant false
           yield stop
         }
         last = sub n one
         v = load y[last]
         w = mul v v
         return w
       }`,
      [Float64Array.of(0.3, 1.2, -0.5, 0.8)],
    );
  });

  it("branches at the top, in the middle", () => {
    check(
      `function f(x: number active, y: number active) -> number {
         c = lt x y
         r = if c {
           a = exp x
           b = mul a y
           yield b
         } else {
           d = mul x x
           e = mul d d
           yield e
         }
         s = mul r x
         return s
       }`,
      [0.4, 0.7],
    );
  });

  it("nested loops with local scratch", () => {
    check(
      `function f(x: Float64Array duplicated) -> number {
         zero = constant 0
         one = constant 1
         n = length x
         c, s, t = loop i from zero to n step 1 carrying t0 = one {
           h: Float64Array = allocate zeros n
           c1, s1 = loop j from zero to n step 1 {
             a = load x[j]
             b = load x[i]
             d = mul a b
             e = tanh d
             store h[j] e
             no1 = constant false
             yield no1
           }
           c2, s2, u = loop k from zero to n step 1 carrying u0 = zero {
             g = load h[k]
             gg = mul g g
             u1 = add u0 gg
             no2 = constant false
             yield no2 u1
           }
           half = constant 0.5
           t1 = mul t0 half
           t2 = add t1 u
           t3 = mul t2 t0
           no3 = constant false
           yield no3 t3
         }
         return t
       }`,
      [Float64Array.of(0.3, 1.2, -0.5)],
    );
  });

  it("differentiates a loop whose body is a long chain, in time that grows as the chain does", () => {
    const links = Array.from({ length: 20_000 }, (_, k) => `v${k + 1} = mul v${k} v${k >> 1}`);
    const primal = parse(`function f(x: Float64Array duplicated, n: integer const) -> number {
      zero = constant 0
      one = constant 1
      completed, started, s = loop i from zero to n step 1 carrying s0 = zero {
        e = load x[i]
        v0 = mul e s0
        ${links.join("\n        ")}
        w = mul v${links.length} v${links.length - 2}
        s1 = add s0 w
        no = constant false
        yield no s1
      }
      return s
    }`);
    const derived = differentiateReverse(primal, "gradient", "f_gradient", new Compilation(), noCallees);
    expect(derived.fn.body.ops.length).toBeGreaterThan(0);
  });
});
