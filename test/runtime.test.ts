import { describe, expect, test } from "vitest";
import { copyOf, sharesMemory, zerosLike } from "../src/shadow.js";
import { grow } from "../src/tape.js";

describe("grow", () => {
  test("returns the tape where it is long enough", () => {
    const tape = new Float64Array(4);
    expect(grow(tape, 4)).toBe(tape);
  });

  test("returns a copy of at least double size where it is not", () => {
    const tape = Float64Array.of(1, 2);
    const longer = grow(tape, 3);
    expect([...longer.slice(0, 3)]).toEqual([1, 2, 0]);
    expect(longer.length).toBeGreaterThanOrEqual(4);
    expect(grow(longer, 1000).length).toBeGreaterThanOrEqual(1000);
    expect(grow(new Float64Array(0), 1).length).toBeGreaterThanOrEqual(1);
  });
});

describe("zerosLike", () => {
  test("mirrors containers, lengths and keys", () => {
    class Body {
      mass = 2;
      name = "earth";
      readonly made = new Date(0);
      counts = new Int32Array(2);
      next: Body | null = null;
      move(): void {
        this.mass++;
      }
    }
    expect(zerosLike(3)).toBe(0);
    expect(zerosLike([1, [2, 3]])).toEqual([0, [0, 0]]);
    expect(zerosLike(Float32Array.of(1, 2))).toEqual(new Float32Array(2));
    expect(zerosLike({ a: Float64Array.of(1), b: "text", c: { d: true } })).toEqual({ a: new Float64Array(1), c: {} });
    expect(zerosLike(new Body())).toEqual({ mass: 0, next: null });
    expect(zerosLike(undefined)).toBe(undefined);
  });

  test("keeps sharing and cycles", () => {
    const row = [1, 2];
    const [first, second] = zerosLike([row, row]);
    expect(first).toBe(second);
    interface Node {
      value: number;
      self: Node | null;
    }
    const node: Node = { value: 1, self: null };
    node.self = node;
    const shadow = zerosLike(node);
    expect(shadow.self).toBe(shadow);
  });
});

describe("copyOf", () => {
  class Body {
    constructor(
      public mass: number,
      public path: Float64Array,
    ) {}
    weight(): number {
      return 9.81 * this.mass;
    }
  }

  test("copies all that a value leads to, and keeps what it shares", () => {
    const path = new Float64Array([1, 2]);
    const body = new Body(3, path);
    const given: { bodies: Body[]; path: Float64Array; self?: unknown } = { bodies: [body, body], path };
    given.self = given;
    const copy = copyOf(given);
    path.fill(0);
    body.mass = 0;
    expect(copy.path).toEqual(new Float64Array([1, 2]));
    expect(copy.bodies[0]).toBe(copy.bodies[1]);
    expect(copy.bodies[0]?.path).toBe(copy.path);
    expect(copy.bodies[0]?.weight()).toBeCloseTo(29.43);
    expect(copy.self).toBe(copy);
  });

  test("copies what has open keys", () => {
    const given = { rates: new Map([["a", [1]]]), names: new Set(["a"]), weights: { a: 1 } as Record<string, number> };
    const copy = copyOf(given);
    given.rates.get("a")?.fill(0);
    given.names.clear();
    given.weights["a"] = 0;
    expect(copy).toEqual({ rates: new Map([["a", [1]]]), names: new Set(["a"]), weights: { a: 1 } });
  });

  test("leaves alone what holds no numbers", () => {
    const day = new Date(0);
    expect(copyOf({ day, name: "x", none: null, rows: [[1], undefined] })).toEqual({
      day,
      name: "x",
      none: null,
      rows: [[1], undefined],
    });
    expect(copyOf(day)).toBe(day);
  });
});

describe("sharesMemory", () => {
  const row = [1, 2];

  test("finds one object or array in both, at any depth", () => {
    expect(sharesMemory([[0], row], row)).toBe(true);
    expect(sharesMemory(row, { rows: [[3], row] })).toBe(true);
    expect(sharesMemory({ a: { b: row } }, [{ c: row }])).toBe(true);
    expect(sharesMemory([[0], row], [[0], [1, 2]])).toBe(false);
  });

  test("finds views of one buffer", () => {
    const all = new Float64Array(4);
    expect(sharesMemory({ w: all.subarray(0, 2) }, [all.subarray(2)])).toBe(true);
    expect(sharesMemory(all, new Float64Array(4))).toBe(false);
  });

  test("follows what leads back to itself, and passes over what is absent or no memory", () => {
    const list: { next: unknown } = { next: null };
    list.next = list;
    expect(sharesMemory(list, { next: null })).toBe(false);
    expect(sharesMemory(undefined, undefined)).toBe(false);
    const when = new Date(0);
    expect(sharesMemory({ when }, { when })).toBe(false);
  });
});
