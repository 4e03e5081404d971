/** The forms of an expression that gives a number. The first is the plainest: shrinking ends there. */
import type { Expression } from "./choices.js";
import type { NumberFeature, Renderer } from "./renderer.js";
import type { Type } from "./types.js";

const isNumber = ({ kind }: Type): boolean => kind === "number";
const isOptionalNumber = (type: Type): boolean => type.kind === "optional" && type.of.kind === "number";
const isNumbers = (type: Type): boolean =>
  type.kind === "list" && type.element.kind === "number" && type.container !== "Int32Array";
const isFilled = (type: Type): boolean => isNumbers(type) && type.kind === "list" && type.length !== null;
const isRecord =
  (name: string) =>
  (type: Type): boolean =>
    type.kind === "record" && type.name === name;
const isListOf =
  (name: string) =>
  (type: Type): boolean =>
    type.kind === "list" && isRecord(name)(type.element) && type.length !== null;

/** `filter` makes a plain array of a plain array. */
const filters = (type: Type, list: string, v: string, bound: string, r: Renderer): readonly string[] =>
  type.kind === "list" && (type.container === "Array" || type.container === "ReadonlyArray")
    ? [
        `${list}.filter((${v}) => ${v} > ${bound}).length * 0.125`,
        `${r.use("total")}(${list}.filter((${v}) => ${v} < ${bound}))`,
      ]
    : [];

type Write = (r: Renderer, one: Expression) => string | null;
const feature = (name: string, weight: number, render: Write): NumberFeature => ({ name, weight, render });

const sub = (r: Renderer, one: Expression, k: number): string => r.number(r.part(one, k));
const kept = (r: Renderer, one: Expression, k: number): string => r.kept(r.part(one, k));

/** Functions of Math that take any number. */
const anyForms: readonly ((a: string) => string)[] = [
  ...["sin", "cos", "tanh", "abs", "atan", "asinh", "sin"].map((name) => (a: string) => `Math.${name}(${a})`),
  (a) => `0.125 * Math.floor(3 * ${a})`,
  (a) => `0.125 * Math.ceil(${a})`,
  (a) => `0.125 * Math.round(2 * ${a})`,
  (a) => `0.25 * Math.trunc(${a})`,
  (a) => `0.25 * Math.sign(${a})`,
  (a) => `0.01 * Math.clz32(${a})`,
];
/** Functions of Math at a name or an element, where they are defined and smooth. */
const smoothForms: readonly ((s: string) => string)[] = [
  (s) => `Math.exp(Math.sin(${s}))`,
  (s) => `Math.sqrt(0.5 + ${s} ** 2)`,
  (s) => `Math.log(1.5 + ${s} * ${s})`,
  (s) => `Math.acos(0.9 * Math.sin(${s}))`,
  (s) => `Math.asin(0.9 * Math.sin(${s}))`,
  (s) => `Math.acosh(1.5 + ${s} ** 2)`,
  (s) => `Math.atanh(0.9 * Math.sin(${s}))`,
  (s) => `Math.cbrt(0.5 + ${s} * ${s})`,
  (s) => `Math.cosh(Math.sin(${s}))`,
  (s) => `Math.sinh(Math.sin(${s}))`,
  (s) => `Math.expm1(Math.sin(${s}))`,
  (s) => `Math.log1p(${s} ** 2)`,
  (s) => `Math.log2(1.25 + ${s} ** 2)`,
  (s) => `Math.log10(1.25 + ${s} ** 2)`,
  (s) => `Math.tan(Math.sin(${s}))`,
  (s) => `(0.5 + ${s} ** 2) ** 1.5`,
  (s) => `Math.pow(${s}, 3)`,
  (s) => `${s} ** 2`,
];
const parenthesized = (text: string): string => (text.startsWith("-") ? `(${text})` : text);

