/**
 * IR -> text, the same text for the same function. `parse` reads it back.
 *
 *   function power(x: number active, n: integer const) -> number {
 *     t0 = constant 1
 *     t1 = constant 0
 *     t2, t3, t = loop i from t1 to n step 1 carrying t#1 = t0 {
 *       t#2 = mul t#1 x
 *       t4 = constant false
 *       yield t4 t#2
 *     }
 *     return t
 *   }
 *
 * Names: `x` is the first version of a user's variable, `x#1` its second; `x@adjoint` has a role other than primal;
 * `t<k>` was invented. Types are written where they do not follow from the operation; what a loop carries
 * is a number where its initial value is an integer, unless `: integer` is written. An `if` branch without a last line
 * yields nothing, and an empty `else` is left out.
 */
import { typeAt, typeOfApplication, typeOfLiteral } from "./build.js";
import {
  assertNever,
  booleanType,
  integerType,
  isInteger,
  numberType,
  type Checkpoint,
  type Exit,
  type IRFunction,
  type Literal,
  type Location,
  type LoopOp,
  type Op,
  type Region,
  type Storage,
  type Type,
  type Value,
  type Variable,
  type KeyTest,
} from "./ir.js";
import { regionsOf, walk } from "./traverse.js";

/** What an analysis has to say about a value or an operation, printed at the end of its line. */
export type Annotate = (subject: Value | Op) => string | null;

/** Words of the syntax: a variable of such a name is printed with its version, `from#0`. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...[
    "from",
    "to",
    "step",
    "inclusive",
    "checkpoint",
    "carrying",
    "if",
    "else",
    "loop",
    "yield",
    "return",
    "throw",
    "function",
  ],
  ...["store", "remove", "accumulate", "call", "opaque", "true", "false", "null", "undefined", "NaN", "Infinity"],
]);
export const identifierPattern = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
/** Names of this form belong to invented values. */
export const inventedPattern = /^t\d+$/;

/** `outer`: the records around; one that leads back is printed as `up n`, counted from the inside. */
export function printType(type: Type, outer: readonly Type[] = []): string {
  switch (type.kind) {
    case "number":
    case "integer":
    case "boolean":
      return type.kind;
    case "array": {
      const element = printType(type.element, outer);
      if (type.keys !== undefined) return `Map<${printType(type.keys, outer)}, ${element}>`;
      if (element === elementByDefault(type.storage)) return type.storage === "Array" ? "number[]" : type.storage;
      return `${type.storage === "Array" ? "array" : type.storage}<${element}>`;
    }
    case "tuple":
      return `tuple<${type.elements.map((one) => printType(one, outer)).join(", ")}>`;
    case "record": {
      if (outer.includes(type)) return `up ${outer.indexOf(type)}`;
      const inner = [type, ...outer];
      const name = type.name === null ? "" : `${printWord(type.name)} `;
      if (type.members !== undefined)
        return `union ${name}<${type.members.map((one) => printType(one, inner)).join(", ")}>`;
      const fields = type.fields.map(
        (field) => `${printWord(field.name)}: ${field.isConst === true ? "const " : ""}${printType(field.type, inner)}`,
      );
      return `record ${name}{${fields.join(", ")}}`;
    }
    case "optional":
      return `${absences[type.absence ?? "undefined"]}<${printType(type.of, outer)}>`;
    case "opaque":
      return `opaque${JSON.stringify(type.text)}`;
    default:
      return assertNever(type);
  }
}

export const absences = { undefined: "optional", null: "nullable", either: "nullish" } as const;

/** What an array of this storage holds if nothing else is written. */
export const elementByDefault = (storage: Storage): "integer" | "number" => (isInteger(storage) ? "integer" : "number");

const printWord = (word: string): string => (identifierPattern.test(word) ? word : JSON.stringify(word));

