import { describe, expect, it } from "vitest";
import { agrees } from "./support.js";

const xs = new Float64Array([1.5, -2, 3, 0.5, -1, 2, 1, 1.1, 1.2]);

describe("loops", () => {
  it("counted", () => {
    const { text } = agrees(
      `export function f(x: number, n: number) { let t = 1; for (let i = 0; i < n; i++) { t *= x; } return t; }`,
      "f",
      [2, 5],
      [2, 0],
      [1.5, -1],
    );
    expect(text).toContain("loop");
  });
  it("while, do, break, continue", () => {
    agrees(
      `export function f(x: Float64Array, n: number) { let s = 0, i = 0; while (i < n) { const v = x[i++]; if (v < 0) continue; if (v > 2.5) break; s += v * i; } do { s++; if (s > 8) break; if (s < 2) continue; s *= 1.5; } while (s < 20); return s; }`,
      "f",
      [xs, 9],
      [xs, 0],
      [xs, 2],
    );
  });
  it("for with break, continue and return", () => {
    agrees(
      `export function f(x: Float64Array, n: number, limit: number) { let p = 0; for (let i = 0; i < n; i++) { const v = x[i]; if (v < -1.5) continue; p += v; if (p > limit) return p * i; if (v === -1) break; p *= 2; } return p; }`,
      "f",
      [xs, 9, 100],
      [xs, 9, 5],
      [xs, 3, 1],
      [xs, 0, 1],
    );
  });
  it("return from two deep, labels", () => {
    agrees(
      `export function f(x: Float64Array, n: number, limit: number) { let p = 1; rows: for (let i = 0; i < n; i++) { let row = 1; for (let j = 0; j < n; j++) { const v = x[i * n + j]; if (v < 0) continue rows; if (v > 100) break rows; row *= v; if (row > limit) return row + p; } p += row * row; } return p; }`,
      "f",
      [xs, 3, 100],
      [xs, 3, 1.2],
      [xs, 2, 1],
    );
  });
  it("labelled block", () => {
    agrees(
      `export function f(x: number) { let a = 1; out: { a = 2; if (x > 1) break out; a = 3; if (x > 0) break out; a = 4; } return a * x; }`,
      "f",
      [2],
      [0.5],
      [-1],
    );
  });
  it("bounds and counters that change", () => {
    agrees(
      `export function f(x: number, n: number) { let s = 0; for (let i = 0, j = n; i < j; i += 2, j--) { s += x * i - j; if (s > 50) i++; } for (let k = n; k--;) s += k; for (let t = 0; t < 1; t += 0.1) s += t; return s; }`,
      "f",
      [1, 10],
      [20, 13],
      [1, 0],
    );
  });
  it("endless with exits", () => {
    agrees(
      `export function f(x: number) { let r = x; for (;;) { const n = 0.5 * (r + x / r); if (Math.abs(n - r) < 1e-12) return n; r = n; } }`,
      "f",
      [2],
      [9],
    );
    agrees(
      `export function f(x: number) { let r = x; while (true) { r *= 2; if (r > 100) break; } return r; }`,
      "f",
      [2],
      [9],
    );
  });
  it("for-of with all exits", () => {
    agrees(
      `export function f(x: number[]) { let s = 0; for (const v of x) { if (v < 0) continue; if (v > 10) break; if (v === 7) return -s; s += v; } for (const [i, v] of x.entries()) s += i * v; return s; }`,
      "f",
      [[1, -2, 3]],
      [[1, 11, 3]],
      [[2, 7, 1]],
      [[]],
    );
  });
  it("fibonacci swap, nested carried", () => {
    agrees(
      `export function f(x: number, n: number) { let a = x, b = 1; for (let i = 0; i < n; i++) { [a, b] = [b, a + b]; for (let j = 0; j < i; j++) { const t = a; a = b * 0.5; b = t; } } return a - b; }`,
      "f",
      [1, 6],
    );
  });
  it("switch in a loop with continue", () => {
    agrees(
      `export function f(x: number[]) { let s = 0; for (let i = 0; i < x.length; i++) { switch (x[i]) { case 0: continue; case 1: s += 10; break; case 2: s += 1; default: s += x[i]; } s *= 2; } return s; }`,
      "f",
      [[0, 1, 2, 3, 0]],
    );
  });
  it("return of an array from a loop", () => {
    agrees(
      `export function f(x: number[], n: number): number[] { for (let i = 0; i < n; i++) { if (x[i] > 2) return [x[i], i]; } return x; }`,
      "f",
      [[1, 2, 3], 3],
      [[1], 1],
    );
  });
  it("throws in a loop", () => {
    agrees(
      `export function f(x: number[]) { let s = 0; for (const v of x) { if (v < 0) throw new Error("negative " + v); s += v; } return s; }`,
      "f",
      [[1, 2]],
      [[1, -2]],
    );
  });
});
