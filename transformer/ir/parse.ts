/**
 * Text -> IR, the inverse of `print`: for tests and dumps. Beyond what `print` writes, a literal may stand where an
 * operand is expected (a constant is made just before), and types that follow from the operation may be written.
 */
import type { Token } from "./lex.js";
import { parseType } from "./parse-type.js";
import { impliedCarriedType, impliedCounterType, impliedTypes, inventedPattern } from "./print.js";
import { isPrimitive, primitives } from "./primitives.js";
import { typeOfLiteral } from "./build.js";
import { TokenReader } from "./token-reader.js";
import {
  numberType,
  type Activity,
  type Derivation,
  type Exit,
  type Initial,
  type KeyTest,
  type IRFunction,
  type Literal,
  type Location,
  type Mode,
  type Op,
  type Parameter,
  type Checkpoint,
  type Range,
  type Region,
  type Role,
  type Type,
  type Value,
  type Variable,
} from "./ir.js";

const isActivity = (word: string): word is Activity => word === "const" || word === "active" || word === "duplicated";
const isMode = (word: string): word is Mode =>
  [
    ...["gradient", "valueAndGradient", "reverse", "reverseWithPrimal"],
    ...["forward", "forwardWithPrimal", "augmentedPrimal", "reversePass"],
  ].includes(word);
const isRole = (word: string): word is Role => ["primal", "tangent", "adjoint", "residual"].includes(word);

/** Reads one function. */
export function parse(text: string): IRFunction {
  const [fn, second] = parseFunctions(text).values();
  if (fn === undefined || second !== undefined) throw new Error("IR text: exactly one function is expected");
  return fn;
}

/** Reads functions, one after another; calls among them take their types from the functions before. */
export function parseFunctions(text: string): Map<string, IRFunction> {
  const functions = new Map<string, IRFunction>();
  const tokens = new TokenReader(text);
  tokens.skipLines();
  while (!tokens.atEnd()) {
    const fn = new FunctionParser(tokens, functions).parse();
    functions.set(fn.name, fn);
    tokens.skipLines();
  }
  return functions;
}

const words: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["undefined", undefined],
]);
function literalOfWord(token: Token): { readonly value: Literal } | null {
  if (token.kind === "string") return { value: token.text };
  return token.kind === "name" && words.has(token.text) ? { value: words.get(token.text) } : null;
}

/** A result or parameter before it is a value: its type may follow from what comes after. */
interface Pending {
  readonly name: string;
  readonly type: Type | null;
}

class FunctionParser {
  private readonly values = new Map<string, Value>();
  private readonly variables = new Map<string, Variable>();

  constructor(
    private readonly tokens: TokenReader,
    private readonly functions: ReadonlyMap<string, IRFunction>,
  ) {}

  parse(): IRFunction {
    const tokens: TokenReader = this.tokens;
    tokens.expect("function");
    const name = tokens.word();
    const params: Parameter[] = [];
    tokens.expect("(");
    while (!tokens.take(")")) {
      const { name: printed, type } = this.pending();
      if (type === null) tokens.fail("a parameter needs a type");
      const activity = tokens.name();
      if (!isActivity(activity)) tokens.fail(`unknown activity ${activity}`);
      const value = this.define(printed, type);
      const declared = tokens.peek().kind === "string" ? tokens.word() : (value.origin.variable?.name ?? printed);
      params.push({ value, name: declared, activity, typeText: null });
      tokens.take(",");
    }
    tokens.expect("->");
    const results: Type[] = [];
    if (!tokens.take("void")) {
      do results.push(parseType(tokens));
      while (tokens.take(","));
    }
    let derivation: Derivation | null = null;
    if (tokens.take("as")) {
      const mode = tokens.name();
      if (!isMode(mode)) tokens.fail(`unknown mode ${mode}`);
      tokens.expect("of");
      derivation = { mode, of: tokens.word() };
    }
    const body = this.region([], { kind: "return", values: [] });
    return { name, params, results, body, derivation, span: null };
  }

  /** `name` or `name: type` */
  private pending(): Pending {
    const name = this.tokens.name();
    return { name, type: this.tokens.take(":") ? parseType(this.tokens) : null };
  }

  private define(printed: string, type: Type): Value {
    if (this.values.has(printed)) this.tokens.fail(`${printed} is defined twice`);
    const [versioned = "", role = "primal"] = printed.split("@");
    const [base = "", version] = versioned.split("#");
    const invented = inventedPattern.test(base) && version === undefined;
    const value: Value = {
      type,
      origin: { span: null, variable: invented ? null : this.variable(base), role: isRole(role) ? role : "primal" },
    };
    this.values.set(printed, value);
    return value;
  }

