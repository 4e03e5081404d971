import type { CheckMode, CheckOptions, Derivative, Mode, Options } from "./signatures.js";

export { defineRule, type Rule } from "./rules.js";
export { stopGradient } from "./stop-gradient.js";
export type { Const, EnzymeError, Gradient, int, Mode, Options, SparseMatrix } from "./signatures.js";

/**
 * The derivative of `fn`, made at build time: a call of this macro is replaced by a reference to the generated function.
 *
 *   const dw = enzyme(loss, "gradient")(w, data);
 *
 * @param fn a function whose source is part of the program
 * @param mode what is generated, as a literal: "gradient", "valueAndGradient", "reverse", "reverseWithPrimal", "forward", "forwardWithPrimal",
 *   "vjp", "jacobian", "hessian", "hvp"
 * @param options which parameters are differentiated, as literal positions: `{ const: [1] }` or `{ wrt: [0] }`; how many
 *   directions (of "forward", "forwardWithPrimal", "hvp") or seeds (of "vjp") are computed in one sweep: `{ width: 4 }`;
 *   a "jacobian" or "hessian" as a matrix in compressed rows: `{ sparse: true }`
 * @enzyme-macro
 */
export function enzyme<P extends unknown[], R, const M extends Mode, const O extends Options = object>(
  fn: (...args: P) => R,
  mode: M & CheckMode<P, R, M, O>,
  options?: O & CheckOptions<P, M, O>,
): Derivative<P, R, M, O>;
export function enzyme(fn: unknown, mode: unknown): never {
  const name = typeof fn === "function" && fn.name !== "" ? fn.name : "f";
  throw new Error(
    [
      `enzyme(${name}, ${JSON.stringify(mode)}) was not transformed: this file was built without the transformer of enzyme-ts.`,
      "Do one of these:",
      "  - With tsc (TypeScript 5.9 or 6.0): npm install --save-dev ts-patch@3, build with `tspc` instead of `tsc`, and add to tsconfig.json",
      '      "compilerOptions": { "plugins": [{ "transform": "enzyme-ts/tsc-plugin", "transformProgram": true }] }',
      "  - With any other build: generate the code before it, and build the output:",
      '      npx ad-transform "src/**/*.ts" --out-dir generated',
    ].join("\n"),
  );
}
