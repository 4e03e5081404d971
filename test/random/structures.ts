/** Records, tuples and objects of classes. */
import type { Statement } from "./choices.js";
import { indented, type Found, type Renderer, type StatementFeature } from "./renderer.js";
import { integer, list, number, record, records, sameType, tuple, type RecordName, type Type } from "./types.js";

type Write = (r: Renderer, one: Statement) => readonly string[] | null;
const feature = (name: string, weight: number, render: Write): StatementFeature => ({ name, weight, render });

const isRecord = (type: Type): boolean => type.kind === "record";
const isOf =
  (name: RecordName) =>
  (type: Type): boolean =>
    type.kind === "record" && type.name === name;
const isListOfRecords = (type: Type): boolean =>
  type.kind === "list" && type.element.kind === "record" && type.length !== null;
const isOptionalNumber = (type: Type): boolean => type.kind === "optional" && type.of.kind === "number";

/** Numbers for the parts of something made here. */
function supply(r: Renderer, one: Statement): () => string {
  let k = 0;
  return () => {
    const text = k < 3 ? r.kept(r.value(one, k)) : r.atom({ ...r.value(one, 0), more: one.more + 13 * k });
    k++;
    return text;
  };
}
const made = (r: Renderer, one: Statement, type: Type): string => r.made(type, supply(r, one));

