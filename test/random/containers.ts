/** Tuples reached at any index, objects with open keys, Maps, instances chosen by class, arrays that get shorter or longer. */
import type { Statement } from "./choices.js";
import type { Renderer, StatementFeature } from "./renderer.js";
import { list, number, numbers, record, sameType, usualLength } from "./types.js";

type Write = (r: Renderer, one: Statement) => readonly string[] | null;
const feature = (name: string, weight: number, render: Write): StatementFeature => ({ name, weight, render });

/** Three numbers, and a variable for what comes of them. */
function supplies(r: Renderer, one: Statement): { a: string; b: string; c: string; sum: string } {
  const [a, b, c] = [0, 1, 2].map((k) => r.kept(r.value(one, k)));
  return {
    a: a ?? "0.5",
    b: b ?? "0.25",
    c: c ?? "0.75",
    sum: r.declare(r.fresh("sum"), number, { assignable: true }),
  };
}

export const containerStatements: readonly StatementFeature[] = [
  feature("tuples by any index", 2, (r, one) => {
    const { a, b, c, sum } = supplies(r, one);
    const [t, i, rest, row] = ["t", "i", "rest", "row"].map((name) => r.fresh(name));
    return [
      `const ${t}: [number, number, number] = [${a}, ${b}, 0.5];`,
      `let ${sum} = 0;`,
      ...r
        .picks(one)
        .of([
          [`for (let ${i} = 0; ${i} < ${t}.length; ${i}++) ${sum} += ${t}[${i}] * ${c};`],
          [
            `for (let ${i} = 0; ${i} < 3; ${i}++) {`,
            `  ${t}[${i}] = ${t}[(${i} + 1) % 3] * 0.5 + ${c};`,
            `  ${sum} += ${t}[0] * ${t}[${i}];`,
            "}",
          ],
          [`const [, ...${rest}] = ${t};`, `${rest}[0] *= ${c};`, `${sum} += ${rest}[0] * ${rest}[1] + ${t}[1];`],
          [
            `const ${rest} = [...${t}];`,
            `${t}[0] *= ${c};`,
            `for (const ${row} of ${rest}) ${sum} += ${row} * ${t}[0];`,
          ],
          [
            `const ${rest}: number[][] = [${t}, [${b}, ${c}, 1]];`,
            `for (const ${row} of ${rest}) for (let ${i} = 0; ${i} < 3; ${i}++) ${sum} += ${row}[${i}] * ${t}[0];`,
          ],
        ]),
    ];
  }),
  feature("objects with open keys", 2, (r, one) => {
    const { a, b, c, sum } = supplies(r, one);
    const [totals, key, i] = ["totals", "key", "i"].map((name) => r.fresh(name));
    return [
      `const ${totals}: Record<string, number> = { b: ${a}, a: ${b} };`,
      `for (let ${i} = 0; ${i} < 4; ${i}++) {`,
      `  const ${key} = ${i} % 2 === 0 ? "a" : "c";`,
      `  ${totals}[${key}] = (${totals}[${key}] ?? 0.5) * 0.5 + ${c};`,
      "}",
      `let ${sum} = 0;`,
      r
        .picks(one)
        .of([
          `for (const ${key} in ${totals}) ${sum} += (${totals}[${key}] ?? 0) ** 2;`,
          `for (const ${key} of Object.values(${totals})) ${sum} += Math.sin(${key});`,
          `for (const [${key}, ${i}] of Object.entries(${totals})) ${sum} += ${key} === "a" ? ${i} * 0.5 : ${i};`,
        ]),
    ];
  }),
  feature("maps", 2, (r, one) => {
    const { a, b, c, sum } = supplies(r, one);
    const [found, value, held] = ["found", "value", "held"].map((name) => r.fresh(name));
    const point = r.use("Point");
    return r.picks(one).of([
      [
        `const ${found} = new Map<string, number>([["a", ${a}]]);`,
        `${found}.set("b", ${b});`,
        `${found}.set("a", (${found}.get("a") ?? 0) * ${c});`,
        `let ${sum} = 0;`,
        `for (const [, ${value}] of ${found}) ${sum} += Math.sin(${value});`,
      ],
      [
        `const ${found} = new Map<number, ${point}>();`,
        `${found}.set(1, { y: ${a}, x: ${b} });`,
        `const ${held} = ${found}.get(1);`,
        `if (${held} !== undefined) ${held}.x *= ${c};`,
        `let ${sum} = 0;`,
        `${found}.forEach((${value}) => (${sum} += ${value}.x * ${value}.y));`,
      ],
    ]);
  }),
  feature("instances chosen by class", 2, (r, one) => {
    const { a, b, c, sum } = supplies(r, one);
    const [shapes, shape] = [r.fresh("shapes"), r.fresh("shape")];
    const [of, disc, slab] = [r.use("Shape"), r.use("Disc"), r.use("Slab")];
    return [
      `const ${shapes}: ${of}[] = [new ${disc}(${a}), new ${slab}(${b}, ${a}), new ${disc}(0.5)];`,
      `let ${sum} = 0;`,
      `for (const ${shape} of ${shapes}) {`,
      `  ${shape}.stretch(${c});`,
      `  ${sum} += ${shape}.area();`,
      "}",
    ];
  }),
  feature("arrays that get shorter", 2, (r, one) => {
    const { a, b, c, sum } = supplies(r, one);
    const [queue, value] = [r.fresh("queue"), r.fresh("value")];
    return [
      `const ${queue} = [${a}, ${b}, 0.5];`,
      ...r.picks(one).of([
        [`${queue}.shift();`, `${queue}[2] = ${c};`],
        [`${queue}.length = 1;`, `${queue}.push(${c} * ${a});`],
        [`${queue}.splice(0, 2, ${c});`, `${queue}[1] = ${queue}[0] * 0.5;`],
        [`${r.use("shorten")}(${queue});`, `${queue}[2] = ${c};`],
      ]),
      `let ${sum} = ${queue}.length;`,
      `for (const ${value} of ${queue}) ${sum} += ${value} * ${value};`,
    ];
  }),
  feature("arrays that get longer by a write", 3, (r, one) => {
    const { a, b, c, sum } = supplies(r, one);
    const [longer, holder, i] = [r.fresh("longer"), r.fresh("holder"), r.fresh("i")];
    const picks = r.picks(one);
    const source = r.place((type) => sameType(type, numbers), one.more)?.written;
    const [made, length] = picks.of([
      [`[${a}, ${b}]`, 2],
      ["[]", 0],
      [`new Array<number>(2).fill(${a})`, 2],
      [`[${a}, ${b}].map((${i}) => ${i} * 0.5)`, 2],
      ...(source === undefined ? [] : [[`${source}.slice()`, usualLength] as const]),
    ] as const);
    const [name, lines] = picks.of([
      [longer, [`const ${longer}: number[] = ${made};`]],
      [`${holder}.values`, [`const ${holder}: { values: number[] } = { values: ${made} };`]],
      [`${holder}[1]`, [`const ${holder} = new Array<number[]>(2);`, `${holder}[1] = ${made};`]],
    ] as const);
    const writes = picks.of([
      [`${name}[${length}] = ${c};`, `${name}[${length + 1}] = ${name}[${length}] * ${a};`],
      [`for (let ${i} = ${length}; ${i} < ${length + 3}; ${i}++) ${name}[${i}] = ${c} * ${i};`],
      [
        `for (let ${i} = 0; ${i} < ${length + 2}; ${i}++) if (${i} >= ${length} || ${b} > 0) ${name}[${i}] = ${c} + ${i};`,
      ],
      [`${name}.push(${a});`, `${name}[${length}] = ${b};`, `${name}[${length + 1}] = ${c};`],
      [`if (${b} > 0.5) ${name}[${length}] = ${a};`, `${name}[${name}.length] = ${c};`],
    ]);
    r.declare(longer, list(number, "Array", null), { grows: true });
    return [
      ...lines,
      ...writes,
      ...(name === longer ? [] : [`const ${longer} = ${name};`]),
      `let ${sum} = ${longer}[${length}] * 0.5 + ${longer}.length * ${a};`,
    ];
  }),
  feature("records answered by functions", 2, (r, one) => {
    const { a, b, c, sum } = supplies(r, one);
    const name = r.declare(r.fresh("mirrored"), record("Point"), { assignable: true });
    r.use("Point");
    return [`let ${name} = ${r.use("mirrored")}({ x: ${a}, y: ${b} });`, `let ${sum} = ${name}.x * ${c} - ${name}.y;`];
  }),
];