export const numberFeatures: readonly NumberFeature[] = [
  feature("a variable, an element or a field", 30, (r, one) => {
    return r.place(isNumber, one.more)?.written ?? null;
  }),
  feature("a literal", 6, (r, one) => `${(r.picks(one).below(9) + 1) / 4}`),
  feature("a counter", 3, (r, one) => {
    const counter = r.counter(r.picks(one));
    return counter === null ? null : `0.25 * ${counter.name}`;
  }),
  feature("sums", 16, (r, one) => `(${sub(r, one, 0)} ${r.picks(one).of(["+", "-", "+"])} ${sub(r, one, 1)})`),
  feature("products", 14, (r, one) => `${kept(r, one, 0)} * ${kept(r, one, 1)}`),
  feature("quotients", 5, (r, one) => `(${sub(r, one, 0)} / (1 + ${parenthesized(kept(r, one, 1))} ** 2))`),
  feature("negation", 2, (r, one) => `(-(${sub(r, one, 0)}))`),
  feature("remainders", 2, (r, one) => `(${sub(r, one, 0)} % (1.25 + ${parenthesized(kept(r, one, 1))} ** 2))`),
  feature("functions of Math", 8, (r, one) => r.picks(one).of(anyForms)(sub(r, one, 0))),
  feature("smooth functions of Math", 8, (r, one) => r.picks(one).of(smoothForms)(r.atom(r.part(one, 0)))),
  feature("max, min, hypot, atan2", 6, (r, one) => {
    const [a, b] = [sub(r, one, 0), sub(r, one, 1)];
    return r
      .picks(one)
      .of([
        `Math.max(${a}, ${b})`,
        `Math.min(${a}, ${b})`,
        `Math.max(${a}, 0.1, ${b})`,
        `Math.hypot(${a}, 1, ${b})`,
        `Math.hypot(${a}, 1)`,
        `Math.atan2(${a}, 1.5 + Math.sin(${b}))`,
        `Math.pow(1.5 + Math.sin(${a}), Math.cos(${b}))`,
        `Math.min(${a}, Math.max(${b}, -0.75))`,
      ]);
  }),
  feature("conditional expressions", 7, (r, one) => {
    const test = r.condition(r.part(one, 0));
    return `(${test} ? ${sub(r, one, 1)} : ${sub(r, one, 2)})`;
  }),
  feature("&& and || as values", 3, (r, one) => {
    const operator = r.picks(one).of(["&&", "||"]);
    return `(${r.atom(r.part(one, 0))} ${operator} ${sub(r, one, 1)})`;
  }),
  feature("?? and ?.", 5, (r, one) => {
    const maybe = r.place(isOptionalNumber, one.more);
    return maybe === null ? null : `(${maybe.written} ?? ${sub(r, one, 0)})`;
  }),
  feature("a choice by text", 2, (r, one) => {
    const level = r.place(
      ({ kind }) => kind === "text",
      one.more,
      ({ type }) => type.kind === "text",
    );
    if (level === null || level.written.endsWith("label")) return null;
    return `(${level.written} === "mid" ? ${sub(r, one, 0)} : ${sub(r, one, 1)})`;
  }),
  feature("assignments as values", 4, (r, one) => {
    const target = r.place(isNumber, one.more, ({ assignable }) => assignable);
    if (target === null) return null;
    const value = kept(r, one, 0);
    return r
      .picks(one)
      .of([
        `(${target.written} = ${value})`,
        `(${target.written} += 0.25 * ${value})`,
        `(${target.written} = ${value}, ${target.written} * 0.5)`,
        `${target.written}++`,
        `--${target.written}`,
        `(${target.written} *= Math.cos(${value}))`,
      ]);
  }),
  feature("module constants", 3, (r, one) => {
    const picks = r.picks(one);
    switch (picks.below(4)) {
      case 0:
        return r.use("RATE");
      case 1:
        return `${r.use("WEIGHTS")}[${r.index(picks, 4)}]`;
      case 2:
        return `${r.use("KERNEL")}[${r.index(picks, 4)}]`;
      default:
        return `2 * ${r.use("TABLE")}.high`;
    }
  }),
  feature("integer arithmetic", 3, (r, one) => {
    const counter = r.counter(r.picks(one));
    if (counter === null) return null;
    const { name } = counter;
    return r
      .picks(one)
      .of([
        `0.25 * (${name} | 1)`,
        `0.125 * (${name} ^ 5)`,
        `0.125 * (~${name} & 7)`,
        `0.25 * (${name} >> 1)`,
        `0.0625 * (${name} << 2)`,
        `0.125 * Math.imul(${name}, 3)`,
        `0.5 * (${name} % 3)`,
        `0.125 * (-${name} >>> 30)`,
      ]);
  }),
  feature("calls of small functions", 6, (r, one) => {
    const picks = r.picks(one);
    const [a, b] = [kept(r, one, 0), kept(r, one, 1)];
    return picks.of([
      (): string => `${r.use("blend")}(${a}, ${b})`,
      (): string => `${r.use("clamp")}(${a})`,
      (): string => `${r.use("clamp")}(${a}, -0.5, 1.5)`,
      (): string => `${r.use("weigh")}(${a}, ${b})`,
      (): string => `${r.use("weigh")}(${a})`,
      (): string => `${r.use("weigh")}(${a}, undefined, ${b})`,
      (): string => `${r.use("settle")}(Math.cos(${a}))`,
      (): string => `${r.use("mean")}(${a}, ${b}, 0.5)`,
      (): string => `${r.use("polar")}(${a}, ${b})[${picks.below(2)}]`,
    ])();
  }),
  feature("recursive functions", 3, (r, one) => {
    const picks = r.picks(one);
    const depth = r.counter(picks)?.name ?? "2";
    const a = kept(r, one, 0);
    const list = r.place(isNumbers, one.more);
    return picks.of([
      (): string => `${r.use("nested")}(${a}, ${depth})`,
      (): string => `${r.use("halves")}(${a}, ${kept(r, one, 1)})`,
      (): string => `${r.use("even")}(${a}, ${depth})`,
      (): string => (list === null ? `${r.use("odd")}(${a}, 3)` : `${r.use("sumFrom")}(${list.written}, 0)`),
    ])();
  }),
  feature("functions made here", 7, (r, one) => {
    const callables = r.scope.callables.filter(({ result }) => result === "number");
    if (callables.length === 0) return null;
    const { name, parameters } = r.picks(one).of([...callables].reverse());
    return `${name}(${r.arguments(parameters, one).join(", ")})`;
  }),
  feature("functions handed over", 3, (r, one) => {
    const picks = r.picks(one);
    const t = r.fresh("t");
    const inner = r.within({ result: { kind: "number" } }, () => {
      r.declare(t, { kind: "number" });
      return r.number(r.part(one, 0));
    });
    const a = kept(r, one, 1);
    return picks.of([
      (): string => `${r.use("integrate")}((${t}) => ${inner}, ${a}, 3)`,
      (): string => `${r.use("twice")}(${a}, (${t}: number) => Math.sin(${inner}))`,
      (): string => `${r.use("line")}(${a})(0.5)`,
      (): string => `((${t}: number): number => ${inner})(${a})`,
      (): string => `${r.use("integrate")}(${r.use("line")}(${a}, 0.5), 0.25, 2)`,
      (): string => `${r.use("integrate")}(Math.sin, ${a}, 3)`,
    ])();
  }),
  feature("reduce", 3, (r, one) => {
    const list = r.place(isNumbers, one.more);
    if (list === null) return null;
    const [sum, v] = [r.fresh("sum"), r.fresh("v")];
    const factor = r.atom(r.part(one, 0));
    const k = r.fresh("k");
    return r
      .picks(one)
      .of([
        `${list.written}.reduce((${sum}, ${v}) => ${sum} + ${v} * ${factor}, 0)`,
        `${list.written}.reduce((${sum}, ${v}) => Math.max(${sum}, ${v}), -5)`,
        `${list.written}.reduce((${sum}, ${v}, ${k}) => ${sum} + ${v} / (${k} + 1), ${factor})`,
        `${list.written}.reduceRight((${sum}, ${v}) => 0.5 * ${sum} + ${v}, 0.25)`,
        `Math.sin(${list.written}.reduce((${sum}, ${v}) => ${sum} * Math.cos(${v}), 1))`,
      ]);
  }),
  feature("map, filter, slice, find in an expression", 4, (r, one) => {
    const list = r.place(isFilled, one.more);
    if (list === null) return null;
    const picks = r.picks(one);
    const v = r.fresh("v");
    const inner = r.within({}, () => {
      r.declare(v, { kind: "number" });
      return r.number(r.part(one, 0));
    });
    const bound = r.atom(r.part(one, 1));
    return picks.of([
      `${list.written}.map((${v}) => ${inner})[${picks.below(4)}]`,
      ...filters(list.type, list.written, v, bound, r),
      `(${list.written}.find((${v}) => ${v} > ${bound}) ?? 0.5)`,
      `0.125 * ${list.written}.findIndex((${v}) => ${v} > ${bound})`,
      `${r.use("total")}(${list.written}.slice(${picks.below(3)}))`,
      `${r.use("total")}(${list.written}.map((${v}) => Math.sin(${inner})))`,
      `${list.written}.at(-1)! * 0.5`,
      `Math.max(...${list.written})`,
      `Math.min(...${list.written}, ${bound})`,
      `${r.use("total")}(Array.from({ length: 3 }, (_, ${v}) => Math.sin(${bound} + ${v})))`,
      `${r.use("smooth")}(${list.written})[${picks.below(4)}]`,
      `${r.use("total")}([...${list.written}, ${bound}])`,
    ]);
  }),
  feature("methods of objects", 4, (r, one) => {
    const picks = r.picks(one);
    const [a, b] = [kept(r, one, 0), kept(r, one, 1)];
    const vec = r.place(isRecord("Vec"), one.more)?.written ?? `new ${r.use("Vec")}(${a}, 0.5)`;
    r.use("Vec");
    return picks.of([
      (): string => `${vec}.length`,
      (): string => `${vec}.dot(new Vec(${a}, ${b}))`,
      (): string => `${vec}.plus(Vec.unit(${a})).scale(${b}).x`,
      (): string => `${vec}.scale(${a}).length`,
      (): string => `new Vec(${a}, ${b}).turn(0.5).y`,
      (): string => `new ${r.use("Bent")}(${a}, ${b}).at(0.75)`,
      (): string => `new ${r.use("Bent")}(${a}, 0.25).area(3)`,
      (): string => `new ${r.use("Running")}().add(${a}).add(${b}).mean`,
    ])();
  }),
  feature("functions of records", 4, (r, one) => {
    const body = r.place(isRecord("Body"), one.more);
    const point = r.place(isRecord("Point"), one.more);
    const points = r.place(isListOf("Point"), one.more);
    const picks = r.picks(one);
    if (body !== null && picks.one(2)) return `${r.use("energy")}(${body.written})`;
    if (points !== null) return `${r.use("nearest")}(${points.written}, ${kept(r, one, 0)}).y`;
    if (point !== null) return `${r.use("middle")}(${point.written}, { x: ${kept(r, one, 0)}, y: 0.5 }).x`;
    return null;
  }),
  feature("reduce over records and rows", 3, (r, one) => {
    const [sum, v] = [r.fresh("sum"), r.fresh("v")];
    const bodies = r.place(isListOf("Body"), one.more);
    const points = r.place(isListOf("Point"), one.more);
    const rows = r.place((type) => type.kind === "list" && isFilled(type.element), one.more);
    const found = r
      .picks(one)
      .of([
        bodies === null ? null : `${bodies.written}.reduce((${sum}, ${v}) => ${sum} + ${v}.mass * ${v}.at.x, 0)`,
        points === null ? null : `${points.written}.reduce((${sum}, { x, y }) => ${sum} + x * y, 0)`,
        rows === null ? null : `${rows.written}.reduce((${sum}, ${v}) => ${sum} + ${v}[0] * ${v}[1], 0)`,
        rows === null ? null : `${r.use("total")}(${rows.written}.flatMap((${v}) => [...${v}]))`,
        bodies === null ? null : `${r.use("total")}(${bodies.written}.map(({ at: { x }, mass: ${v} }) => x * ${v}))`,
      ]);
    return found;
  }),
  feature("random numbers", 0.25, () => "0.5 * Math.random()"),
];