export const structureStatements: readonly StatementFeature[] = [
  feature("record literals", 4, (r, one) => {
    const name = r.picks(one).of<RecordName>(["Point", "Body", "Settings", "Inner", "Point", "Vec"]);
    const type = record(name);
    const text = made(r, one, type);
    const isMovable = one.pick % 2 === 0;
    const variable = r.declare(r.fresh(name.toLowerCase()), type, { assignable: isMovable });
    return [`${isMovable ? "let" : "const"} ${variable}: ${r.use(name)} = ${text};`];
  }),
  feature("records without a name for their type", 2, (r, one) => {
    const next = supply(r, one);
    const variable = r.fresh("state");
    const [a, b] = [next(), next()];
    const [u, v] = [r.fresh("v"), r.fresh("v")];
    r.declare(u, number, { assignable: true });
    r.declare(v, number, { assignable: true });
    return [
      `const ${variable} = { sum: ${a}, parts: [${b}, 0.5], inner: { count: 0 } };`,
      `${variable}.sum += ${variable}.parts[1];`,
      `${variable}.inner.count++;`,
      `${variable}.parts[0] *= ${variable}.sum;`,
      `let { sum: ${u}, parts: [${v}] } = ${variable};`,
    ];
  }),
  feature("spread of records", 2, (r, one) => {
    const source = r.place(
      isRecord,
      one.more,
      ({ type }) => type.kind === "record" && records[type.name].constructed !== true,
    );
    if (source?.type.kind !== "record") return null;
    const field = records[source.type.name].fields.find(({ type }) => type.kind === "number");
    if (field === undefined) return null;
    const value = r.kept(r.value(one, 0));
    const name = r.declare(r.fresh("copy"), source.type, { assignable: true, writable: source.writable });
    return [`let ${name}: ${r.spell(source.type)} = { ...${source.written}, ${field.name}: ${value} };`];
  }),
  feature("destructuring of records", 3, (r, one) => {
    const point = r.place(isOf("Point"), one.more);
    const body = r.place(isOf("Body"), one.more);
    const settings = r.place(isOf("Settings"), one.more);
    const next = (): string => r.fresh("v");
    const [u, v, w] = [next(), next(), next()];
    const form = r
      .picks(one)
      .of([
        body === null ? null : `{ mass: ${u}, at: { x: ${v} }, drag: ${w} = 0.25 } = ${body.written}`,
        settings === null
          ? null
          : `{ gain: ${u}, offset: ${v} = ${u} * 0.5, inner: { scale: ${w} } = { scale: 0.75 } } = ${settings.written}`,
        point === null ? null : `{ x: ${u}, y: ${v} } = ${point.written}, ${w} = ${u} * ${v}`,
      ]);
    if (form === null) return null;
    [u, v, w].forEach((name) => r.declare(name, number));
    return [`const ${form};`];
  }),
  feature("destructuring of arrays", 2, (r, one) => {
    const source = r.place(
      (type) => type.kind === "list" && type.element.kind === "number" && type.length === 4,
      one.more,
    );
    if (source === null) return null;
    const [u, v] = [r.fresh("v"), r.fresh("v")];
    if (one.more % 3 === 0 && source.type.kind === "list" && source.type.container === "Array") {
      r.declare(v, list(number, "Array", 3));
      r.declare(u, number);
      return [`const [${u}, ...${v}] = ${source.written};`];
    }
    r.declare(u, number, { assignable: true });
    r.declare(v, number, { assignable: true });
    return [`let [${u}, , ${v} = 0.5] = ${source.written};`];
  }),
  feature("tuples", 3, (r, one) => {
    const next = supply(r, one);
    const [a, b] = [next(), next()];
    const pair = r.fresh("pair");
    switch (one.pick % 4) {
      case 0: {
        const [u, v] = [
          r.declare(r.fresh("v"), number, { assignable: true }),
          r.declare(r.fresh("v"), number, { assignable: true }),
        ];
        return [`let [${u}, ${v}] = ${r.use("polar")}(${a}, ${b});`];
      }
      case 1:
        r.declare(pair, tuple(number, record("Point")));
        return [`const ${pair}: [number, ${r.use("Point")}] = [${a}, { x: ${b}, y: 0.5 }];`];
      case 2:
        r.declare(pair, list(tuple(number, number), "Array", 2));
        return [`const ${pair}: [number, number][] = [[${a}, ${b}], [0.25, ${a}]];`];
      default:
        r.declare(pair, tuple(number, number));
        return [`const ${pair}: [number, number] = [${a}, ${b}];`];
    }
  }),
  feature("optional fields set", 2, (r, one) => {
    const maybe = r.place(isOptionalNumber, one.more, ({ assignable }) => assignable);
    if (maybe === null) return null;
    const value = r.kept(r.value(one, 0));
    return [
      r
        .picks(one)
        .of([
          `${maybe.written} = ${value};`,
          `${maybe.written} ??= ${value};`,
          `if (${maybe.written} === undefined) ${maybe.written} = ${value};`,
          `${maybe.written} = (${maybe.written} ?? 0.5) * ${value};`,
        ]),
    ];
  }),
  feature("second names of records", 2, (r, one) => {
    const source = r.place(isRecord, one.more);
    if (source === null) return null;
    const isMovable = one.pick % 2 === 0;
    const name = r.declare(r.fresh("it"), source.type, { assignable: isMovable, writable: source.writable });
    return [`${isMovable ? "let" : "const"} ${name} = ${source.written};`];
  }),
  feature("a record chosen by a test", 2, (r, one) => {
    const pair = twoOfOneType(r, one);
    if (pair === null) return null;
    const [first, second] = pair;
    const test = r.condition(r.value(one, 0));
    const name = r.declare(r.fresh("chosen"), first.type, { writable: first.writable && second.writable });
    if (one.pick % 2 === 0) return [`const ${name} = ${test} ? ${first.written} : ${second.written};`];
    return [`let ${name} = ${first.written};`, `if (${test}) ${name} = ${second.written};`];
  }),
  feature("records put into fields and elements", 2, (r, one) => {
    const target = r.place(isRecord, one.more, ({ assignable, writable }) => assignable && writable);
    if (target === null) return null;
    const source = r.place(
      (type) => sameType(type, target.type),
      one.more + 5,
      ({ writable }) => writable,
    );
    const text = one.pick % 2 === 0 || source === null ? made(r, one, target.type) : source.written;
    return [`${target.written} = ${text};`];
  }),
  feature("records exchanged", 1, (r, one) => {
    const pair = twoOfOneType(r, one);
    if (pair === null) return null;
    const [first, second] = pair;
    if (!first.assignable || !second.assignable || !first.writable || !second.writable) return null;
    return [`[${first.written}, ${second.written}] = [${second.written}, ${first.written}];`];
  }),
  feature("the best of a list", 2, (r, one) => {
    const source = r.place(isListOfRecords, one.more);
    if (source?.type.kind !== "list" || source.type.element.kind !== "record") return null;
    const { element } = source.type;
    const field = records[element.name].fields.find(({ type }) => type.kind === "number")?.name ?? "x";
    const [best, e] = [r.fresh("best"), r.fresh("e")];
    r.declare(best, element, { writable: source.writable });
    return [
      `let ${best} = ${source.written}[0];`,
      `for (const ${e} of ${source.written}) {`,
      `  if (${e}.${field} > ${best}.${field}) ${best} = ${e};`,
      "}",
    ];
  }),
  feature("lists of records made", 2, (r, one) => {
    const next = supply(r, one);
    const [a, b] = [next(), next()];
    const name = r.fresh("points");
    const k = r.fresh("k");
    const point = r.use("Point");
    const source = r.place(isListOfRecords, one.more, ({ type }) => type.kind === "list" && isOf("Body")(type.element));
    const row = r.place(
      (type) =>
        type.kind === "list" && type.element.kind === "number" && type.length === 4 && type.container === "Array",
      one.more,
    );
    const forms: readonly (readonly [string, number | null])[] = [
      [`[{ x: ${a}, y: ${b} }, { x: 0.5, y: ${a} }]`, 2],
      [`Array.from({ length: 3 }, (_, ${k}) => ({ x: ${a} + ${k}, y: ${b} }))`, 3],
      ...(source === null
        ? []
        : ([
            [`${source.written}.map(({ at, mass }) => ({ x: at.x * mass, y: at.y }))`, 3],
            [`${source.written}.filter(({ mass }) => mass > 0.5).map(({ at }) => at)`, null],
          ] as const)),
      ...(row === null ? [] : ([[`${row.written}.map((${k}) => ({ x: ${k}, y: Math.sin(${k}) }))`, 4]] as const)),
    ];
    const [text, length] = r.picks(one).of(forms);
    r.declare(name, list(record("Point"), "Array", length));
    return [`const ${name}: ${point}[] = ${text};`];
  }),
  feature("records pushed", 2, (r, one) => {
    const points = r.fresh("points");
    const [i, e, sum] = [r.fresh("i"), r.fresh("e"), r.fresh("sum")];
    const [x, y, test] = r.within({}, () => {
      r.declare(i, integer(2));
      return [r.kept(r.value(one, 0)), r.kept(r.value(one, 1)), r.condition(r.value(one, 2))];
    });
    r.declare(sum, number, { assignable: true });
    return [
      `const ${points}: ${r.use("Point")}[] = [];`,
      `for (let ${i} = 0; ${i} < 3; ${i}++) {`,
      `  if (${test}) ${points}.push({ x: ${x}, y: ${y} });`,
      "}",
      `let ${sum} = 0;`,
      `for (const ${e} of ${points}) {`,
      `  ${e}.x *= 0.5;`,
      `  ${sum} += ${e}.x * ${e}.y;`,
      "}",
    ];
  }),
  feature("steps over records", 3, (r, one) => {
    const source = r.place(
      isListOfRecords,
      one.more,
      ({ type, writable }) => writable && type.kind === "list" && isOf("Body")(type.element),
    );
    if (source === null) return null;
    const e = r.fresh("e");
    const lines = r.within({ loops: [...r.scope.loops, ""] }, () => {
      r.declare(e, record("Body"));
      return [
        `  ${e}.velocity.y -= 0.25 * ${r.kept(r.value(one, 0))};`,
        `  ${e}.at.x += 0.1 * ${e}.velocity.y;`,
        ...indented(r.statements(one.blocks[0] ?? [])),
      ];
    });
    return [`for (const ${e} of ${source.written}) {`, ...lines, "}"];
  }),
  feature("procedures on records", 2, (r, one) => {
    const body = r.place(isOf("Body"), one.more, ({ writable }) => writable);
    if (body === null) return null;
    return [`${r.use("kick")}(${body.written}, ${r.kept(r.value(one, 0))});`];
  }),
  feature("methods that change their object", 3, (r, one) => {
    const next = supply(r, one);
    const [a, b] = [next(), next()];
    const vec = r.place(isOf("Vec"), one.more, ({ writable }) => writable);
    const running = r.place(isOf("Running"), one.more, ({ writable }) => writable);
    const picks = r.picks(one);
    if (running !== null && picks.below(2) === 0) return [`${running.written}.add(${a});`];
    if (vec !== null && picks.below(2) === 0) {
      return [
        picks.of([
          `${vec.written}.turn(${a});`,
          `${vec.written}.angle = ${a};`,
          `${vec.written}.turn(0.5).turn(${b});`,
        ]),
      ];
    }
    if (picks.below(2) === 0) {
      const name = r.declare(r.fresh("running"), record("Running"));
      const i = r.fresh("i");
      return [
        `const ${name} = new ${r.use("Running")}();`,
        `for (let ${i} = 0; ${i} < 3; ${i}++) ${name}.add(${a} * ${i}).add(${b});`,
      ];
    }
    const name = r.declare(r.fresh("vec"), record("Vec"), { assignable: true });
    return [`let ${name} = new ${r.use("Vec")}(${a}, ${b}).scale(0.5);`];
  }),
];

function twoOfOneType(r: Renderer, one: Statement): readonly [Found, Found] | null {
  const first = r.place(isRecord, one.more);
  if (first === null) return null;
  const second = r.place((type) => sameType(type, first.type), one.more + 5);
  return second === null ? null : [first, second];
}
