import { describe, it } from "vitest";
import { agrees } from "./support.js";

const numbers = [[1.5], [-2.25], [0], [-0], [NaN], [Infinity], [3]] as const;

describe("scalars", () => {
  it("operators", () => {
    agrees(
      `export function f(x: number) { return -x * 2 + x ** 2 - x / 3 % 2 + (~x | 3) + (x << 2) + (x >>> 1) + +x; }`,
      "f",
      ...numbers,
    );
  });
  it("Math and constants", () => {
    agrees(
      `export function f(x: number) { return Math.sin(x) + Math.max(x, 1, 2) * Math.PI + Math.hypot(x, 3, 4) + Math.pow(x, 3) + Math.atan2(x, 2) + Math.max() + Math.min(x); }`,
      "f",
      ...numbers,
    );
  });
  it("compound assignment, increments, comma, chains", () => {
    agrees(
      `export function f(x: number) { let a = x, b; b = a = a + 1; a += b++; b *= ++a; const c = (a -= 2, b--) + a; a **= 2; return a * b - c; }`,
      "f",
      ...numbers,
    );
  });
  it("logic picks values", () => {
    agrees(
      `export function f(x: number, s: number) { const k = s || 1; const g = x && x * k; return k * x + g + (x > 1 && s > 1 ? 1 : 2); }`,
      "f",
      [1, 0],
      [0, 3],
      [NaN, 2],
      [2, 2],
    );
  });
  it("shadowing and var", () => {
    agrees(
      `export function f(x: number) { var t = x; { const x = t * 2; t = t + x * x; } if (x > 0) { var u = 3; } else { u = 4; } var t = t * x; return t + u; }`,
      "f",
      ...numbers,
    );
  });
  it("predicates", () => {
    agrees(
      `export function f(x: number) { return (Number.isNaN(x) ? 1 : 0) + (isFinite(x) ? 2 : 0) + (Number.isInteger(x) ? 4 : 0) + (x ? 8 : 0) + (!x ? 16 : 0) + Number(x > 1); }`,
      "f",
      ...numbers,
    );
  });
  it("module constants", () => {
    agrees(
      `const G = 9.81; const DEG = Math.PI / 180; const L = Math.log(3); const P = { mass: 2, inner: { k: 3 } } as const; enum E { A, B = 5 }
      export function f(x: number) { return x * G + DEG * x + L + P.mass * P.inner.k + E.B; }`,
      "f",
      ...numbers,
    );
  });
});

describe("control", () => {
  it("guards and else-if", () => {
    agrees(
      `export function f(x: number) { if (x < 0) return 0; const y = x * 2; if (y > 10) { return y; } else if (y > 5) return y * 3; return y + 1; }`,
      "f",
      [-1],
      [2],
      [3],
      [9],
    );
  });
  it("mixed exits", () => {
    agrees(
      `export function f(x: number, y: number) { let z = 1; if (x > 0) { if (y > 0) return z * 5; z += x; } else { z -= y; } z = z * 2; const w = z + 1; return w * z; }`,
      "f",
      [1, 1],
      [1, -1],
      [-1, 2],
    );
  });
  it("throws", () => {
    agrees(
      `export function f(x: number) { if (!(x > 0)) throw new RangeError(\`x is \${x}, not > 0: $0\`); if (x > 5) { throw new Error("big" + x) } else if (x > 4) throw new TypeError("x"); return Math.sqrt(x); }`,
      "f",
      [-1],
      [4],
      [6],
      [4.5],
      [NaN],
    );
  });
  it("always throws", () => {
    agrees(
      `export function f(x: number): number { if (x > 1) throw new Error("a"); else throw new Error("b"); }`,
      "f",
      [1],
      [2],
    );
  });
  it("switch", () => {
    agrees(
      `export function f(r: number, kind: number) { let a = 0; switch (kind) { case 0: return r; case 1: a = 2; case 2: a += 3; break; case 3: case 4: { a = 7; if (r > 1) break; a++; break; } default: a = r; } return a * r; }`,
      "f",
      ...[0, 1, 2, 3, 4, 5].flatMap(
        (k) =>
          [
            [0.5, k],
            [2, k],
          ] as const,
      ),
    );
  });
  it("strings decide", () => {
    agrees(
      `export function f(x: number, mode: string, t: "a" | "b" = "a") { if (mode === "sin") return Math.sin(x); switch (mode) { case "cos": return Math.cos(x); } return t === "b" ? 1 : mode.length * x; }`,
      "f",
      [1, "sin"],
      [1, "cos"],
      [2, "abc"],
      [2, "abc", "b"],
    );
  });
  it("console prints once", () => {
    agrees(`export function f(x: number) { console.log("x is", x, \`\${x * 2}\`); return x; }`, "f", [2]);
  });
  it("typeof, undefined, defaults", () => {
    agrees(
      `export function f(x: number, y?: number, z = 3 * x) { if (typeof x !== "number") throw new Error("no"); if (y === undefined) return z; return x * y + (y ?? 3) + z; }`,
      "f",
      [2],
      [2, 3],
      [2, 3, 4],
      [2, undefined, 5],
    );
  });
});
