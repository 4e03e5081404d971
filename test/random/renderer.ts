/** Writes a program from choices: what stands in scope, and how a choice finds a feature that fits there. */
import { Picks, type Expression, type Statement } from "./choices.js";
import { namesUsed } from "./library.js";
import { construct, records, sameType, spell, usualLength, type Type } from "./types.js";

/** A form of expression or statement; null where nothing in scope fits it. */
export interface Feature<Choice, Text> {
  readonly name: string;
  readonly weight: number;
  readonly render: (r: Renderer, choice: Choice) => Text | null;
}
export type NumberFeature = Feature<Expression, string>;
export type StatementFeature = Feature<Statement, readonly string[]>;

export interface Variable {
  readonly name: string;
  readonly type: Type;
  /** May the name be given another value? */
  readonly assignable: boolean;
  /** May what it refers to be written? */
  readonly writable: boolean;
  /** Is it a list of its own, which may be lengthened? */
  readonly grows?: boolean;
}

/** A function that can be called here. */
export interface Callable {
  readonly name: string;
  readonly parameters: readonly Type[];
  /** null: called for its effects. */
  readonly result: "number" | null;
}

interface Scope {
  readonly variables: readonly Variable[];
  readonly callables: readonly Callable[];
  /** Labels of the loops around, innermost last; "" where a loop has none. */
  readonly loops: readonly string[];
  /** Lists that a loop around walks over: their length stays. */
  readonly walked: readonly string[];
  /** What `return` gives back here; null: nothing. */
  readonly result: Type | null;
  readonly depth: number;
}

/** Something that can be read, and perhaps written. */
export interface Place {
  readonly type: Type;
  readonly assignable: boolean;
  readonly writable: boolean;
  readonly text: (picks: Picks) => string;
}

const nothing: Expression = { pick: 0, more: 0, parts: [] };

export class Renderer {
  private named = 0;
  /** Declarations of the library, and types of the package, that the text mentions. */
  readonly used = new Set<string>();
  /** The features that the program shows. */
  readonly features = new Set<string>();
  scope: Scope;

  constructor(
    private readonly numberFeatures: readonly NumberFeature[],
    private readonly statementFeatures: readonly StatementFeature[],
    variables: readonly Variable[],
    result: Type | null,
  ) {
    this.scope = { variables, callables: [], loops: [], walked: [], result, depth: 0 };
  }

  readonly use = (name: string): string => {
    this.used.add(name);
    return name;
  };
  allUsed(): ReadonlySet<string> {
    return namesUsed(this.used);
  }
  fresh(prefix: string): string {
    return `${prefix}${this.named++}`;
  }
  spell(type: Type): string {
    return spell(type, this.use);
  }

  // ---- Scope --------------------------------------------------------------------------------------------------------

  /** Adds a variable; gives its name. */
  declare(name: string, type: Type, options: Partial<Variable> = {}): string {
    const variable = { name, type, assignable: false, writable: true, ...options };
    this.scope = { ...this.scope, variables: [...this.scope.variables, variable] };
    return name;
  }
  offer(callable: Callable): void {
    this.scope = { ...this.scope, callables: [...this.scope.callables, callable] };
  }
  /** Renders with the scope changed, and sets it back. */
  within<T>(change: Partial<Scope>, render: () => T): T {
    const before = this.scope;
    this.scope = { ...before, depth: before.depth + 1, ...change };
    const result = render();
    this.scope = before;
    return result;
  }

  /** Everything of a fitting type that can be reached from the variables in scope; the newest first. */
  places(fits: (type: Type) => boolean, only: (variable: Variable) => boolean = () => true): readonly Place[] {
    const found: Place[] = [];
    const visit = (place: Place, depth: number): void => {
      const { type, writable } = place;
      if (fits(type)) found.push(place);
      if (depth === 3) return;
      const inside = (inner: Type, text: Place["text"], isWritable = writable): void =>
        visit({ type: inner, text, assignable: isWritable, writable: isWritable }, depth + 1);
      if (type.kind === "record") {
        for (const field of records[type.name].fields) {
          inside(field.type, (p) => `${place.text(p)}.${field.name}`, writable && field.readonly !== true);
        }
      } else if (type.kind === "tuple") {
        type.elements.forEach((element, k) => inside(element, (p) => `${place.text(p)}[${k}]`));
      } else if (type.kind === "list" && type.length !== null) {
        const { length } = type;
        inside(type.element, (p) => `${place.text(p)}[${this.index(p, length)}]`);
      } else if (type.kind === "optional" && type.of.kind === "record") {
        for (const field of records[type.of.name].fields) {
          const inner: Type = { kind: "optional", of: field.type };
          visit({ type: inner, text: (p) => `${place.text(p)}?.${field.name}`, assignable: false, writable: false }, 3);
        }
      }
    };
    for (const variable of [...this.scope.variables].reverse()) {
      const { name, type, assignable, writable } = variable;
      if (only(variable)) visit({ type, assignable, writable, text: () => name }, 0);
    }
    return found;
  }

