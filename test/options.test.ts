/** `{ wrt: [...] }` and `{ const: [...] }`: in every mode what is left out is left out, and the rest stays what it was. */
import { describe, expect, test } from "vitest";
import { modes, type RequestMode } from "../transformer/derivative-request.js";
import { transformFiles } from "./support/transform-files.js";

const text = `import { enzyme } from "enzyme-ts";
interface Frame { scale: number; shift: number }
export function misfit(x: Float64Array, k: number, frame: Frame): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += frame.scale * Math.sin(k * x[i]!) + x[i]! * frame.shift * frame.shift;
  return sum;
}
export function moved(x: Float64Array, k: number, frame: Frame): Float64Array {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = frame.scale * Math.sin(k * x[i]!) + frame.shift * x[i]!;
  return y;
}
`;

const fnOf = (mode: RequestMode): string => (mode === "jacobian" ? "moved" : "misfit");
const variants = { all: "{}", wrt: "{ wrt: [0, 2] }", const: "{ const: [1] }", one: "{ wrt: [1] }" } as const;
type Variant = keyof typeof variants;
const lines = modes.flatMap((mode) =>
  Object.entries(variants).map(
    ([name, options]) => `export const ${mode}_${name} = enzyme(${fnOf(mode)}, "${mode}", ${options});`,
  ),
);
const made = transformFiles({ "main.ts": text + lines.join("\n") });
const module = made.load("main.ts");

const x = (): Float64Array => new Float64Array([0.3, -1.1]);
const frame = (): { scale: number; shift: number } => ({ scale: 1.3, shift: 0.4 });
const tangentOfX = new Float64Array([0.5, 2]);
const tangentOfFrame = { scale: -1, shift: 0.25 };

/** Positions that are differentiated: 0 is `x`, 1 is `k`, 2 is `frame`. */
const left: Readonly<Record<Variant, readonly number[]>> = { all: [0, 1, 2], wrt: [0, 2], const: [0, 2], one: [1] };

function run(mode: RequestMode, variant: Variant, ...args: readonly unknown[]): unknown {
  const fn = module[`${mode}_${variant}`];
  if (typeof fn !== "function") throw new Error(`there is no ${mode}_${variant}`);
  return (fn as (...given: readonly unknown[]) => unknown)(...args);
}

/** The slots that are left of three. */
function kept(slots: unknown, variant: Variant): unknown {
  if (!Array.isArray(slots)) throw new Error("there are no slots");
  const found = left[variant].map((position): unknown => slots[position]);
  return found.length === 1 ? found[0] : found;
}

const variantNames = ["wrt", "const", "one"] as const;

/** Another request is another program, which may add the same terms in another order. */
function toTwelveDigits(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(12));
  if (value instanceof Float64Array) return value.map((one) => Number(one.toPrecision(12)));
  if (Array.isArray(value)) return value.map(toTwelveDigits);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toTwelveDigits(one)]));
}

describe("options narrow by position", () => {
  test("and what they make type-checks", () => {
    expect(made.diagnostics).toEqual([]);
    expect(made.typeErrors()).toEqual([]);
  });

  test.each(variantNames)("%s: gradients, pullbacks and Jacobians keep the slots that are asked for", (variant) => {
    for (const mode of ["gradient", "jacobian"] as const) {
      const all = run(mode, "all", x(), 0.7, frame());
      expect(run(mode, variant, x(), 0.7, frame())).toEqual(kept(all, variant));
    }
    const all = run("valueAndGradient", "all", x(), 0.7, frame()) as { value: number; gradient: unknown };
    expect(run("valueAndGradient", variant, x(), 0.7, frame())).toEqual({
      value: all.value,
      gradient: kept(all.gradient, variant),
    });
    const pulled = run("vjp", variant, x(), 0.7, frame()) as { pullback: (seed: number) => unknown };
    expect(pulled.pullback(1)).toEqual(kept(all.gradient, variant));
  });

  test.each(variantNames)("%s: blocks of the Hessian, and its products", (variant) => {
    const rows = run("hessian", "all", x(), 0.7, frame());
    if (!Array.isArray(rows)) throw new Error("the Hessian has no rows of blocks");
    const blocks = kept(
      rows.map((row) => kept(row, variant)),
      variant,
    );
    expect(toTwelveDigits(run("hessian", variant, x(), 0.7, frame()))).toEqual(toTwelveDigits(blocks));
    const directions = [tangentOfX, 2, tangentOfFrame];
    const own = left[variant].map((position) => directions[position]);
    const zeros = [new Float64Array(2), 0, { scale: 0, shift: 0 }];
    const others = directions.map((direction, k) => (left[variant].includes(k) ? direction : zeros[k]));
    expect(toTwelveDigits(run("hvp", variant, x(), 0.7, frame(), ...own))).toEqual(
      toTwelveDigits(kept(run("hvp", "all", x(), 0.7, frame(), ...others), variant)),
    );
  });

  test.each(variantNames)("%s: shadows and tangents follow what is asked for", (variant) => {
    const full = { x: new Float64Array(2), frame: { scale: 0, shift: 0 } };
    const k = run("reverse", "all", x(), full.x, 0.7, frame(), full.frame, 3);
    const all = [full.x, k, full.frame];
    for (const mode of ["reverse", "reverseWithPrimal"] as const) {
      const own = { x: new Float64Array(2), frame: { scale: 0, shift: 0 } };
      const isNumber = left[variant].includes(1);
      const returned = isNumber
        ? run(mode, variant, x(), 0.7, frame(), 3)
        : run(mode, variant, x(), own.x, 0.7, frame(), own.frame, 3);
      const gradient = mode === "reverse" ? returned : (returned as { gradient?: unknown }).gradient;
      expect(isNumber ? gradient : [own.x, undefined, own.frame]).toEqual(isNumber ? k : [all[0], gradient, all[2]]);
    }
    for (const mode of ["forward", "forwardWithPrimal"] as const) {
      const tangents = [tangentOfX, 2, tangentOfFrame];
      const zeros = [new Float64Array(2), 0, { scale: 0, shift: 0 }];
      const args = [x(), 0.7, frame()];
      const narrow = args.flatMap((arg, position) =>
        left[variant].includes(position) ? [arg, tangents[position]] : [arg],
      );
      const wide = args.flatMap((arg, position) => [
        arg,
        (left[variant].includes(position) ? tangents : zeros)[position],
      ]);
      expect(run(mode, variant, ...narrow)).toEqual(run(mode, "all", ...wide));
    }
  });
});
