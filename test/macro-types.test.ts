import { expect, expectTypeOf, test } from "vitest";
import { enzyme, type Const, type Gradient, type int, type SparseMatrix } from "../src/index.js";

// These functions are only looked at as types: nothing here is called.
declare function scalar(x: number): number;
declare function loss(w: Float64Array, data: Const<Float64Array>): number;
declare function power(x: number, n: int): number;
declare function two(x: number, w: readonly number[]): number;
declare function three(x: number, w: Float32Array, y: number): number;
declare function map(x: Float64Array): Float64Array;
declare function out(x: Float64Array, result: Float64Array): void;
declare function optional(x: number, y?: number, w?: Float64Array): number;
declare function rest(...xs: number[]): number;
declare function named(flag: boolean, text: string): number;
declare function vague(x: any): number; // eslint-disable-line @typescript-eslint/no-explicit-any
declare function text(x: number): string;
declare const flag: boolean;

/** Types alone are tested: the macro throws when it runs, so it must not run. */
function types(_unused: () => void): void {
  expect(true).toBe(true);
}

enum Colour {
  Red,
  Green,
}
class Body {
  x = 0;
  readonly name = "";
  private secret = 1;
  get twice(): number {
    return this.x * 2;
  }
  next: Body | null = null;
  move(): void {
    this.x += this.secret;
  }
}

test("Const and int accept plain values", () => {
  types(() => {
    loss(new Float64Array(1), new Float64Array(1));
    power(1, 3);
    const n: int = 3;
    const m: number = n + 1;
    const list: Const<number[]> = [m];
    const maybe: Const<number[] | undefined> = undefined;
    expectTypeOf([list, maybe, list[n]]).toBeArray();
  });
});

test("gradients of types", () => {
  expectTypeOf<Gradient<number>>().toEqualTypeOf<number>();
  expectTypeOf<Gradient<Float64Array>>().toEqualTypeOf<Float64Array>();
  expectTypeOf<Gradient<Float64Array<ArrayBuffer>>>().toEqualTypeOf<Float64Array>();
  expectTypeOf<Gradient<Float32Array>>().toEqualTypeOf<Float32Array>();
  expectTypeOf<Gradient<readonly number[]>>().toEqualTypeOf<number[]>();
  expectTypeOf<Gradient<number[][]>>().toEqualTypeOf<number[][]>();
  expectTypeOf<Gradient<readonly [number, number]>>().toEqualTypeOf<[number, number]>();
  expectTypeOf<Gradient<[number, string]>>().toEqualTypeOf<[number, undefined]>();
  expectTypeOf<Gradient<ArrayLike<number>>>().toEqualTypeOf<number[] | Float64Array | Float32Array>();
  expectTypeOf<Gradient<number[] | Float64Array>>().toEqualTypeOf<number[] | Float64Array>();
  expectTypeOf<Gradient<number | undefined>>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Gradient<Float64Array | undefined>>().toEqualTypeOf<Float64Array | undefined>();
  expectTypeOf<Gradient<Float64Array[]>>().toEqualTypeOf<Float64Array[]>();
  // A member without numbers has a shadow without fields.
  /* eslint-disable @typescript-eslint/no-generated-empty-object-type */
  expectTypeOf<{ x: number }>().toExtend<Gradient<{ x: number } | { label: string }>>();
  expectTypeOf<Record<never, never>>().toExtend<Gradient<{ x: number } | { label: string }>>();
  /* eslint-enable @typescript-eslint/no-generated-empty-object-type */
});

test("gradients of objects keep the keys that carry a derivative", () => {
  interface Model {
    readonly rate: number;
    weights: readonly number[];
    name: string;
    kind: "a" | 1;
    colour: Colour;
    made: Date;
    counts: Int32Array;
    steps: int;
    table: Const<Float64Array>;
    nested: { x: number; label: string };
    nothing: { label: string; inner: { flags: boolean[] } };
    bias?: number;
    f(x: number): number;
  }
  expectTypeOf<Gradient<Model>>().toEqualTypeOf<{
    rate: number;
    weights: number[];
    nested: { x: number };
    bias?: number;
  }>();
  expectTypeOf<Gradient<Body>["x"]>().toEqualTypeOf<number>();
  expectTypeOf<keyof Gradient<Body>>().toEqualTypeOf<"x" | "twice" | "next">();
  expectTypeOf<Gradient<Body>["next"]>().toEqualTypeOf<Gradient<Body> | null>();
});

