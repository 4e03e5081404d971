/** One operation as an expression over expressions, with what the scheduler has to know about it. */
import { assertNever, type Op, type Type, type Value } from "../ir/ir.js";
import { decided } from "./fold-literals.js";
import { sameType } from "../ir/join-types.js";
import { isRecursive } from "../ir/recursive.js";
import type { Access, Memory } from "./memory.js";
import { isPlain } from "./nesting.js";
import type { Expression, Fresh, Place } from "./tree.js";

/** An expression that waits for its use. */
export interface Operand {
  readonly expression: Expression;
  /** What it reads from memory, and must be read before it is overwritten. */
  readonly reads: readonly Access[];
  /** May not change places with another operation that touches memory. */
  readonly hasEffects: boolean;
  /** How large it is on paper. */
  readonly operators: number;
  readonly width: number;
}

/** `operands` are those of `operandsOf(op)`, in order. Operations with regions, and stores, are no expressions. */
export function express(op: Op, operands: readonly Operand[], memory: Memory): Operand {
  const [result] = op.results;
  const expression = expressionOf(op, operands, result);
  return {
    expression,
    reads: [...memory.readsOf(op), ...operands.flatMap(({ reads }) => reads)],
    hasEffects: !isPlain(op) || operands.some(({ hasEffects }) => hasEffects),
    operators: operands.reduce((sum, { operators }) => sum + operators, 0) + ownOperators(op),
    width: operands.reduce((sum, { width }) => sum + width, 0) + ownWidth(op),
  };
}

const ownOperators = ({ kind }: Op): number => (kind === "constant" || kind === "load" || kind === "length" ? 0 : 1);

function ownWidth(op: Op): number {
  if (op.kind === "constant") return (op.text ?? String(op.value)).length;
  if (op.kind === "apply") return op.args.length === 1 ? op.primitive.length + 7 : 3;
  return op.kind === "opaque" ? op.template.length : 2;
}

function expressionOf(op: Op, operands: readonly Operand[], result: Value | undefined): Expression {
  const all = operands.map(({ expression }) => expression);
  const at = (position: number): Expression => {
    const one = all[position];
    if (one === undefined) throw new Error(`${op.kind} lacks operand ${position}`);
    return one;
  };
  switch (op.kind) {
    case "constant":
      return { kind: "literal", value: op.value, text: op.text };
    case "apply":
      return decided(op.primitive, all) ?? { kind: "apply", primitive: op.primitive, args: inOrder(op, all) };
    case "call":
      return { kind: "call", callee: op.callee, args: all };
    case "allocate": {
      if (result === undefined) throw new Error("an allocation without a result");
      return { kind: "allocate", type: result.type, fresh: freshOf(op.initial.kind, all, at, op) };
    }
    case "length":
      return { kind: "length", array: at(0) };
    case "pop":
      return { kind: "pop", array: at(0) };
    case "load": {
      const of: Type = op.at.base.type;
      const place: Place =
        op.at.kind === "element"
          ? { kind: "element", base: at(0), index: at(1), of }
          : { kind: "field", base: at(0), field: op.at.field, of };
      return { kind: "load", place };
    }
    case "push":
      return { kind: "push", array: at(0), value: at(1) };
    case "grow":
      return { kind: "grow", array: at(0), length: at(1) };
    case "opaque":
      return { kind: "opaque", template: op.template, operands: all };
    case "random":
      return { kind: "random" };
    case "isAbsent":
      return { kind: "isAbsent", value: at(0) };
    case "unwrap":
      return {
        kind: "unwrap",
        value: at(0),
        as: result === undefined ? null : memberOf(op.value.type, result.type),
        isOfClass: isBase(op.value.type),
        isUnrelated: isShadowOfBase(op.value.type),
      };
    case "store":
    case "accumulate":
    case "if":
    case "loop":
      throw new Error(`${op.kind} is no expression`);
    default:
      return assertNever(op);
  }
}

/** The member of a union that a value is taken for, if it is. */
function memberOf(from: Type, to: Type): Type | null {
  if (from.kind === "optional") return memberOf(from.of, to);
  return from.kind === "record" && from.members !== undefined && !sameType(from, to) ? to : null;
}

/** One of the classes below a base, which has more than the base tells of. */
const isBase = (type: Type): boolean =>
  type.kind === "optional"
    ? isBase(type.of)
    : type.kind === "record" && type.isBase === true && type.mirrors === undefined;

/** The shadow of a base may be written as the gradient of its type, which knows nothing of the classes below. */
const isShadowOfBase = (type: Type): boolean =>
  type.kind === "optional"
    ? isShadowOfBase(type.of)
    : type.kind === "record" && type.isBase === true && type.mirrors !== undefined && isRecursive(type);

/** A number stands in front of what it is multiplied with, where the user did not write the product. */
function inOrder(op: Extract<Op, { readonly kind: "apply" }>, args: readonly Expression[]): readonly Expression[] {
  const [a, b] = args;
  if (op.primitive !== "mul" || a === undefined || b === undefined || op.results[0]?.origin.role === "primal")
    return args;
  const isProduct = a.kind === "apply" && (a.primitive === "mul" || a.primitive === "div");
  return b.kind === "literal" && b.text === null && a.kind !== "literal" && !isProduct ? [b, a] : args;
}

function freshOf(
  kind: Fresh["kind"],
  all: readonly Expression[],
  at: (position: number) => Expression,
  op: Extract<Op, { readonly kind: "allocate" }>,
): Fresh {
  switch (kind) {
    case "zeros":
      return { kind, length: at(0), holes: op.initial.kind === "zeros" && op.initial.holes === true };
    case "parts": {
      if (op.initial.kind !== "parts") throw new Error("parts of nothing");
      const count = op.initial.parts.length;
      const made = {
        kind,
        parts: all.slice(0, count),
        ...(op.initial.keys === undefined
          ? {}
          : { keys: op.initial.keys.map(({ field }, k) => ({ field, test: at(count + k) })) }),
      };
      const maker = op.initial.maker?.isSeen === true ? op.initial.maker : null;
      if (maker === null || maker.name === null) return made;
      return { ...made, maker: maker.name, ...(maker.hides === undefined ? {} : { hides: maker.hides }) };
    }
    case "filled":
      return { kind, length: at(0), value: at(1) };
    case "copy": {
      if (op.initial.kind !== "copy") throw new Error("a copy without a source");
      return {
        kind,
        source: at(0),
        sourceType: op.initial.source.type,
        from: at(1),
        to: at(2),
        spread: op.initial.spread === true,
      };
    }
    case "zerosLike": {
      if (op.initial.kind !== "zerosLike") throw new Error("zeros like nothing");
      return { kind, of: at(0), ofType: op.initial.of.type };
    }
    default:
      return assertNever(kind);
  }
}
