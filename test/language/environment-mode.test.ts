/** What modules do for those who develop a program: the derivative asks for `process.env.NODE_ENV` as they do. */
import { afterEach, expect, test, vi } from "vitest";
import { callIn, transformFiles } from "../support/transform-files.js";

const transformed = (lib: string): ReturnType<typeof transformFiles> =>
  transformFiles(
    {
      "environment.d.ts": "declare var process: { env: { [key: string]: string | undefined } };",
      "lib.js": lib,
      "entry.ts": `import { f } from "./lib.js";
        /** @enzyme */
        export function primal(x: number): number { return f(x); }\n`,
    },
    { outputs: ["entry.ts"], compilerOptions: { allowJs: true } },
  );
const thrower = `function (ok) { if (!ok) throw new Error("negative"); }`;

afterEach(() => vi.unstubAllEnvs());

test.each([
  `export function f(x) { if (process.env.NODE_ENV !== "production") { if (x < 0) throw new Error("negative"); } return x * x; }`,
  `const isDev = process.env["NODE_ENV"] !== "production"; export function f(x) { if (isDev && x < 0) throw new Error("negative"); return x * x; }`,
  `var check = function () {}; if (process.env.NODE_ENV !== "production") { check = ${thrower}; } export function f(x) { check(x > 0); return x * x; }`,
  `let check; if (process.env.NODE_ENV === "production") { check = () => {}; } else check = ${thrower}; export function f(x) { check(x > 0); return x * x; }`,
  `const check = process.env.NODE_ENV === "production" ? () => {} : ${thrower}; export function f(x) { check(x > 0); return x * x; }`,
])("%s", (lib) => {
  const made = transformed(lib);
  expect(made.diagnostics).toEqual([]);
  expect(made.typeErrors()).toEqual([]);
  for (const mode of ["production", "development"]) {
    vi.stubEnv("NODE_ENV", mode);
    const module = made.load("entry.ts");
    expect(callIn(module, "primal_gradient", 3)).toBe(6);
    for (const name of ["primal", "primal_gradient"]) {
      const run = (): unknown => callIn(module, name, -3);
      if (mode === "production") expect(run).not.toThrow();
      else expect(run).toThrow("negative");
    }
  }
});

test.each([
  [
    "by a function later on",
    `var g = (x) => x; if (process.env.NODE_ENV) g = (x) => x * x; export function set() { g = (x) => 7; }`,
  ],
  [
    "by another test",
    `var g = (x) => x; if (process.env.NODE_ENV) g = (x) => x * x; if (process.env.OTHER) g = (x) => 7 * x;`,
  ],
  ["by chance", `var g = (x) => x; if (process.env.NODE_ENV && Math.random() > 0.5) g = (x) => x * x;`],
])("a function that is given %s is refused", (_, lib) => {
  expect(transformed(`${lib} export function f(x) { return g(x); }`).diagnostics).not.toEqual([]);
});