test("gradient and valueAndGradient", () => {
  types(() => {
    expectTypeOf(enzyme(scalar, "gradient")).toEqualTypeOf<(x: number) => number>();
    expectTypeOf(enzyme(loss, "gradient")).parameters.toEqualTypeOf<[Float64Array, Const<Float64Array>]>();
    expectTypeOf(enzyme(loss, "gradient")).returns.toEqualTypeOf<Float64Array>();
    expectTypeOf(enzyme(power, "gradient")).returns.toEqualTypeOf<number>();
    expectTypeOf(enzyme(two, "gradient")).returns.toEqualTypeOf<[number, number[]]>();
    expectTypeOf(enzyme(three, "gradient")).returns.toEqualTypeOf<[number, Float32Array, number]>();
    expectTypeOf(enzyme(three, "valueAndGradient")).returns.toEqualTypeOf<{
      value: number;
      gradient: [number, Float32Array, number];
    }>();
    expectTypeOf(enzyme(optional, "gradient")).returns.toEqualTypeOf<
      [number, number | undefined, Float64Array | undefined]
    >();
    expectTypeOf(enzyme(rest, "gradient")).returns.toEqualTypeOf<number[]>();
    expectTypeOf(enzyme((x: number, y: number) => x * y, "gradient")).returns.toEqualTypeOf<[number, number]>();
  });
});

test("options narrow by position", () => {
  types(() => {
    expectTypeOf(enzyme(three, "gradient", { wrt: [1] })).returns.toEqualTypeOf<Float32Array>();
    expectTypeOf(enzyme(three, "gradient", { wrt: [0, 2] })).returns.toEqualTypeOf<[number, number]>();
    expectTypeOf(enzyme(three, "gradient", { const: [1] })).returns.toEqualTypeOf<[number, number]>();
    expectTypeOf(enzyme(three, "reverse", { const: [1] })).toEqualTypeOf<
      (x: number, w: Float32Array, y: number, seed?: number) => [number, number]
    >();
    // @ts-expect-error: there is no parameter 3
    enzyme(three, "gradient", { wrt: [3] });
    // @ts-expect-error: parameter 1 carries no derivative
    enzyme(power, "gradient", { wrt: [1] });
    // @ts-expect-error: one of the two
    enzyme(three, "gradient", { wrt: [0], const: [1] });
    // @ts-expect-error: nothing is left
    enzyme(scalar, "gradient", { const: [0] });
    const positions: number[] = [0];
    // @ts-expect-error: positions are literals
    enzyme(three, "gradient", { wrt: positions });
    // @ts-expect-error: no such option
    enzyme(three, "gradient", { only: [0] });
  });
});

test("reverse: shadows follow what is duplicated, adjoints of numbers are returned", () => {
  types(() => {
    expectTypeOf(enzyme(scalar, "reverse")).toEqualTypeOf<(x: number, seed?: number) => number>();
    expectTypeOf(enzyme(two, "reverse")).toEqualTypeOf<
      (x: number, w: readonly number[], shadow: number[], seed?: number) => number
    >();
    expectTypeOf(enzyme(loss, "reverse")).toEqualTypeOf<
      (w: Float64Array, shadow: Float64Array, data: Const<Float64Array>, seed?: number) => void
    >();
    expectTypeOf(enzyme(three, "reverse")).returns.toEqualTypeOf<[number, number]>();
    expectTypeOf(enzyme(map, "reverse")).toEqualTypeOf<
      (x: Float64Array, shadow: Float64Array, seed: Float64Array) => void
    >();
    expectTypeOf(enzyme(out, "reverse")).toEqualTypeOf<
      (x: Float64Array, shadow: Float64Array, result: Float64Array, shadow2: Float64Array) => void
    >();
    expectTypeOf(enzyme(two, "reverseWithPrimal")).returns.toEqualTypeOf<{ value: number; gradient: number }>();
    expectTypeOf(enzyme(loss, "reverseWithPrimal")).returns.toEqualTypeOf<{ value: number }>();
    expectTypeOf(enzyme(optional, "reverse")).toEqualTypeOf<
      (x: number, y?: number, w?: Float64Array, shadow?: Float64Array, seed?: number) => [number, number | undefined]
    >();
  });
});

test("forward: tangents follow what is differentiable", () => {
  types(() => {
    expectTypeOf(enzyme(scalar, "forward")).toEqualTypeOf<(x: number, shadow: number) => number>();
    expectTypeOf(enzyme(power, "forward")).toEqualTypeOf<(x: number, shadow: number, n: int) => number>();
    expectTypeOf(enzyme(map, "forward")).returns.toEqualTypeOf<Float64Array>();
    expectTypeOf(enzyme(out, "forward")).returns.toEqualTypeOf<void>();
    expectTypeOf(enzyme(two, "forwardWithPrimal")).returns.toEqualTypeOf<{ value: number; tangent: number }>();
  });
});

test("the modes that follow", () => {
  types(() => {
    expectTypeOf(enzyme(map, "jacobian")).returns.toEqualTypeOf<Float64Array[]>();
    expectTypeOf(enzyme(loss, "hessian")).returns.toEqualTypeOf<Float64Array[]>();
    expectTypeOf(enzyme(two, "hessian")).returns.toEqualTypeOf<[[number, number[]], [number[], number[][]]]>();
    expectTypeOf(enzyme(map, "vjp")).returns.toEqualTypeOf<{
      value: Float64Array;
      pullback: (seed: Float64Array) => Float64Array;
    }>();
    expectTypeOf(enzyme(two, "hvp")).parameters.toEqualTypeOf<[number, readonly number[], number, number[]]>();
    expectTypeOf(enzyme(two, "hvp")).returns.toEqualTypeOf<[number, number[]]>();
  });
});

