/** IR -> the text of one TypeScript (or JavaScript) function. */
import type { IRFunction, Parameter, Type, Value } from "../../ir/ir.js";
import { coalesce, type Merged } from "../coalesce.js";
import { declareLocals, mutableLocals } from "../declare.js";
import { decideStops } from "../decide-stops.js";
import { delayUpdates } from "../delay-updates.js";
import { dropUnread } from "../drop-unread.js";
import { dropUnused } from "../drop-unused.js";
import { askDivisorsFirst } from "../divisors-first.js";
import { guardOnce } from "../guard-once.js";
import { foldLiterals } from "../fold-literals.js";
import { handOn } from "../hand-on.js";
import { keepCarried } from "../keep-carried.js";
import { settleNames, usedNames } from "../names.js";
import { settleNumbers } from "../settled-numbers.js";
import { settlePresence } from "../presence.js";
import { findSelfTyped } from "../self-typed.js";
import { settleTexts } from "../text-types.js";
import { spellDefaults } from "../spell-defaults.js";
import { scheduleFunction } from "../schedule.js";
import { sinkIntoBranches } from "../sink-into-branches.js";
import { partSizes, splitLarge, type Part, type PartSizes } from "../split-large.js";
import { findReverseSweep } from "../sweeps.js";
import { settleMoves } from "../settle-moves.js";
import { tidy } from "../tidy.js";
import type { Block, Expression, Local, Tree } from "../tree.js";
import { printBlock, type ResultShape, type StatementContext } from "./print.js";
import { printType, type TypeNames } from "./types.js";
import { flattenThrows } from "../../simplify/flatten-throws.js";

export type { ResultShape };

