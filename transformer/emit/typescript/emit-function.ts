/** IR -> the text of one TypeScript (or JavaScript) function. */
import type { IRFunction, Parameter, Type } from "../../ir/ir.js";
import { buildTree } from "../build-tree.js";
import { declareLocals, mutableLocals } from "../declare.js";
import { handOn } from "../hand-on.js";
import { settleNames, usedNames } from "../names.js";
import { settlePresence } from "../presence.js";
import { findSelfTyped } from "../self-typed.js";
import { partSizes, splitLarge, type Part, type PartSizes } from "../split-large.js";
import { findReverseSweep } from "../sweeps.js";
import { settleTexts } from "../text-types.js";
import type { Block, Expression, Local, Tree } from "../tree.js";
import { printBlock, type ResultShape, type StatementContext } from "./print.js";
import {
  printDoc,
  printParameters,
  printParameterType,
  printResultType,
  printTag,
  type NamedParameter,
  type ParameterOptions,
} from "./print-signature.js";
import { printType, type TypeNames } from "./types.js";

export interface EmitOptions extends ParameterOptions {
  readonly exported: boolean;
  /** Names visible in the file: no name that is invented here hides one. */
  readonly reservedNames: ReadonlySet<string>;
  /** Names of types that the file knows; where it is left out, the visible names. */
  readonly typeNames?: ReadonlySet<string>;
  /** What the output calls a type without a name that holds itself. */
  readonly linkedType?: TypeNames["linked"];
  /** Names of classes of which the file can make instances. */
  readonly classNames?: ReadonlySet<string>;
  /** Print `x[i]!`, for `noUncheckedIndexedAccess`. */
  readonly uncheckedIndexedAccess: boolean;
  /** The text of the doc comment, or null. */
  readonly doc: string | null;
  /** How the results are put together; by default nothing, one value, or a tuple. */
  readonly resultShape?: ResultShape;
  /** The type of what is returned, as the signature says it; by default from the IR. */
  readonly resultTypeText?: string;
  /** `f(tape)` gives a function of the other parameters. */
  readonly isCurried?: boolean;
  /** How long a function may be before it is cut into parts. */
  readonly partSizes?: PartSizes;
  /** Is this name taken in the file? By default, where it is reserved. */
  readonly isTaken?: (name: string) => boolean;
}

export interface EmittedFunction {
  readonly text: string;
  /** Of a curried function: the type of what it gives; of another one its own type. */
  readonly type: string;
  readonly imports: readonly { readonly module: string; readonly name: string }[];
}

/** The text of a function. */
export function emitFunction(fn: IRFunction, options: EmitOptions): EmittedFunction {
  const imports = new Map<string, { readonly module: string; readonly name: string }>();
  const whole = buildTree(fn);
  const paramOf = new Map<Local, Parameter>();
  whole.params.forEach((local, k) => {
    const param = fn.params[k];
    if (param !== undefined) paramOf.set(local, param);
  });
  const nameOfPart = (part: number): string => {
    let name = `${fn.name}_part${part}`;
    while ((options.isTaken ?? ((one) => options.reservedNames.has(one)))(name)) name += "_";
    return name;
  };
  // What a union is narrowed to is not known in a part.
  const isSpelled = (local: Local): boolean =>
    paramOf.has(local) && !(local.type.kind === "record" && local.type.members !== undefined);
  const { main, parts, values } = splitLarge(whole, options.partSizes ?? partSizes, nameOfPart, isSpelled);
  const resultShape: ResultShape =
    options.resultShape ?? (fn.results.length > 1 ? { kind: "tuple" } : { kind: "bare" });
  const types: TypeNames = {
    isVisible: (name) => (options.typeNames ?? options.reservedNames).has(name),
    linked: options.linkedType ?? ((): undefined => undefined),
  };
  const absentIsNull = (value: Expression): boolean => {
    const param = value.kind === "local" ? paramOf.get(value.local) : undefined;
    return param?.value.type.kind !== "optional" || param.value.type.absence !== undefined;
  };
  const contextOf: ContextOf = (params, { body: block, selfTyped, typeOf, mutable }) => ({
    names: settleNames(params, block, { used: usedNames(block), visible: options.reservedNames }),
    language: options.language,
    uncheckedIndexedAccess: options.uncheckedIndexedAccess,
    types,
    isClass: (name: string): boolean => options.classNames?.has(name) === true,
    imported: (module: string, name: string): string => {
      imports.set(`${module} ${name}`, { module, name });
      return name;
    },
    absentIsNull,
    resultShape,
    isFollowed: (local) => options.uncheckedIndexedAccess && local === values,
    isMutable: (local) => mutable.has(local),
    isSelfTyped: (local) => selfTyped.has(local),
    typeOf,
  });
  const { text, type } = printMain(fn, main, options, resultShape, contextOf);
  const partTexts = parts.map((part) => printPart(part, fn, options, (local) => paramOf.get(local), contextOf));
  return { text: [text, ...partTexts].join("\n"), type, imports: [...imports.values()] };
}

