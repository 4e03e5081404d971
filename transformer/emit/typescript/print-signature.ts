/** The head of a function as text: its comment, its parameters, and what it returns. */
import type { IRFunction, Parameter, Value } from "../../ir/ir.js";
import type { ResultShape } from "./print.js";
import { printType, type TypeNames } from "./types.js";

export interface ParameterOptions {
  readonly language: "typescript" | "javascript";
  /** Text of default values. */
  readonly parameterDefaults?: ReadonlyMap<Value, string>;
  /** Parameters written `x?: T`. */
  readonly optionalParameters?: ReadonlySet<Value>;
}

export interface NamedParameter {
  readonly param: Parameter;
  readonly name: string;
}

export interface PrintedParameters {
  /** As they are declared: `x: number`, `dResult = 1`. */
  readonly declared: readonly string[];
  /** As they stand in the type of the function: `dResult?: number`. */
  readonly inType: readonly string[];
  /** Their types in the comment, where the language has no place for them. */
  readonly tags: readonly string[];
}

/** The parameters of a function as text. */
export function printParameters(
  named: readonly NamedParameter[],
  options: ParameterOptions,
  types: TypeNames,
): PrintedParameters {
  const isTyped = options.language === "typescript";
  const defaultOf = ({ value }: Parameter): string | undefined => options.parameterDefaults?.get(value);
  const isOptional = ({ value }: Parameter): boolean => options.optionalParameters?.has(value) === true;
  const declare = ({ param, name }: NamedParameter): string => {
    const fallback = defaultOf(param);
    const typeText = printParameterType(param, types);
    const type = !isTyped ? "" : isOptional(param) ? `?: ${typeText.replace(/ \| undefined$/, "")}` : `: ${typeText}`;
    if (fallback === undefined) return (param.rest === true ? "..." : "") + name + type;
    // The type of a number follows from its default.
    const plain = param.value.type.kind === "number" && param.typeText === null && /^-?[\d.e+-]+$/.test(fallback);
    return `${name}${plain ? "" : type} = ${fallback}`;
  };
  const tag = ({ param, name }: NamedParameter): string => {
    const fallback = defaultOf(param);
    return printTag(name, printParameterType(param, types), fallback !== undefined || isOptional(param), fallback);
  };
  return {
    declared: named.map(declare),
    inType: named.map(
      ({ param, name }) => `${name}${defaultOf(param) === undefined ? "" : "?"}: ${printParameterType(param, types)}`,
    ),
    tags: isTyped ? [] : named.map(tag),
  };
}

/** The type of a parameter, as the user wrote it where that is known. */
export const printParameterType = ({ isReadonly, typeText, value }: Parameter, types: TypeNames): string =>
  (isReadonly === true ? "readonly " : "") + (typeText ?? printType(value.type, types));

/** `@param {number} [dResult=1]` */
export function printTag(name: string, type: string, isOptional = false, fallback?: string): string {
  const present = isOptional ? type.replace(/ \| undefined$/, "") : type;
  return `@param {${present}} ${isOptional ? `[${name}${fallback === undefined ? "" : `=${fallback}`}]` : name}`;
}

/** The comment above a function; types stand in it where the language has no place for them. */
export function printDoc(text: string | null, tags: readonly string[]): string {
  const lines = [...(text === null ? [] : [text]), ...tags];
  const [only] = lines;
  if (only === undefined) return "";
  if (lines.length === 1) return `/** ${only} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}\n`).join("")} */\n`;
}

/** The type of what a function returns. */
export function printResultType(fn: IRFunction, shape: ResultShape, types: TypeNames): string {
  const left = fn.results.map((type) => printType(type, types));
  const fill = (one: ResultShape): string => {
    if (one.kind === "bare") return left.shift() ?? "void";
    if (one.kind === "function") return "unknown";
    if (one.kind === "object")
      return `{ ${one.entries.map(({ name, shape: of }) => `${name}: ${fill(of)}`).join("; ")} }`;
    return one.entries === undefined ? `[${left.splice(0).join(", ")}]` : `[${one.entries.map(fill).join(", ")}]`;
  };
  return fill(shape);
}