  private variable(name: string): Variable {
    const known = this.variables.get(name);
    if (known !== undefined) return known;
    const variable: Variable = { name };
    this.variables.set(name, variable);
    return variable;
  }

  private literal(): { readonly value: Literal } | null {
    const token = this.tokens.peek();
    const found = token.kind === "number" ? { value: token.value } : literalOfWord(token);
    if (found !== null) this.tokens.next();
    return found;
  }

  /** A value in scope, or a literal, whose constant is appended to `ops`. */
  private operand(ops: Op[]): Value {
    const literal = this.literal();
    if (literal !== null) {
      const result: Value = {
        type: typeOfLiteral(literal.value),
        origin: { span: null, variable: null, role: "primal" },
      };
      ops.push({ kind: "constant", results: [result], value: literal.value, text: null });
      return result;
    }
    const token = this.tokens.peek();
    const name = this.tokens.name();
    const value = this.values.get(name);
    return value ?? this.tokens.fail(`${name} is not defined`, token);
  }

  /** Operands up to the end of the line. */
  private operands(ops: Op[]): readonly Value[] {
    const values: Value[] = [];
    for (;;) {
      const { kind, text } = this.tokens.peek();
      if (kind === "line" || kind === "end" || (kind === "mark" && text !== "-")) return values;
      values.push(this.operand(ops));
    }
  }

  private location(ops: Op[]): Location {
    const { tokens } = this;
    const base = this.operand(ops);
    if (tokens.take("[")) {
      const index = this.operand(ops);
      tokens.expect("]");
      return { kind: "element", base, index };
    }
    tokens.expect(".");
    const token = tokens.peek();
    if (token.kind !== "number") return { kind: "field", base, field: tokens.word() };
    tokens.next();
    return { kind: "field", base, field: token.value };
  }

  /** `{ operations and an exit }`; a missing exit hands over nothing. */
  private region(params: readonly Value[], missing: Exit): Region {
    const { tokens } = this;
    const ops: Op[] = [];
    let exit: Exit = missing;
    tokens.expect("{");
    tokens.skipLines();
    while (!tokens.take("}")) {
      if (tokens.take("yield")) exit = { kind: "yield", values: this.operands(ops) };
      else if (tokens.take("return")) exit = { kind: "return", values: this.operands(ops) };
      else if (tokens.take("throw")) exit = { kind: "throw", value: this.operand(ops) };
      else this.operation(ops);
      tokens.skipLines();
    }
    return { params, ops, exit };
  }

  private operation(ops: Op[]): void {
    const { tokens } = this;
    const pending: Pending[] = [];
    const ahead = tokens.peek(1);
    if (ahead.kind === "mark" && (ahead.text === "=" || ahead.text === "," || ahead.text === ":")) {
      do pending.push(this.pending());
      while (tokens.take(","));
      tokens.expect("=");
    }
    const token = tokens.peek();
    const bare = this.bare(ops, tokens.name());
    const callee = bare.kind === "call" ? this.functions.get(bare.callee)?.results : undefined;
    const implied = callee ?? impliedTypes({ ...bare, results: pending.map(() => stray) });
    const results = pending.map(({ name, type }, k) => {
      const known = type ?? implied[k];
      return known ? this.define(name, known) : tokens.fail(`the type of ${name} must be written`, token);
    });
    ops.push({ ...bare, results });
  }

  /** The operation without its results. */
  private bare(ops: Op[], word: string): Op {
    const { tokens } = this;
    const results: readonly Value[] = [];
    switch (word) {
      case "constant": {
        const literal = this.literal() ?? tokens.fail("expected a literal");
        const text = tokens.peek().kind === "string" ? tokens.word() : null;
        return { kind: "constant", results, value: literal.value, text };
      }
      case "allocate":
        return { kind: "allocate", results, initial: this.initial(ops) };
      case "length":
      case "pop":
        return { kind: word, results, array: this.operand(ops) };
      case "load":
        return { kind: "load", results, at: this.location(ops) };
      case "remove": {
        const at = this.location(ops);
        return { kind: "store", results, at, value: this.operand(ops), removes: true };
      }
      case "store":
      case "accumulate": {
        const at = this.location(ops);
        return { kind: word, results, at, value: this.operand(ops) };
      }
      case "push": {
        const array = this.operand(ops);
        return { kind: "push", results, array, value: this.operand(ops) };
      }
      case "grow": {
        const array = this.operand(ops);
        return { kind: "grow", results, array, length: this.operand(ops) };
      }
      case "if": {
        const test = this.operand(ops);
        const empty: Exit = { kind: "yield", values: [] };
        const then = this.region([], empty);
        const otherwise = tokens.take("else") ? this.region([], empty) : { params: [], ops: [], exit: empty };
        return { kind: "if", results, test, then, else: otherwise };
      }
      case "loop":
        return this.loop(ops);
      case "call": {
        const callee = tokens.word();
        return { kind: "call", results, callee, args: this.operands(ops) };
      }
      case "opaque": {
        const template = tokens.word();
        const operands = this.operands(ops);
        const words = new Set<string>();
        if (tokens.take(";")) while (tokens.peek().kind === "name") words.add(tokens.name());
        return {
          kind: "opaque",
          results,
          template,
          operands,
          effects: { reads: words.has("reads"), writes: words.has("writes"), observable: words.has("observable") },
          ...(words.has("detached") ? { detached: true } : {}),
          ...(words.has("fresh") ? { fresh: true } : {}),
        };
      }
      case "random":
        return { kind: "random", results };
      case "isAbsent":
      case "unwrap":
        return { kind: word, results, value: this.operand(ops) };
      default: {
        if (!isPrimitive(word)) return tokens.fail(`unknown operation ${word}`);
        const args = this.operands(ops);
        const { arity } = primitives[word];
        if (arity !== "any" && arity !== args.length) tokens.fail(`${word} takes ${arity} operand(s)`);
        return { kind: "apply", results, primitive: word, args };
      }
    }
  }