  /** One of the places, as text. */
  place(fits: (type: Type) => boolean, more: number, select: (place: Place) => boolean = () => true): Found | null {
    const places = this.places(fits).filter(select);
    if (places.length === 0) return null;
    const picks = new Picks(more);
    const place = picks.of(places);
    return { ...place, written: place.text(picks) };
  }

  /** An index in bounds. */
  index(picks: Picks, length: number): string {
    const counters = this.scope.variables.flatMap(({ name, type }) =>
      type.kind === "integer" ? [{ name, most: type.most }] : [],
    );
    if (counters.length === 0 || picks.below(4) === 0) return String(picks.below(length));
    const { name, most } = picks.of([...counters].reverse());
    const table = this.scope.variables.find(
      ({ type }) => type.kind === "list" && type.element.kind === "integer" && type.length !== null,
    );
    const form = picks.below(9);
    if (form === 1 && most + 1 < length) return `${name} + 1`;
    if (form === 2 && most < length) return `${length - 1} - ${name}`;
    if (form === 3) return `(2 * ${name} + 1) % ${length}`;
    if (form === 4 && length === usualLength) return `${name} & 3`;
    if (form === 5 && length === usualLength && table !== undefined) return `${table.name}[${name} & 3]`;
    if (form === 6 && length === 2) return `${name} >> 1 & 1`;
    return most < length ? name : `${name} % ${length}`;
  }

  // ---- Parts of a choice --------------------------------------------------------------------------------------------

  part(one: Expression, k: number): Expression {
    return one.parts[k] ?? { ...nothing, more: one.more + 7 * k + 1 };
  }
  value(one: Statement, k: number): Expression {
    return one.values[k] ?? { ...nothing, more: one.more + 11 * k + 1 };
  }
  picks(one: Expression | Statement): Picks {
    return new Picks(one.more);
  }

  // ---- Expressions --------------------------------------------------------------------------------------------------

  number(one: Expression): string {
    return this.choose(this.numberFeatures, one) ?? "0.5";
  }

  /** What may be kept: assigned, stored, carried round a loop. Values stay small. */
  kept(one: Expression): string {
    const text = this.number(one);
    return isSmall(text) ? text : `Math.sin(${text})`;
  }
  /** A factor: between -1 and 1, or something that is kept. */
  tame(one: Expression): string {
    return this.kept(one);
  }

  /** A test. */
  condition(one: Expression): string {
    const picks = this.picks(one);
    const [a, b] = [this.part(one, 0), this.part(one, 1)];
    const compared = (): string => `${this.number(a)} ${picks.of(["<", ">", "<=", ">="])} ${this.number(b)}`;
    switch (one.pick % 16) {
      case 1:
        return `!(${compared()})`;
      case 2:
        return `${compared()} ${picks.of(["&&", "||"])} ${this.condition(this.part(one, 2))}`;
      case 3: {
        const flag = this.place(({ kind }) => kind === "boolean", one.more);
        return flag === null ? compared() : picks.one(2) ? flag.written : `!${flag.written}`;
      }
      case 4: {
        const level = this.place(({ kind }) => kind === "text", one.more);
        if (level === null) return compared();
        this.features.add("text compared");
        return `${level.written} ${picks.of(["===", "!=="])} "${picks.of(["low", "mid", "high"])}"`;
      }
      case 5:
      case 6: {
        const { name } = this.counter(picks) ?? { name: null };
        if (name === null) return compared();
        this.features.add("integer tests");
        return picks.of([
          `${name} % 2 === ${picks.below(2)}`,
          `(${name} & 1) !== 0`,
          `${name} > ${picks.below(3)}`,
          `${name} === ${picks.below(3)}`,
          `((${name} << 1) ^ 3) < 3`,
        ]);
      }
      case 7: {
        const maybe = this.place(({ kind }) => kind === "optional", one.more);
        if (maybe === null) return compared();
        this.features.add("absent or not");
        return `${maybe.written} ${picks.of(["===", "!=="])} undefined`;
      }
      case 8: {
        const list = this.place((type) => type.kind === "list" && type.element.kind === "number", one.more);
        if (list === null) return compared();
        this.features.add("some, every");
        const v = this.fresh("e");
        const bound = this.atom(b);
        return `${list.written}.${picks.of(["some", "every"])}((${v}) => ${v} ${picks.of(["<", ">"])} ${bound})`;
      }
      case 9:
        return `Number.isFinite(${this.number(a)}) && ${compared()}`;
      case 10:
        return `(${compared()}) ${picks.of(["===", "!=="])} (${this.number(b)} < ${this.number(a)})`;
      default:
        return compared();
    }
  }

