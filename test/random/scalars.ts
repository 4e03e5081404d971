/** Statements about numbers, texts and flags. */
import type { Statement } from "./choices.js";
import type { Renderer, StatementFeature } from "./renderer.js";
import { boolean, integer, number, text, type Type } from "./types.js";

const isNumber = ({ kind }: Type): boolean => kind === "number";
type Write = (r: Renderer, one: Statement) => readonly string[] | null;
const feature = (name: string, weight: number, render: Write): StatementFeature => ({ name, weight, render });

export const scalarStatements: readonly StatementFeature[] = [
  feature("assignments", 10, (r, one) => {
    const target = r.place(isNumber, one.more, ({ assignable }) => assignable);
    if (target === null) return null;
    const value = r.kept(r.value(one, 0));
    const place = target.written;
    return [
      r
        .picks(one)
        .of([
          `${place} = ${value};`,
          `${place} += 0.25 * ${value};`,
          `${place} -= 0.25 * ${value};`,
          `${place} *= Math.cos(${value});`,
          `${place} /= 1.5 + Math.cos(${value});`,
          `${place} = Math.tanh(${place} * ${value});`,
          `${place} %= 1.25;`,
          `${place} **= 2;`,
          `${place} ||= ${value};`,
          `${place} &&= ${value};`,
          `${place} = Math.sin(${place} + ${value});`,
        ]),
    ];
  }),
  feature("declarations", 6, (r, one) => {
    const value = r.kept(r.value(one, 0));
    const name = r.fresh("v");
    const keyword = r.picks(one).of(["let", "const", "let", "var"]);
    r.declare(name, number, { assignable: keyword !== "const" });
    return [`${keyword} ${name} = ${value};`];
  }),
  feature("declared first, assigned in branches", 2, (r, one) => {
    const test = r.condition(r.value(one, 0));
    const [a, b] = [r.kept(r.value(one, 1)), r.kept(r.value(one, 2))];
    const name = r.fresh("v");
    r.declare(name, number, { assignable: true });
    return [`let ${name}: number;`, `if (${test}) ${name} = ${a};`, `else ${name} = ${b};`];
  }),
  feature("several at once", 1, (r, one) => {
    const [a, b] = [r.kept(r.value(one, 0)), r.kept(r.value(one, 1))];
    const [u, v] = [r.fresh("v"), r.fresh("v")];
    r.declare(u, number, { assignable: true });
    r.declare(v, number, { assignable: true });
    return [`let ${u} = ${a}, ${v} = ${b};`];
  }),
  feature("chained assignments", 2, (r, one) => {
    const first = r.place(isNumber, one.more, ({ assignable }) => assignable);
    const second = r.place(isNumber, one.more + 1, ({ assignable }) => assignable);
    if (first === null || second === null) return null;
    const value = r.kept(r.value(one, 0));
    return [
      r
        .picks(one)
        .of([
          `${first.written} = ${second.written} = ${value};`,
          `${first.written} += ${second.written} = 0.5 * ${value};`,
          `${first.written} = ${second.written} *= Math.sin(${value});`,
        ]),
    ];
  }),
  feature("swaps", 2, (r, one) => {
    const first = r.place(isNumber, one.more, ({ assignable }) => assignable);
    const second = r.place(isNumber, one.more + 1, ({ assignable }) => assignable);
    if (first === null || second === null) return null;
    const [a, b] = [first.written, second.written];
    if (one.pick % 2 === 0) return [`[${a}, ${b}] = [${b}, ${a}];`];
    const kept = r.fresh("k");
    return [`const ${kept} = ${a};`, `${a} = ${b};`, `${b} = ${kept};`];
  }),
  feature("flags", 2, (r, one) => {
    const test = r.condition(r.value(one, 0));
    const name = r.fresh("ok");
    r.declare(name, boolean);
    return [`const ${name} = ${test};`];
  }),
  feature("flags that change", 1, (r, one) => {
    const first = r.condition(r.value(one, 0));
    const name = r.fresh("ok");
    const lines = [`let ${name}: boolean = ${first};`, `if (${r.condition(r.value(one, 1))}) ${name} = !${name};`];
    r.declare(name, boolean);
    return lines;
  }),
  feature("texts", 2, (r, one) => {
    const test = r.condition(r.value(one, 0));
    const level = r.use("Level");
    const name = r.fresh("level");
    const isChanged = one.more % 2 === 0;
    const lines = isChanged
      ? [`let ${name}: ${level} = "low";`, `if (${test}) ${name} = "high";`]
      : [`const ${name}: ${level} = ${test} ? "mid" : "high";`];
    r.declare(name, text);
    return lines;
  }),
  feature("integers from numbers", 2, (r, one) => {
    const value = r.number(r.value(one, 0));
    const name = r.fresh("q");
    const form = r
      .picks(one)
      .of([
        `Math.abs(Math.floor(2 * ${value})) % 4`,
        `(${value} > 0.25 ? 2 : 1)`,
        `Math.round(4 * ${value}) & 3`,
        `(3 * ${value}) & 3`,
      ]);
    r.declare(name, integer(3));
    return [`const ${name} = ${form};`];
  }),
  feature("a counter moved in an index", 2, (r, one) => {
    const lists = r.places((type) => type.kind === "list" && type.length === 4 && isNumber(type.element));
    const writable = lists.filter(
      (place) => place.writable && place.type.kind === "list" && place.type.container !== "Int32Array",
    );
    if (writable.length === 0) return null;
    const picks = r.picks(one);
    const list = picks.of(writable).text(picks);
    const k = r.fresh("p");
    const first = r.kept(r.value(one, 0));
    const second = r.kept(r.value(one, 1));
    return [`let ${k} = 0;`, `${list}[${k}++] = ${first};`, `${list}[++${k}] += 0.25 * ${second} + ${list}[${k}--];`];
  }),
  feature("a statement of an expression", 1, (r, one) => [`${r.number(r.value(one, 0))};`.replace(/^[[(`]/, ";$&")]),
  feature("printing", 0.3, (r, one) => [`console.log("at", ${r.number(r.value(one, 0))});`]),
];