export interface EmitOptions {
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
  readonly language: "typescript" | "javascript";
  /** The text of the doc comment, or null. */
  readonly doc: string | null;
  /** How the results are put together; by default nothing, one value, or a tuple. */
  readonly resultShape?: ResultShape;
  /** The type of what is returned, as the signature says it; by default from the IR. */
  readonly resultTypeText?: string;
  /** Text of default values. */
  readonly parameterDefaults?: ReadonlyMap<Value, string>;
  /** Parameters written `x?: T`. */
  readonly optionalParameters?: ReadonlySet<Value>;
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
  const isTuple = resultShape.kind === "tuple" && (resultShape.entries ?? []).every(({ kind }) => kind === "bare");
  const settled = settle(main, options.uncheckedIndexedAccess);
  const body = isTuple ? handOn(settled.body) : settled.body;
  const isTyped = options.language === "typescript";
  const types: TypeNames = {
    isVisible: (name) => (options.typeNames ?? options.reservedNames).has(name),
    linked: options.linkedType ?? ((): undefined => undefined),
  };
  const absentIsNull = (value: Expression): boolean => {
    const param = value.kind === "local" ? paramOf.get(value.local) : undefined;
    return param?.value.type.kind !== "optional" || param.value.type.absence !== undefined;
  };
  const contextOf = (
    params: readonly Local[],
    { body: block, selfTyped, typeOf, mutable }: Settled,
  ): StatementContext => ({
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
  const { params } = main;
  const context = contextOf(params, { ...settled, body });
  const { names } = context;
  const typeOfParameter = (param: Parameter): string =>
    (param.isReadonly === true ? "readonly " : "") + (param.typeText ?? printType(param.value.type, types));
  const printParameter = (param: Parameter, local: Local): string => {
    const fallback = options.parameterDefaults?.get(param.value);
    const isOptional = options.optionalParameters?.has(param.value) === true;
    const typeText = typeOfParameter(param);
    const type = !isTyped ? "" : isOptional ? `?: ${typeText.replace(/ \| undefined$/, "")}` : `: ${typeText}`;
    if (fallback === undefined) return (param.rest === true ? "..." : "") + names(local) + type;
    // The type of a number follows from its default.
    const plain = param.value.type.kind === "number" && param.typeText === null && /^-?[\d.e+-]+$/.test(fallback);
    return `${names(local)}${plain ? "" : type} = ${fallback}`;
  };
  const printed = fn.params.flatMap((param, k) => {
    const local = params[k];
    return local === undefined ? [] : [printParameter(param, local)];
  });
  const typed = fn.params.flatMap((param, k) => {
    const local = params[k];
    if (local === undefined) return [];
    const isOptional = options.parameterDefaults?.has(param.value) === true;
    return [`${names(local)}${isOptional ? "?" : ""}: ${typeOfParameter(param)}`];
  });
  const isCurried = options.isCurried === true;
  const signature = (isCurried ? printed.slice(0, 1) : printed).join(", ");
  const resultType = options.resultTypeText ?? printResultType(fn, resultShape, types);
  const type = `(${(isCurried ? typed.slice(1) : typed).join(", ")}) => ${resultType}`;
  const result = isTyped ? `: ${isCurried ? type : resultType}` : "";
  const tags = isTyped
    ? []
    : fn.params.flatMap((param, k) => {
        const local = params[k];
        if (local === undefined) return [];
        const fallback = options.parameterDefaults?.get(param.value);
        const isOptional = fallback !== undefined || options.optionalParameters?.has(param.value) === true;
        return [parameterTag(names(local), typeOfParameter(param), isOptional, fallback)];
      });
  const doc = printDoc(options.doc, isTyped ? [] : [...tags, `@returns {${resultType}}`]);
  const head = `${options.exported ? "export " : ""}function ${fn.name}(${signature})${result}`;
  const isForward = fn.derivation === null || fn.derivation.mode.startsWith("forward");
  const gap = isForward ? null : findReverseSweep(body);
  const inner = `  return (${printed.slice(1).join(", ")}) => {\n${printBlock(body, context, "    ", gap)}  };\n`;
  const text = `${doc}${head} {\n${isCurried ? inner : printBlock(body, context, "  ", gap)}}\n`;

  const printPart = (part: Part): string => {
    const settledPart = settle(part, options.uncheckedIndexedAccess);
    const own = contextOf(part.params, settledPart);
    const list = part.params.map((local) => {
      const param = paramOf.get(local);
      const isMissing = param !== undefined && options.optionalParameters?.has(param.value) === true;
      const typeText = param === undefined ? printType(local.type, types) : typeOfParameter(param);
      return { name: own.names(local), type: isMissing ? `${typeText} | undefined` : typeText };
    });
    const about = `A part of {@link ${fn.name}}, which is too long for engines to optimise in one piece.`;
    const partDoc = printDoc(
      about,
      isTyped ? [] : list.map((one) => parameterTag(one.name, one.type, false, undefined)),
    );
    const signatureOfPart = list.map((one) => (isTyped ? `${one.name}: ${one.type}` : one.name)).join(", ");
    return `${partDoc}function ${part.name}(${signatureOfPart})${isTyped ? ": void" : ""} {\n${printBlock(settledPart.body, own, "  ")}}\n`;
  };
  return { text: [text, ...parts.map(printPart)].join("\n"), type, imports: [...imports.values()] };
}

/** `@param {number} [dResult=1]` */
function parameterTag(name: string, type: string, isOptional: boolean, fallback: string | undefined): string {
  const present = isOptional ? type.replace(/ \| undefined$/, "") : type;
  return `@param {${present}} ${isOptional ? `[${name}${fallback === undefined ? "" : `=${fallback}`}]` : name}`;
}

/** The comment above a function; types stand in it where the language has no place for them. */
function printDoc(text: string | null, tags: readonly string[]): string {
  const lines = [...(text === null ? [] : [text]), ...tags];
  const [only] = lines;
  if (only === undefined) return "";
  if (lines.length === 1) return `/** ${only} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}\n`).join("")} */\n`;
}

function printResultType(fn: IRFunction, shape: ResultShape, types: TypeNames): string {
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
  const texts = settleTexts(params, settlePresence(params, declared, selfTyped));
  return { body: texts.body, selfTyped, typeOf: texts.typeOf, mutable: mutableLocals(declared) };
}

/** The function as statements, with variables merged. */
function buildTree(fn: IRFunction): Tree {
  const structured = delayUpdates(dropUnused(keepCarried(sinkIntoBranches(decideStops(flattenThrows(fn))))));
  let sunk: ReadonlySet<Value> = new Set();
  for (let round = 0; ; round++) {
    const { params, body, sinkable } = scheduleFunction(structured, sunk);
    const merged = coalesce(params, body);
    const again = round < 4 ? stranded(body, sinkable, merged) : [];
    if (again.length === 0) {
      const locals = params.map(merged);
      const settled = dropUnread(spellDefaults(locals, tidy(dropUnread(settleMoves(body, merged)))));
      return { params: locals, body: askDivisorsFirst(guardOnce(settleNumbers(foldLiterals(locals, settled)))) };
    }
    sunk = new Set([...sunk, ...again]);
  }
}

/** Values that were given a variable of their own although they are only handed over. */
function stranded(body: Block, sinkable: ReadonlyMap<Local, Value>, merged: Merged): readonly Value[] {
  const found: Value[] = [];
  const visit = (block: Block): void => {
    for (const statement of block) {
      if (statement.kind === "moves") {
        for (const { to, value } of statement.moves) {
          if (value.kind !== "local" || merged(value.local) === merged(to)) continue;
          const sinking = sinkable.get(value.local);
          if (sinking !== undefined) found.push(sinking);
        }
      }
      if (statement.kind === "if") [statement.then, statement.otherwise].forEach(visit);
      if (statement.kind === "for" || statement.kind === "while" || statement.kind === "doWhile") visit(statement.body);
    }
  };
  visit(body);
  return found;
}
