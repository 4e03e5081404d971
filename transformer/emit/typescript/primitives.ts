/** How TypeScript spells the primitives. */
import type { Primitive } from "../../ir/primitives.js";

/** From loosest to tightest. */
export const precedence = {
  conditional: 2,
  or: 3,
  and: 4,
  bitOr: 5,
  bitXor: 6,
  bitAnd: 7,
  equality: 8,
  relation: 9,
  shift: 10,
  sum: 11,
  product: 12,
  power: 13,
  unary: 14,
  postfix: 15,
  primary: 16,
} as const;

export type Spelling =
  | { readonly kind: "infix"; readonly operator: string; readonly precedence: number; readonly commutes: boolean }
  | { readonly kind: "prefix"; readonly operator: string }
  | { readonly kind: "function"; readonly name: string }
  /** Spelt by the printer itself. */
  | { readonly kind: "special" };

const infix = (operator: string, level: keyof typeof precedence, commutes = false): Spelling => ({
  kind: "infix",
  operator,
  precedence: precedence[level],
  commutes,
});
const prefix = (operator: string): Spelling => ({ kind: "prefix", operator });
const math = (name: string): Spelling => ({ kind: "function", name: `Math.${name}` });
const number = (name: string): Spelling => ({ kind: "function", name: `Number.${name}` });
const special: Spelling = { kind: "special" };

export const spellings: Readonly<Record<Primitive, Spelling>> = {
  add: infix("+", "sum", true),
  sub: infix("-", "sum"),
  mul: infix("*", "product", true),
  div: infix("/", "product"),
  mod: infix("%", "product"),
  pow: infix("**", "power"),
  neg: prefix("-"),

  abs: math("abs"),
  sqrt: math("sqrt"),
  fround: math("fround"),
  cbrt: math("cbrt"),
  exp: math("exp"),
  expm1: math("expm1"),
  log: math("log"),
  log1p: math("log1p"),
  log2: math("log2"),
  log10: math("log10"),
  sin: math("sin"),
  cos: math("cos"),
  tan: math("tan"),
  asin: math("asin"),
  acos: math("acos"),
  atan: math("atan"),
  atan2: math("atan2"),
  sinh: math("sinh"),
  cosh: math("cosh"),
  tanh: math("tanh"),
  asinh: math("asinh"),
  acosh: math("acosh"),
  atanh: math("atanh"),
  hypot: math("hypot"),
  max: math("max"),
  min: math("min"),
  sign: math("sign"),
  floor: math("floor"),
  ceil: math("ceil"),
  round: math("round"),
  trunc: math("trunc"),
  imul: math("imul"),
  clz32: math("clz32"),
  isNaN: number("isNaN"),
  becomesNaN: { kind: "function", name: "isNaN" },
  isFinite: number("isFinite"),
  isInteger: number("isInteger"),

  lt: infix("<", "relation"),
  le: infix("<=", "relation"),
  gt: infix(">", "relation"),
  ge: infix(">=", "relation"),
  eq: infix("===", "equality"),
  ne: infix("!==", "equality"),
  and: infix("&&", "and"),
  or: infix("||", "or"),
  not: prefix("!"),
  bitAnd: infix("&", "bitAnd", true),
  bitOr: infix("|", "bitOr", true),
  bitXor: infix("^", "bitXor", true),
  bitNot: prefix("~"),
  shl: infix("<<", "shift"),
  shr: infix(">>", "shift"),
  ushr: infix(">>>", "shift"),

  select: special,
  guard: special,
  orZero: special,
  toNumber: special,
};
