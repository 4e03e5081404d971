/** Operators on values that are known. */
import ts from "typescript";
import { isObject, isVague, unknown, type LoadedPrimitive, type LoadedValue } from "./values.js";
import { intrinsicAt } from "./builtins.js";

export function typeOfValue(value: LoadedValue): LoadedValue {
  if (isVague(value)) return unknown;
  if (!isObject(value)) return value === null ? "object" : typeof value;
  if (value.run === null) return "object";
  return value.run.kind === "native" ? typeof intrinsicAt(value.run.path) : "function";
}

/** Equality; null: the operator is another one. */
export function compare(operator: ts.SyntaxKind, a: LoadedValue, b: LoadedValue): boolean | typeof unknown | null {
  const isLoose = operator === ts.SyntaxKind.EqualsEqualsToken || operator === ts.SyntaxKind.ExclamationEqualsToken;
  const isStrict =
    operator === ts.SyntaxKind.EqualsEqualsEqualsToken || operator === ts.SyntaxKind.ExclamationEqualsEqualsToken;
  if (!isLoose && !isStrict) return null;
  const isNot =
    operator === ts.SyntaxKind.ExclamationEqualsToken || operator === ts.SyntaxKind.ExclamationEqualsEqualsToken;
  if (isVague(a) || isVague(b)) return unknown;
  if (isObject(a) || isObject(b)) {
    if (isLoose && isObject(a) !== isObject(b) && a != null && b != null) return unknown;
    return (a === b) !== isNot;
  }
  // The two sides are compared as the program compares them.
  const isEqual = isStrict ? a === b : looselyEqual(a, b);
  return isEqual !== isNot;
}

function looselyEqual(a: LoadedPrimitive, b: LoadedPrimitive): boolean {
  if (a == null || b == null) return a == null && b == null;
  return typeof a === typeof b ? a === b : Number(a) === Number(b);
}

/** Arithmetic, comparisons, and text put together. */
export function combine(operator: ts.SyntaxKind, a: LoadedValue, b: LoadedValue): LoadedValue {
  if (isVague(a) || isVague(b) || isObject(a) || isObject(b)) return unknown;
  if (operator === ts.SyntaxKind.PlusToken && (typeof a === "string" || typeof b === "string")) {
    return String(a) + String(b);
  }
  if (typeof a === "string" && typeof b === "string") {
    switch (operator) {
      case ts.SyntaxKind.LessThanToken:
        return a < b;
      case ts.SyntaxKind.GreaterThanToken:
        return a > b;
      case ts.SyntaxKind.LessThanEqualsToken:
        return a <= b;
      case ts.SyntaxKind.GreaterThanEqualsToken:
        return a >= b;
      default:
    }
  }
  const [x, y] = [Number(a), Number(b)];
  switch (operator) {
    case ts.SyntaxKind.PlusToken:
      return x + y;
    case ts.SyntaxKind.MinusToken:
      return x - y;
    case ts.SyntaxKind.AsteriskToken:
      return x * y;
    case ts.SyntaxKind.SlashToken:
      return x / y;
    case ts.SyntaxKind.PercentToken:
      return x % y;
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return x ** y;
    case ts.SyntaxKind.LessThanToken:
      return x < y;
    case ts.SyntaxKind.GreaterThanToken:
      return x > y;
    case ts.SyntaxKind.LessThanEqualsToken:
      return x <= y;
    case ts.SyntaxKind.GreaterThanEqualsToken:
      return x >= y;
    case ts.SyntaxKind.AmpersandToken:
      return x & y;
    case ts.SyntaxKind.BarToken:
      return x | y;
    case ts.SyntaxKind.CaretToken:
      return x ^ y;
    case ts.SyntaxKind.LessThanLessThanToken:
      return x << y;
    case ts.SyntaxKind.GreaterThanGreaterThanToken:
      return x >> y;
    case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken:
      return x >>> y;
    default:
      return unknown;
  }
}