test("sparse matrices", () => {
  types(() => {
    expectTypeOf(enzyme(map, "jacobian", { sparse: true })).toEqualTypeOf<(x: Float64Array) => SparseMatrix>();
    expectTypeOf(enzyme(loss, "hessian", { sparse: true })).returns.toEqualTypeOf<SparseMatrix>();
    const scaled = (x: number[], by: number, y: Const<Float64Array>): number[] => x.map((one) => by * one * y.length);
    expectTypeOf(enzyme(scaled, "jacobian", { sparse: true })).returns.toEqualTypeOf<[SparseMatrix, number[]]>();
    expectTypeOf(enzyme(scaled, "jacobian", { sparse: true, wrt: [0] })).returns.toEqualTypeOf<SparseMatrix>();
    // @ts-expect-error: nothing to be sparse
    enzyme(scaled, "jacobian", { sparse: true, wrt: [1] });
    // @ts-expect-error: a Hessian of several has blocks
    enzyme(two, "hessian", { sparse: true });
    // @ts-expect-error: a gradient has no sparse form
    enzyme(loss, "gradient", { sparse: true });
    // @ts-expect-error: a number has no rows
    enzyme(loss, "jacobian", { sparse: true });
  });
});

test("several directions: a tuple in the place of each", () => {
  types(() => {
    expectTypeOf(enzyme(scalar, "forward", { width: 3 })).toEqualTypeOf<
      (x: number, shadow: readonly [number, number, number]) => [number, number, number]
    >();
    expectTypeOf(enzyme(map, "forward", { width: 2 })).toEqualTypeOf<
      (x: Float64Array, shadow: readonly [Float64Array, Float64Array]) => [Float64Array, Float64Array]
    >();
    expectTypeOf(enzyme(out, "forward", { width: 2 })).returns.toEqualTypeOf<void>();
    expectTypeOf(enzyme(two, "forwardWithPrimal", { width: 2, wrt: [1] })).toEqualTypeOf<
      (
        x: number,
        w: readonly number[],
        shadow: readonly [number[], number[]],
      ) => { value: number; tangent: [number, number] }
    >();
    expectTypeOf(enzyme(two, "hvp", { width: 1 })).toEqualTypeOf<
      (x: number, w: readonly number[], ...directions: [readonly [number], readonly [number[]]]) => [[number, number[]]]
    >();
    expectTypeOf(enzyme(map, "vjp", { width: 2 })).returns.toEqualTypeOf<{
      value: Float64Array;
      pullback: (seeds: readonly [Float64Array, Float64Array]) => [Float64Array, Float64Array];
    }>();
    expectTypeOf(enzyme(two, "vjp", { width: 2 })(1, []).pullback).toEqualTypeOf<
      (seeds: readonly [number, number]) => [[number, number[]], [number, number[]]]
    >();
    expectTypeOf(enzyme(optional, "forward", { width: 2 }))
      .parameter(3)
      .toEqualTypeOf<readonly [number, number] | undefined>();
    // @ts-expect-error: three directions are asked for
    enzyme(scalar, "forward", { width: 3 })(1, [1, 0]);
    // @ts-expect-error: a gradient has no direction
    enzyme(scalar, "gradient", { width: 2 });
    // @ts-expect-error: not known at build time
    enzyme(scalar, "forward", { width: Number("3") });
  });
});

test("wrong uses are type errors", () => {
  types(() => {
    // @ts-expect-error: no such mode
    enzyme(scalar, "gradent");
    // @ts-expect-error: not a scalar
    enzyme(map, "gradient");
    // @ts-expect-error: not a number
    enzyme(text, "gradient");
    // @ts-expect-error: nothing to differentiate
    enzyme(named, "gradient");
    // @ts-expect-error: the parameter is any
    enzyme(vague, "gradient");
    // @ts-expect-error: rest parameters have no shadow
    enzyme(rest, "reverse");
    // @ts-expect-error: out parameters have no Jacobian
    enzyme(out, "jacobian");
    // @ts-expect-error: one literal
    enzyme(scalar, flag ? "gradient" : "reverse");
    // @ts-expect-error: not a function
    enzyme(3, "gradient");
  });
});

test("the macro throws what to configure when it runs", () => {
  function energy(x: number): number {
    return x * x;
  }
  expect(() => enzyme(energy, "gradient")).toThrow(
    /enzyme\(energy, "gradient"\) was not transformed[^]*enzyme-ts\/tsc-plugin[^]*ad-transform/,
  );
});