type ContextOf = (params: readonly Local[], settled: Settled) => StatementContext;

/** The function itself, and its type. */
function printMain(
  fn: IRFunction,
  main: Tree,
  options: EmitOptions,
  resultShape: ResultShape,
  contextOf: ContextOf,
): { readonly text: string; readonly type: string } {
  const settled = settle(main, options.uncheckedIndexedAccess);
  const isTuple = resultShape.kind === "tuple" && (resultShape.entries ?? []).every(({ kind }) => kind === "bare");
  const body = isTuple ? handOn(settled.body) : settled.body;
  const context = contextOf(main.params, { ...settled, body });
  const { names, types } = context;
  const named = fn.params.flatMap((param, k): readonly NamedParameter[] => {
    const local = main.params[k];
    return local === undefined ? [] : [{ param, name: names(local) }];
  });
  const { declared, inType, tags } = printParameters(named, options, types);
  const isTyped = options.language === "typescript";
  const isCurried = options.isCurried === true;
  const signature = (isCurried ? declared.slice(0, 1) : declared).join(", ");
  const resultType = options.resultTypeText ?? printResultType(fn, resultShape, types);
  const type = `(${(isCurried ? inType.slice(1) : inType).join(", ")}) => ${resultType}`;
  const result = isTyped ? `: ${isCurried ? type : resultType}` : "";
  const doc = printDoc(options.doc, isTyped ? [] : [...tags, `@returns {${resultType}}`]);
  const head = `${options.exported ? "export " : ""}function ${fn.name}(${signature})${result}`;
  const isForward = fn.derivation === null || fn.derivation.mode.startsWith("forward");
  const gap = isForward ? null : findReverseSweep(body);
  const print = (indent: string): string => printBlock(body, context, indent, gap);
  const block = isCurried ? `  return (${declared.slice(1).join(", ")}) => {\n${print("    ")}  };\n` : print("  ");
  return { text: `${doc}${head} {\n${block}}\n`, type };
}

/** A part of a function that is too long. */
function printPart(
  part: Part,
  { name }: IRFunction,
  options: EmitOptions,
  paramOf: (local: Local) => Parameter | undefined,
  contextOf: ContextOf,
): string {
  const isTyped = options.language === "typescript";
  const settled = settle(part, options.uncheckedIndexedAccess);
  const context = contextOf(part.params, settled);
  const list = part.params.map((local) => {
    const param = paramOf(local);
    const isMissing = param !== undefined && options.optionalParameters?.has(param.value) === true;
    const type = param === undefined ? printType(local.type, context.types) : printParameterType(param, context.types);
    return { name: context.names(local), type: isMissing ? `${type} | undefined` : type };
  });
  const about = `A part of {@link ${name}}, which is too long for engines to optimise in one piece.`;
  const doc = printDoc(about, isTyped ? [] : list.map((one) => printTag(one.name, one.type)));
  const params = list.map((one) => (isTyped ? `${one.name}: ${one.type}` : one.name)).join(", ");
  const result = isTyped ? ": void" : "";
  return `${doc}function ${part.name}(${params})${result} {\n${printBlock(settled.body, context, "  ")}}\n`;
}

/** A function with its variables declared, and what is certainly there taken as such. */
interface Settled {
  readonly body: Block;
  readonly selfTyped: ReadonlySet<Local>;
  /** What a variable is declared as, where it is. */
  readonly typeOf: (local: Local) => Type;
  /** What is declared with `let`. */
  readonly mutable: ReadonlySet<Local>;
}

function settle({ params, body }: Tree, uncheckedIndexedAccess: boolean): Settled {
  const declared = declareLocals(params, body);
  const selfTyped = findSelfTyped(declared, uncheckedIndexedAccess);
  const texts = settleTexts(params, settlePresence(params, declared, selfTyped), uncheckedIndexedAccess);
  return { body: texts.body, selfTyped, typeOf: texts.typeOf, mutable: mutableLocals(declared) };
}