  /** A name or an element: nothing happens where it is read twice. */
  atom(one: Expression): string {
    const place = this.place(({ kind }) => kind === "number", one.more);
    return place === null ? "0.25" : place.written;
  }

  /** What a function of these parameters is called with. */
  arguments(parameters: readonly Type[], one: Expression): readonly string[] {
    return parameters.map((type, k) => {
      const part = this.part(one, k);
      if (type.kind === "number") return this.kept(part);
      if (type.kind === "integer") return `${part.more % (type.most + 1)}`;
      const place = this.place(
        (other) => sameType(other, type),
        part.more,
        ({ writable }) => writable,
      );
      return place?.written ?? this.made(type, () => this.atom(part));
    });
  }

  counter(picks: Picks): { readonly name: string; readonly most: number } | null {
    const counters = this.scope.variables.flatMap(({ name, type }) =>
      type.kind === "integer" ? [{ name, most: type.most }] : [],
    );
    return counters.length === 0 ? null : picks.of([...counters].reverse());
  }

  // ---- Statements ---------------------------------------------------------------------------------------------------

  statement(one: Statement): readonly string[] {
    return this.choose(this.statementFeatures, one) ?? [";"];
  }

  /** The statements of one block, with what they declare forgotten behind it; indented. */
  block(one: Statement, k: number, change: Partial<Scope> = {}): readonly string[] {
    return this.within(change, () => indented(this.statements(one.blocks[k] ?? [])));
  }
  statements(list: readonly Statement[]): readonly string[] {
    return list.flatMap((one) => this.statement(one));
  }

  /** `return`, with a value of the type that is due here. */
  returned(one: Expression): string {
    const { result } = this.scope;
    if (result === null) return "return;";
    if (result.kind === "number") return `return ${this.number(one)};`;
    const whole = this.place((type) => sameType(type, result), one.more);
    if (whole !== null && one.pick % 3 === 0) return `return ${whole.written};`;
    let k = 0;
    return `return ${this.made(result, () => this.kept(this.part(one, k++)))};`;
  }
  /** A new value of the type. */
  made(type: Type, next: () => string): string {
    return construct(type, next, this.use);
  }

  private choose<Choice extends Expression | Statement, Text>(
    features: readonly Feature<Choice, Text>[],
    one: Choice,
  ): Text | null {
    const sum = features.reduce((total, { weight }) => total + weight, 0);
    let rest = one.pick % sum;
    let at = features.findIndex(({ weight }) => (rest -= weight) < 0);
    // Where one does not fit, its neighbour may.
    for (let tries = 0; tries < features.length; tries++, at = (at + features.length - 1) % features.length) {
      const feature = features[at];
      const before = this.scope;
      const text = feature?.render(this, one) ?? null;
      if (feature !== undefined && text !== null) {
        this.features.add(feature.name);
        return text;
      }
      this.scope = before;
    }
    return null;
  }
}

export interface Found extends Place {
  readonly written: string;
}

export const indented = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => line.split("\n").map((one) => `  ${one}`));

/** A plain name or element, a literal, or a function that stays between -1 and 1. */
const isSmall = (text: string): boolean =>
  /^-?[\w.[\]]+$/.test(text) || /^Math\.(?:sin|cos|tanh)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)$/.test(text);
