/** Arrays: made, written, aliased, exchanged, lengthened, walked. */
import type { Statement } from "./choices.js";
import { indented, type Renderer, type StatementFeature } from "./renderer.js";
import { floats, integer, list, number, numbers, sameType, usualLength, type Type } from "./types.js";

type Write = (r: Renderer, one: Statement) => readonly string[] | null;
const feature = (name: string, weight: number, render: Write): StatementFeature => ({ name, weight, render });

const isFloats = (type: Type): boolean =>
  type.kind === "list" && type.element.kind === "number" && type.container !== "Int32Array";
const isKnown = (type: Type): boolean => isFloats(type) && type.kind === "list" && type.length === usualLength;
const isRows = (type: Type): boolean => type.kind === "list" && type.element.kind === "list" && type.length !== null;
const growing = list(number, "Array", null);

export const listStatements: readonly StatementFeature[] = [
  feature("stores to elements", 6, (r, one) => {
    const places = r.places(isKnown).filter(({ writable }) => writable);
    if (places.length === 0) return null;
    const picks = r.picks(one);
    const place = `${picks.of(places).text(picks)}[${r.index(picks, usualLength)}]`;
    const value = r.kept(r.value(one, 0));
    return [
      picks.of([
        `${place} = ${value};`,
        `${place} += 0.25 * ${value};`,
        `${place} *= Math.cos(${value});`,
        `${place} = Math.sin(${place} + ${value});`,
        `${place} -= 0.125 * ${value};`,
      ]),
    ];
  }),
  feature("arrays made", 4, (r, one) => {
    const [a, b] = [r.kept(r.value(one, 0)), r.kept(r.value(one, 1))];
    const source = r.place(isKnown, one.more)?.written;
    const picks = r.picks(one);
    const k = r.fresh("k");
    const typed: readonly string[] = [
      `new Float64Array(${usualLength})`,
      `new Float64Array(${usualLength}).fill(${a})`,
      `Float64Array.from([${a}, ${b}, 0.25, ${a}])`,
      `Float64Array.of(${a}, 0.5, ${b}, 0.75)`,
      `Float64Array.from({ length: ${usualLength} }, (_, ${k}) => Math.sin(${a} + ${k}))`,
      ...(source === undefined
        ? []
        : [
            `new Float64Array(${source})`,
            `${r.use("smooth")}(${source})`,
            `Float64Array.from(${source}, (${k}) => Math.sin(${k} * 2))`,
          ]),
    ];
    const plain: readonly string[] = [
      `[${a}, ${b}, 0.25, ${a}]`,
      `new Array<number>(${usualLength}).fill(${a})`,
      `Array.from({ length: ${usualLength} }, (_, ${k}) => 0.5 * ${k} - Math.cos(${a}))`,
      ...(source === undefined ? [] : [`[...${source}]`, `Array.from(${source})`, `[${a}, ...${source}.slice(1)]`]),
    ];
    const isTyped = one.pick % 2 === 0;
    const isMovable = picks.one(2);
    const made = picks.of(isTyped ? typed : plain);
    const type = isTyped ? floats : numbers;
    const name = r.declare(r.fresh("r"), type, { assignable: isMovable });
    return [`${isMovable ? "let" : "const"} ${name}: ${r.spell(type)} = ${made};`];
  }),
  feature("single precision", 0.3, (r, one) => {
    const a = r.kept(r.value(one, 0));
    const name = r.declare(r.fresh("single"), list(number, "Float32Array", usualLength));
    return [`const ${name} = new Float32Array(${usualLength}).fill(${a});`];
  }),
  feature("integer arrays", 1, (r, one) => {
    const name = r.declare(r.fresh("order"), list(integer(3), "Int32Array", usualLength), { writable: false });
    const k = one.more % 4;
    const lines = [`const ${name} = new Int32Array([3, 1, 0, 2]);`];
    if (one.more % 3 === 0) lines.push(`${name}[${k}] = (${name}[${k}] + 1) & 3;`);
    return lines;
  }),
  feature("copies by slice, map, concat", 3, (r, one) => {
    const source = r.place(isKnown, one.more);
    if (source?.type.kind !== "list") return null;
    const v = r.fresh("e");
    const k = r.fresh("k");
    const inner = r.within({}, () => {
      r.declare(v, number);
      r.declare(k, integer(3));
      return r.kept(r.value(one, 0));
    });
    const isTyped = source.type.container === "Float64Array" || source.type.container === "Float32Array";
    const forms = [
      `${source.written}.slice()`,
      `${source.written}.map((${v}) => ${inner.replace(new RegExp(`\\b${k}\\b`, "g"), "1")})`,
      `${source.written}.map((${v}, ${k}) => ${inner})`,
      ...(isTyped
        ? []
        : [
            `[...${source.written}].reverse()`,
            `${source.written}.slice(0, 2).concat(${source.written}.slice(2))`,
            `${source.written}.slice(1).concat([0.5])`,
          ]),
    ];
    const type = list(number, isTyped ? source.type.container : "Array", usualLength);
    const name = r.declare(r.fresh("r"), type);
    return [`const ${name} = ${r.picks(one).of(forms)};`];
  }),
  feature("filter", 2, (r, one) => {
    const source = r.place(isFloats, one.more, ({ type }) => type.kind === "list" && type.container === "Array");
    if (source === null) return null;
    const v = r.fresh("e");
    const test = r.within({}, () => {
      r.declare(v, number);
      return r.condition(r.value(one, 0));
    });
    const name = r.declare(r.fresh("kept"), growing, { grows: true });
    return [`const ${name} = ${source.written}.filter((${v}) => ${test});`];
  }),
  feature("second names of arrays", 2, (r, one) => {
    const source = r.place(isKnown, one.more);
    if (source === null) return null;
    const isMovable = one.pick % 2 === 0;
    const name = r.declare(r.fresh("same"), source.type, { writable: source.writable, assignable: isMovable });
    return [`${isMovable ? "let" : "const"} ${name} = ${source.written};`];
  }),
  feature("an array chosen by a test", 2, (r, one) => {
    const first = r.place(isKnown, one.more);
    if (first === null) return null;
    const second = r.place((type) => sameType(type, first.type), one.more + 5);
    if (second === null) return null;
    const test = r.condition(r.value(one, 0));
    const name = r.declare(r.fresh("chosen"), first.type, { writable: first.writable && second.writable });
    if (one.pick % 2 === 0) return [`const ${name} = ${test} ? ${first.written} : ${second.written};`];
    return [`let ${name} = ${first.written};`, `if (${test}) ${name} = ${second.written};`];
  }),
  feature("buffers exchanged", 2, (r, one) => {
    const first = r.place(isKnown, one.more, ({ assignable, writable }) => assignable && writable);
    if (first === null) return null;
    const fits = (type: Type): boolean => sameType(type, first.type);
    const second = r.place(fits, one.more + 5, ({ assignable, writable }) => assignable && writable);
    if (second === null) return null;
    if (one.pick % 3 === 0) return [`[${first.written}, ${second.written}] = [${second.written}, ${first.written}];`];
    if (one.pick % 3 === 1) return [`${first.written} = ${second.written};`];
    const kept = r.fresh("s");
    return [
      `const ${kept} = ${first.written};`,
      `${first.written} = ${second.written};`,
      `${second.written} = ${kept};`,
    ];
  }),
  feature("rows", 3, (r, one) => {
    const rows = r.place(isRows, one.more);
    if (rows?.type.kind !== "list") return null;
    const picks = r.picks(one);
    const length = rows.type.length ?? 2;
    const [i, j] = [r.index(picks, length), r.index(picks, length)];
    const name = r.fresh("row");
    const value = r.kept(r.value(one, 0));
    const v = r.fresh("e");
    switch (picks.below(rows.writable ? 4 : 1)) {
      case 1:
        return [
          `const ${name} = ${rows.written}[${i}];`,
          `${rows.written}[${i}] = ${rows.written}[${j}];`,
          `${rows.written}[${j}] = ${name};`,
        ];
      case 2:
        if (rows.type.element.kind !== "list") break;
        return [`${rows.written}[${i}] = ${rows.written}[${i}].map((${v}) => ${v} * 0.5 + Math.sin(${value}));`];
      case 3:
        return [`[${rows.written}[${i}], ${rows.written}[${j}]] = [${rows.written}[${j}], ${rows.written}[${i}]];`];
      default:
    }
    r.declare(name, rows.type.element, { writable: rows.writable });
    return [`const ${name} = ${rows.written}[${i}];`];
  }),
  feature("matrices made", 2, (r, one) => {
    const value = r.kept(r.value(one, 0));
    const name = r.fresh("m");
    const k = r.fresh("k");
    const source = r.place(isKnown, one.more);
    const forms: readonly (readonly [string, Type])[] = [
      [`[[${value}, 0.5, 0.25, 1], [0.75, 0.5, ${value}, 0.25]]`, numbers],
      [`Array.from({ length: 2 }, () => new Float64Array(${usualLength}))`, floats],
      [`Array.from({ length: 2 }, (_, ${k}) => [${k}, ${value}, 0.5, 0.25])`, numbers],
      ...(source?.type.kind === "list" && source.writable
        ? [[`[${source.written}, ${source.written}.slice()]`, source.type] as const]
        : []),
    ];
    const [text, row] = r.picks(one).of(forms);
    r.declare(name, list(row, "Array", 2));
    return [`const ${name}: ${r.spell(row)}[] = ${text};`];
  }),
  feature("push in loops", 3, (r, one) => {
    const name = r.fresh("list");
    const i = r.fresh("i");
    const value = r.kept(r.value(one, 0));
    const pushed = r.within({ loops: [...r.scope.loops, ""] }, () => {
      r.declare(i, integer(3));
      const test = one.more % 2 === 0 ? `if (${r.condition(r.value(one, 1))}) ` : "";
      return `${test}${name}.push(${r.kept(r.value(one, 2))});`;
    });
    r.declare(name, growing, { grows: true });
    const first = one.more % 3 === 0 ? value : "";
    return [`const ${name}: number[] = [${first}];`, `for (let ${i} = 0; ${i} < 4; ${i}++) {`, `  ${pushed}`, "}"];
  }),
  feature("push, pop, shift, unshift", 3, (r, one) => {
    const lists = r.scope.variables.filter(({ grows, name }) => grows === true && !r.scope.walked.includes(name));
    if (lists.length === 0) return null;
    const { name } = r.picks(one).of([...lists].reverse());
    const [a, b] = [r.kept(r.value(one, 0)), r.kept(r.value(one, 1))];
    const form = r.picks(one).below(8);
    if (form === 1) return [`${name}.push(${a}, ${b});`];
    if (form === 2) return [`${name}.unshift(${a});`];
    if (form === 3) return [`${name}.splice(0, 1, ${a}, ${b});`];
    if (form === 4) return [`${name}[${name}.length - 1] = ${a};`].map((text) => `if (${name}.length > 0) ${text}`);
    if (form < 7) {
      const last = r.declare(r.fresh("last"), number);
      return [`const ${last} = ${name}.${form === 5 ? "pop" : "shift"}() ?? ${a};`];
    }
    return [`${name}.push(${a});`];
  }),
  feature("a stack worked off", 1, (r, one) => {
    const [a, b] = [r.kept(r.value(one, 0)), r.kept(r.value(one, 1))];
    const [stack, top, sum, steps] = [r.fresh("stack"), r.fresh("top"), r.fresh("sum"), r.fresh("steps")];
    r.declare(sum, number, { assignable: true });
    return [
      `const ${stack} = [${a}, ${b}];`,
      `let ${sum} = 0;`,
      `let ${steps} = 0;`,
      `while (${stack}.length > 0 && ${steps}++ < 8) {`,
      `  const ${top} = ${stack}.pop()!;`,
      `  ${sum} += 0.5 * Math.sin(${top});`,
      `  if (${top} > 0.25) ${stack}.push(${top} * 0.5, ${top} - 0.75);`,
      "}",
    ];
  }),
  feature("a list added up", 3, (r, one) => {
    const lists = r.places(isFloats);
    const source = lists.length === 0 ? null : r.place(isFloats, one.more);
    if (source === null) return null;
    const sum = r.fresh("sum");
    const e = r.fresh("e");
    const i = r.fresh("i");
    r.declare(sum, number, { assignable: true });
    switch (one.pick % 4) {
      case 0:
        return [`let ${sum} = 0;`, `for (const ${e} of ${source.written}) ${sum} += 0.5 * ${e} * ${e};`];
      case 1:
        return [
          `let ${sum} = 0;`,
          `for (let ${i} = 0; ${i} < ${source.written}.length; ${i}++) ${sum} += 0.5 * ${source.written}[${i}];`,
        ];
      case 2:
        return [
          `let ${sum} = 0.5;`,
          `${source.written}.forEach((${e}, ${i}) => {`,
          `  ${sum} = Math.sin(${sum} + ${e}) * (1 + 0.1 * ${i});`,
          "});",
        ];
      default:
        return [
          `let ${sum} = ${source.written}.length > 1 ? ${source.written}[1] : 0;`,
          `for (let ${i} = ${source.written}.length - 1; ${i} > 0; ${i}--) ${sum} += ${source.written}[${i}] * ${source.written}[${i} - 1];`,
        ];
    }
  }),
  feature("forEach", 2, (r, one) => {
    const source = r.place(isKnown, one.more);
    if (source === null || r.scope.depth > 3) return null;
    const [e, k] = [r.fresh("e"), r.fresh("k")];
    const lines = r.within({ loops: [], result: null }, () => {
      r.declare(e, number);
      r.declare(k, integer(3));
      return indented(r.statements(one.blocks[0] ?? []));
    });
    return [`${source.written}.forEach((${e}, ${k}) => {`, ...lines, "});"];
  }),
  feature("sorting and filling", 2, (r, one) => {
    const source = r.place(isKnown, one.more, ({ writable }) => writable);
    if (source === null) return null;
    const value = r.kept(r.value(one, 0));
    const other = r.place(isKnown, one.more + 3);
    const isTyped = source.type.kind === "list" && source.type.container !== "Array";
    return [
      r
        .picks(one)
        .of([
          `${source.written}.fill(${value});`,
          `${source.written}.sort((a1, b1) => a1 - b1);`,
          `${source.written}.reverse();`,
          `${source.written}.fill(${value}, 1, 3);`,
          ...(isTyped && other !== null
            ? [`${source.written}.set(${other.written});`, `${source.written}.sort();`]
            : []),
        ]),
    ];
  }),
  feature("procedures on arrays", 2, (r, one) => {
    const source = r.place(isKnown, one.more, ({ writable }) => writable);
    if (source?.type.kind !== "list") return null;
    if (source.type.container === "Float32Array" || source.type.container === "ReadonlyArray") return null;
    return [`${r.use("damp")}(${source.written}, ${r.kept(r.value(one, 0))});`];
  }),
];