  /** `parts a b, "rate": c` */
  private parts(ops: Op[]): Initial {
    const parts = this.operands(ops);
    const keys: KeyTest[] = [];
    while (this.tokens.take(",")) {
      const field = this.tokens.word();
      this.tokens.expect(":");
      keys.push({ field, test: this.operand(ops) });
    }
    return keys.length === 0 ? { kind: "parts", parts } : { kind: "parts", parts, keys };
  }

  private initial(ops: Op[]): Initial {
    const kind = this.tokens.name();
    switch (kind) {
      case "zeros":
        return { kind, length: this.operand(ops) };
      case "holes":
        return { kind: "zeros", length: this.operand(ops), holes: true };
      case "parts":
        return this.parts(ops);
      case "filled": {
        const length = this.operand(ops);
        return { kind, length, value: this.operand(ops) };
      }
      case "copy":
      case "spread": {
        const source = this.operand(ops);
        const from = this.operand(ops);
        const copy = { kind: "copy", source, from, to: this.operand(ops) } as const;
        return kind === "spread" ? { ...copy, spread: true } : copy;
      }
      case "zerosLike":
        return { kind, of: this.operand(ops) };
      default:
        return this.tokens.fail(`unknown allocation ${kind}`);
    }
  }

  /** `loop [i] [from f to t step s [inclusive]] [checkpoint [within] n] [carrying a = a0, b = b0] { ... }` */
  private loop(ops: Op[]): Op {
    const { tokens } = this;
    const named = !tokens.at("from") && !tokens.at("checkpoint") && !tokens.at("carrying") && !tokens.at("{");
    const pending: Pending = named ? this.pending() : { name: `(counter of line ${tokens.peek().line})`, type: null };
    let range: Range | null = null;
    if (tokens.take("from")) {
      const from = this.operand(ops);
      tokens.expect("to");
      const to = this.operand(ops);
      let step = 1;
      if (tokens.take("step")) {
        const token = tokens.next();
        step = token.kind === "number" ? token.value : tokens.fail("a step is a number", token);
      }
      range = { from, to, step, inclusive: tokens.take("inclusive") };
    }
    let checkpoint: Checkpoint | null = null;
    if (tokens.take("checkpoint")) {
      const isWithin = tokens.take("within");
      const token = tokens.next();
      const number = token.kind === "number" ? token.value : tokens.fail("a number of snapshots, or of bytes", token);
      checkpoint = isWithin ? { bytes: number, span: null } : { snapshots: number, span: null };
    }
    const initial: Value[] = [];
    const carried: Pending[] = [];
    if (tokens.take("carrying")) {
      do {
        const one = this.pending();
        tokens.expect("=");
        const first = this.operand(ops);
        initial.push(first);
        carried.push({ name: one.name, type: one.type ?? impliedCarriedType(first.type) });
      } while (tokens.take(","));
    }
    const counterType = pending.type ?? impliedCounterType(range);
    const counter: Value = named
      ? this.define(pending.name, counterType)
      : { type: counterType, origin: { span: null, variable: null, role: "primal" } };
    const params = carried.map(({ name, type }) => this.define(name, type ?? numberType));
    const body = this.region([counter, ...params], { kind: "yield", values: [] });
    return { kind: "loop", results: [], range, initial, body, ...(checkpoint === null ? {} : { checkpoint }) };
  }
}

/** Stands for a result whose type is not known yet. */
const stray: Value = { type: numberType, origin: { span: null, variable: null, role: "primal" } };
