import { describe, expect, it } from "vitest";
import { agrees, lower } from "./support.js";

describe("classes", () => {
  it("constructor, fields, parameter properties, methods, getters, setters", () => {
    agrees(
      `class V { z = 1; readonly w: number[] = [1, 2]; constructor(public x: number, public y = 2) { this.z = x > 1 ? this.z + y : 5; }
         get length() { return Math.hypot(this.x, this.y, this.z); } set scale(k: number) { this.x *= k; this.y *= k; }
         dot(o: V) { return this.x * o.x + this.y * o.y; } add(o: V): V { return new V(this.x + o.x, this.y + o.y); } bump(k: number) { this.x += k; this.w[0] += k; return this; } static unit(k: number) { return new V(k, k); } }
       export function f(x: number) { const a = new V(x), b = V.unit(x); a.scale = 3; b.bump(2).bump(1); const c = a.add(b); return a.dot(b) + c.length + b.w[0] + c.z; }`,
      "f",
      [0.5],
      [2],
    );
  });
  it("inheritance, super, overriding", () => {
    agrees(
      `abstract class Shape { name = "s"; constructor(protected k: number) {} abstract area(): number; total() { return this.area() * this.k; } }
       class Square extends Shape { side: number; constructor(side: number) { super(2); this.side = side; } area() { return this.side ** 2; } }
       class Cube extends Square { area() { return super.area() * 6; } }
       export function f(x: number) { const s = new Square(x); const c = new Cube(x); return s.total() + c.total() + c.area(); }`,
      "f",
      [1.5],
    );
  });
  it("instances passed in", () => {
    const { fn } = agrees(
      `class P { constructor(public x: number, readonly tag: string) {} energy(k: number) { return k * this.x ** 2; } recurse(n: number): number { return n <= 0 ? this.x : this.recurse(n - 1) * 2; } }
       export function g(x: number, n: number) { const p = new P(x, "a"); return p.energy(2) + p.recurse(n); }
       export function f(p: P, k: number) { p.x += 1; return p.energy(k); }`,
      "g",
      [1.5, 3],
    );
    expect(fn).not.toBeNull();
  });
  it("of a class or of one below it that overrides", () => {
    const { messages } = lower(
      `class A { m() { return 1; } } class B extends A { m() { return 2; } } export function f(a: A, x: number) { return a.m() * x; }`,
      "f",
    );
    expect(messages).toEqual([]);
  });
});
