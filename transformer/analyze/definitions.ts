/** Where each value of a function comes from, and what is known of it by looking back. */
import { regionsOf } from "../ir/traverse.js";
import type { IRFunction, Literal, LoopOp, Op, Region, Value } from "../ir/ir.js";

export type Definition =
  | { readonly kind: "result"; readonly op: Op; readonly position: number }
  /** A parameter of a loop's body: position 0 is the counter, then come the carried values. */
  | { readonly kind: "body"; readonly loop: LoopOp; readonly position: number }
  | { readonly kind: "parameter"; readonly position: number };

/** `root + offset`; root is null for a constant. */
export interface Affine {
  readonly root: Value | null;
  readonly offset: number;
}

export class Definitions {
  private readonly map = new Map<Value, Definition>();
  private readonly affines = new Map<Value, Affine>();

  constructor(fn: IRFunction) {
    fn.params.forEach(({ value }, position) => this.map.set(value, { kind: "parameter", position }));
    this.addRegion(fn.body);
  }

  private addRegion(region: Region): void {
    for (const op of region.ops) this.add(op);
  }

  /** Adds an operation that a pass has made, and what is nested in it. */
  add(op: Op): void {
    this.update(op);
    for (const region of regionsOf(op)) this.addRegion(region);
  }

  /** Takes notice of an operation that a pass has rebuilt; what is nested in it is noted on its own. */
  update(op: Op): void {
    op.results.forEach((result, position) => this.map.set(result, { kind: "result", op, position }));
    if (op.kind === "loop") {
      op.body.params.forEach((param, position) => this.map.set(param, { kind: "body", loop: op, position }));
    }
  }

  of(value: Value): Definition | null {
    return this.map.get(value) ?? null;
  }

  /** The operation that computes a value; null for parameters of the function and of loop bodies. */
  opOf(value: Value): Op | null {
    const definition = this.map.get(value);
    return definition?.kind === "result" ? definition.op : null;
  }

  /** The literal that a value is, or undefined where it is not known to be one. */
  literalOf(value: Value): Literal {
    const op = this.opOf(value);
    return op?.kind === "constant" ? op.value : undefined;
  }

  isLiteral(value: Value, literal: Exclude<Literal, undefined>): boolean {
    return Object.is(this.literalOf(value), literal);
  }

  /** An integer as `root + offset`, as far as additions of integer constants reach; exact below 2 ** 53. */
  affine(value: Value): Affine {
    const known = this.affines.get(value);
    if (known !== undefined) return known;
    // iterative: chains of additions can be long
    const chain: { value: Value; step: number }[] = [];
    let current = value;
    let end = this.affines.get(current);
    while (end === undefined) {
      const next = this.stepOf(current);
      if (next === null) {
        const literal = this.literalOf(current);
        const isConstant = typeof literal === "number" && Number.isSafeInteger(literal);
        end = isConstant ? { root: null, offset: literal } : { root: current, offset: 0 };
        this.affines.set(current, end);
      } else {
        chain.push({ value: current, step: next.step });
        current = next.of;
        end = this.affines.get(current);
      }
    }
    let result = end;
    for (const link of chain.reverse()) {
      result = { root: result.root, offset: result.offset + link.step };
      this.affines.set(link.value, result);
    }
    return result;
  }

  /** `of + step`, where the value is such a sum. */
  private stepOf(value: Value): { of: Value; step: number } | null {
    if (value.type.kind !== "integer") return null;
    const op = this.opOf(value);
    if (op?.kind !== "apply" || (op.primitive !== "add" && op.primitive !== "sub")) return null;
    const [a, b] = op.args;
    if (a === undefined || b === undefined) return null;
    const right = this.literalOf(b);
    if (typeof right === "number" && Number.isSafeInteger(right) && a.type.kind === "integer") {
      return { of: a, step: op.primitive === "add" ? right : -right };
    }
    const left = this.literalOf(a);
    if (op.primitive === "add" && typeof left === "number" && Number.isSafeInteger(left) && b.type.kind === "integer") {
      return { of: b, step: left };
    }
    return null;
  }

  /**
   * Is a number surely not negative (nor NaN)? Lengths, sizes, counters that go up from such, and sums,
   * products and maxima of them.
   */
  isNonNegative(value: Value, depth = 8): boolean {
    if (depth === 0) return false;
    const definition = this.map.get(value);
    if (definition === undefined || definition.kind === "parameter") return false;
    if (definition.kind === "body") {
      const { loop, position } = definition;
      if (position !== 0) return false;
      if (loop.range === null) return true;
      const { from, to, step, inclusive } = loop.range;
      return step > 0 ? this.isNonNegative(from, depth - 1) : inclusive && this.isNonNegative(to, depth - 1);
    }
    const { op } = definition;
    switch (op.kind) {
      case "constant":
        return typeof op.value === "number" && op.value >= 0;
      case "length":
      case "push":
        return true;
      case "loop":
        return definition.position < 2;
      case "apply": {
        const all = (): boolean => op.args.every((arg) => this.isNonNegative(arg, depth - 1));
        switch (op.primitive) {
          case "add":
          case "mul":
            // Infinity * 0 is NaN, but integers of indices are finite in practice only where typed so
            return op.args.every((arg) => arg.type.kind === "integer") && all();
          case "min":
            return op.args.length > 0 && all();
          case "ushr":
          case "clz32":
          case "toNumber":
            return true;
          case "floor":
          case "ceil":
          case "round":
          case "trunc":
            return all();
          case "mod": {
            const [dividend] = op.args;
            return dividend !== undefined && this.isNonNegative(dividend, depth - 1);
          }
          case "max":
            return (
              op.args.some((arg) => this.isNonNegative(arg, depth - 1)) &&
              op.args.every((arg) => arg.type.kind === "integer")
            );
          default:
            return false;
        }
      }
      default:
        return false;
    }
  }
}