/** A literal as IR text. */
export function printLiteral(value: Literal): string {
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Gives every value of a function its printed name, in the order in which the text shows them. */
export function nameValues(fn: IRFunction): (value: Value) => string {
  const names = new Map<Value, string>();
  const bases = new Map<Variable, string>();
  const taken = new Set<string>();
  const versions = new Map<string, number>();
  let invented = 0;

  const baseOf = (variable: Variable): string => {
    const known = bases.get(variable);
    if (known !== undefined) return known;
    const wanted = identifierPattern.test(variable.name) ? variable.name : "_";
    let base = wanted;
    for (let k = 2; taken.has(base); k++) base = `${wanted}${k}`;
    taken.add(base);
    bases.set(variable, base);
    return base;
  };
  const define = (value: Value): void => {
    if (names.has(value)) return;
    const { variable, role } = value.origin;
    const suffix = role === "primal" ? "" : `@${role}`;
    if (variable === null) {
      names.set(value, `t${invented++}${suffix}`);
      return;
    }
    const base = baseOf(variable);
    const key = base + suffix;
    const version = versions.get(key) ?? 0;
    versions.set(key, version + 1);
    const explicit = version > 0 || inventedPattern.test(base) || reservedWords.has(base);
    names.set(value, `${base}${explicit ? `#${version}` : ""}${suffix}`);
  };
  for (const param of fn.params) define(param.value);
  fn.body.params.forEach(define);
  const region = (inner: Region): void => {
    inner.params.forEach(define);
    for (const op of inner.ops) {
      op.results.forEach(define);
      regionsOf(op).forEach(region);
    }
  };
  region(fn.body);
  let strays = 0;
  return (value) => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const name = `?${value.origin.variable?.name ?? ""}${strays++}`;
    names.set(value, name);
    return name;
  };
}

/** The type that each result has if none is written. */
export function impliedTypes(op: Op): readonly (Type | null)[] {
  switch (op.kind) {
    case "constant":
      return [typeOfLiteral(op.value)];
    case "apply":
      return [typeOfApplication(op.primitive, op.args)];
    case "length":
    case "push":
      return [integerType];
    case "load":
      return [impliedByLocation(op.at)];
    case "pop":
      return [op.array.type.kind === "array" ? op.array.type.element : null];
    case "grow":
      return [op.array.type];
    case "if": {
      const [then, otherwise] = [op.then.exit, op.else.exit].map((exit) => (exit.kind === "yield" ? exit.values : []));
      return op.results.map((_, k) => join(then?.[k]?.type ?? null, otherwise?.[k]?.type ?? null));
    }
    case "loop":
      return [integerType, integerType, ...op.body.params.slice(1).map((param) => param.type)];
    case "call":
      return op.results.map(() => numberType);
    case "random":
      return [numberType];
    case "isAbsent":
      return [booleanType];
    case "allocate":
    case "opaque":
    case "unwrap":
      return [null];
    case "store":
    case "accumulate":
      return [];
    default:
      return assertNever(op);
  }
}

/** What both branches of an `if` yield: a number where one of them does. */
const join = (a: Type | null, b: Type | null): Type | null =>
  a === null || (a.kind === "integer" && b?.kind === "number") ? b : a;

/** A carried value has the type of its initial value, but an integer is a number unless it is written. */
export const impliedCarriedType = (initial: Type): Type => (initial.kind === "integer" ? numberType : initial);

function impliedByLocation(at: Location): Type | null {
  try {
    return typeAt(at);
  } catch {
    return null;
  }
}

/** The counter of a loop is an integer unless its range starts at a number or steps by a fraction. */
export const impliedCounterType = (range: LoopOp["range"]): Type =>
  range === null || (range.from.type.kind === "integer" && Number.isInteger(range.step)) ? integerType : numberType;

/** The whole function as text, ended by a line break. */
export function print(fn: IRFunction, note?: Annotate): string {
  const name = nameValues(fn);
  const lines: string[] = [];
  const typed = (value: Value, implied: Type | null): string => {
    const type = printType(value.type);
    return implied !== null && printType(implied) === type ? name(value) : `${name(value)}: ${type}`;
  };
  const list = (values: readonly Value[]): string => values.map((value) => ` ${name(value)}`).join("");
  const keyTests = (keys: readonly KeyTest[]): string =>
    keys.map(({ field, test }) => `, ${JSON.stringify(field)}: ${name(test)}`).join("");
  const location = (at: Location): string =>
    at.kind === "element"
      ? `${name(at.base)}[${name(at.index)}]`
      : `${name(at.base)}.${typeof at.field === "number" ? at.field : printWord(at.field)}`;

  const line = (depth: number, text: string, op: Op | null, values: readonly Value[]): void => {
    const notes = op === null ? [] : [note?.(op) ?? null];
    const several = values.length > 1;
    for (const value of values) {
      const said = note?.(value) ?? null;
      notes.push(said !== null && said !== "" && several ? `${name(value)}: ${said}` : said);
    }
    const said = notes.filter((one) => one !== null && one !== "");
    lines.push("  ".repeat(depth) + text + (said.length > 0 ? `  // ${said.join("; ")}` : ""));
  };

  const exit = (one: Exit, depth: number): void => {
    if (one.kind === "throw") line(depth, `throw ${name(one.value)}`, null, []);
    else if (one.values.length > 0 || one.kind === "return") line(depth, `${one.kind}${list(one.values)}`, null, []);
  };
  const region = (inner: Region, depth: number): void => {
    for (const op of inner.ops) operation(op, depth);
    exit(inner.exit, depth);
  };
  const operation = (op: Op, depth: number): void => {
    const implied = impliedTypes(op);
    const results = op.results.map((value, k) => typed(value, implied[k] ?? null)).join(", ");
    const left = results === "" ? "" : `${results} = `;
    switch (op.kind) {
      case "if": {
        line(depth, `${left}if ${name(op.test)} {`, op, op.results);
        region(op.then, depth + 1);
        if (op.else.ops.length > 0 || op.else.exit.kind !== "yield" || op.else.exit.values.length > 0) {
          lines.push(`${"  ".repeat(depth)}} else {`);
          region(op.else, depth + 1);
        }
        lines.push(`${"  ".repeat(depth)}}`);
        return;
      }
      case "loop": {
        const { range, body, initial } = op;
        const [counter, ...carried] = body.params;
        const parts = ["loop"];
        if (counter !== undefined) parts.push(typed(counter, impliedCounterType(range)));
        if (range !== null) {
          parts.push(`from ${name(range.from)} to ${name(range.to)} step ${printLiteral(range.step)}`);
          if (range.inclusive) parts.push("inclusive");
        }
        if (op.checkpoint !== undefined) parts.push(printCheckpoint(op.checkpoint));
        const pairs = carried.map((param, k) => {
          const first = initial[k];
          return first === undefined
            ? typed(param, null)
            : `${typed(param, impliedCarriedType(first.type))} = ${name(first)}`;
        });
        if (pairs.length > 0) parts.push(`carrying ${pairs.join(", ")}`);
        line(depth, `${left}${parts.join(" ")} {`, op, [...op.results, ...body.params]);
        region(body, depth + 1);
        lines.push(`${"  ".repeat(depth)}}`);
        return;
      }
      default:
        line(depth, left + simple(op), op, op.results);
    }
  };
  const simple = (op: Exclude<Op, { kind: "if" | "loop" }>): string => {
    switch (op.kind) {
      case "constant":
        return `constant ${printLiteral(op.value)}${op.text === null ? "" : ` ${JSON.stringify(op.text)}`}`;
      case "apply":
        return op.primitive + list(op.args);
      case "allocate": {
        const { initial } = op;
        switch (initial.kind) {
          case "zeros":
            return `allocate ${initial.holes === true ? "holes" : "zeros"} ${name(initial.length)}`;
          case "parts":
            return `allocate parts${list(initial.parts)}${keyTests(initial.keys ?? [])}`;
          case "filled":
            return `allocate filled${list([initial.length, initial.value])}`;
          case "copy":
            return `allocate ${initial.spread === true ? "spread" : "copy"}${list([initial.source, initial.from, initial.to])}`;
          case "zerosLike":
            return `allocate zerosLike ${name(initial.of)}`;
          default:
            return assertNever(initial);
        }
      }
      case "load":
        return `load ${location(op.at)}`;
      case "store":
        return `${op.removes === true ? "remove" : "store"} ${location(op.at)} ${name(op.value)}`;
      case "accumulate":
        return `${op.kind} ${location(op.at)} ${name(op.value)}`;
      case "push":
        return `push${list([op.array, op.value])}`;
      case "length":
      case "pop":
        return `${op.kind} ${name(op.array)}`;
      case "grow":
        return `grow${list([op.array, op.length])}`;
      case "call":
        return `call ${printWord(op.callee)}${list(op.args)}`;
      case "opaque": {
        const { reads, writes, observable } = op.effects;
        const words = { reads, writes, observable, detached: op.detached === true, fresh: op.fresh === true };
        const effects = Object.entries(words).flatMap(([word, holds]) => (holds ? [word] : []));
        const tail = effects.length > 0 ? ` ; ${effects.join(" ")}` : "";
        return `opaque ${JSON.stringify(op.template)}${list(op.operands)}${tail}`;
      }
      case "random":
        return "random";
      case "isAbsent":
      case "unwrap":
        return `${op.kind} ${name(op.value)}`;
      default:
        return assertNever(op);
    }
  };

  const params = fn.params.map(({ value, activity, name: declared }) => {
    const own = declared === value.origin.variable?.name ? "" : ` ${JSON.stringify(declared)}`;
    return `${name(value)}: ${printType(value.type)} ${activity}${own}`;
  });
  const results = fn.results.length === 0 ? "void" : fn.results.map((one) => printType(one)).join(", ");
  const derivation = fn.derivation === null ? "" : ` as ${fn.derivation.mode} of ${printWord(fn.derivation.of)}`;
  line(
    0,
    `function ${printWord(fn.name)}(${params.join(", ")}) -> ${results}${derivation} {`,
    null,
    fn.params.map(({ value }) => value),
  );
  region(fn.body, 1);
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

/** `checkpoint 20`, or as many as fit into so many bytes: `checkpoint within 1000000`. */
const printCheckpoint = (checkpoint: Checkpoint): string =>
  "bytes" in checkpoint ? `checkpoint within ${checkpoint.bytes}` : `checkpoint ${checkpoint.snapshots}`;

/** How many operations a function has, nested ones included. */
export function countOperations(fn: IRFunction): number {
  let count = 0;
  walk(fn.body, () => count++);
  return count;
}
