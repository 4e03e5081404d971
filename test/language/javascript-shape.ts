/** A shape of published JavaScript, called from a typed function. */
import { expect } from "vitest";
import { transformFiles } from "../support/transform-files.js";

export interface Shape {
  readonly name: string;
  /** `lib.js` */
  readonly lib: string;
  /** What the typed function imports, and returns. */
  readonly imports: string;
  readonly result: string;
}

const numberOf = (value: unknown): number => {
  if (typeof value !== "number") throw new Error(`${String(value)} is no number`);
  return value;
};

/** The gradient of a typed function that calls it agrees with central differences. */
export function checkShape({ lib, imports, result }: Shape): void {
  const transformed = transformFiles(
    {
      "lib.js": lib,
      "entry.ts": `import ${imports} from "./lib.js";
        /** @enzyme */
        export function primal(x: number): number { return ${result}; }\n`,
    },
    { outputs: ["entry.ts"], compilerOptions: { allowJs: true } },
  );
  expect(transformed.diagnostics).toEqual([]);
  const module = transformed.load("entry.ts");
  const call = (name: string, x: number): number => {
    const fn = module[name];
    if (typeof fn !== "function") throw new Error(`no ${name}`);
    return numberOf(Reflect.apply(fn, undefined, [x]));
  };
  for (const x of [0.7, 1.9]) {
    const step = 1e-4;
    const difference = (call("primal", x + step) - call("primal", x - step)) / (2 * step);
    expect(call("primal_gradient", x)).toBeCloseTo(difference, 5);
  }
}

/** What is said of a typed function that calls `f` of some JavaScript. */
export function diagnosticsOf(lib: string, imports = "{ f }", result = "f(x)"): string {
  const { diagnostics } = transformFiles(
    {
      "lib.js": lib,
      "entry.ts": `import ${imports} from "./lib.js";
        /** @enzyme */
        export function primal(x: number): number { return ${result}; }\n`,
    },
    { outputs: ["entry.ts"], compilerOptions: { allowJs: true } },
  );
  return diagnostics.join("\n");
}
