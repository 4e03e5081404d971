/** Branches, loops and exits. */
import type { Statement } from "./choices.js";
import { indented, type Renderer, type StatementFeature } from "./renderer.js";
import { integer, number, type Type } from "./types.js";

const isNumber = ({ kind }: Type): boolean => kind === "number";
const isNumbers = (type: Type): boolean =>
  type.kind === "list" && type.element.kind === "number" && type.container !== "Int32Array";
type Write = (r: Renderer, one: Statement) => readonly string[] | null;
const feature = (name: string, weight: number, render: Write): StatementFeature => ({ name, weight, render });

/** Deeper than this no block is opened. */
const deepest = 4;
const isDeep = (r: Renderer): boolean => r.scope.depth >= deepest;

interface Loop {
  /** The label, with its colon, or nothing. */
  readonly head: string;
  readonly body: (counter: string, most: number) => readonly string[];
}

function loopOf(r: Renderer, one: Statement): Loop {
  const label = one.more % 4 === 3 ? r.fresh("outer") : "";
  return {
    head: label === "" ? "" : `${label}: `,
    body: (counter, most) =>
      r.within({ loops: [...r.scope.loops, label] }, () => {
        r.declare(counter, integer(most));
        return indented(r.statements(one.blocks[0] ?? []));
      }),
  };
}

/** A way out of here. */
function exit(r: Renderer, one: Statement): string {
  const { loops } = r.scope;
  const picks = r.picks(one);
  if (loops.length === 0 || picks.below(4) === 0) return r.returned(r.value(one, 1));
  const label = picks.one(3) ? picks.of(loops) : "";
  return `${picks.of(["break", "continue"])}${label === "" ? "" : ` ${label}`};`;
}

export const controlStatements: readonly StatementFeature[] = [
  feature("if", 6, (r, one) => {
    if (isDeep(r)) return null;
    const test = r.condition(r.value(one, 0));
    const lines = [`if (${test}) {`, ...r.block(one, 0)];
    if (one.blocks.length > 1) lines.push("} else {", ...r.block(one, 1));
    return [...lines, "}"];
  }),
  feature("else if", 2, (r, one) => {
    if (isDeep(r)) return null;
    const [first, second] = [r.condition(r.value(one, 0)), r.condition(r.value(one, 1))];
    return [
      `if (${first}) {`,
      ...r.block(one, 0),
      `} else if (${second}) {`,
      ...r.block(one, 1),
      "} else {",
      ...r.block(one, 2),
      "}",
    ];
  }),
  feature("exits", 6, (r, one) => [`if (${r.condition(r.value(one, 0))}) ${exit(r, one)}`]),
  feature("for, counted", 6, (r, one) => {
    if (isDeep(r)) return null;
    const { head, body } = loopOf(r, one);
    const i = r.fresh("i");
    const picks = r.picks(one);
    const limit = 1 + picks.below(4);
    const upTo = r.place(({ kind }) => kind === "integer", one.more);
    const list = r.place(isNumbers, one.more, ({ type }) => type.kind === "list" && type.length === 4);
    switch (picks.below(8)) {
      case 1:
        return [`${head}for (let ${i} = ${limit - 1}; ${i} >= 0; ${i}--) {`, ...body(i, limit - 1), "}"];
      case 2:
        if (upTo?.type.kind !== "integer") break;
        return [`${head}for (let ${i} = 0; ${i} < ${upTo.written}; ${i}++) {`, ...body(i, upTo.type.most - 1), "}"];
      case 3:
        if (upTo?.type.kind !== "integer") break;
        return [`${head}for (let ${i} = 1; ${i} <= ${upTo.written}; ++${i}) {`, ...body(i, upTo.type.most), "}"];
      case 4:
        if (list === null) break;
        return [`${head}for (let ${i} = 0; ${i} < ${list.written}.length; ${i} += 2) {`, ...body(i, 3), "}"];
      case 5: {
        const j = r.fresh("j");
        const lines = r.within({}, () => {
          r.declare(j, integer(3));
          return body(i, 3);
        });
        return [`${head}for (let ${i} = 0, ${j} = 3; ${i} < ${j}; ${i}++, ${j}--) {`, ...lines, "}"];
      }
      default:
    }
    return [`${head}for (let ${i} = 0; ${i} < ${limit}; ${i}++) {`, ...body(i, limit - 1), "}"];
  }),
  feature("for, until a test", 2, (r, one) => {
    if (isDeep(r)) return null;
    const { head, body } = loopOf(r, one);
    const i = r.fresh("i");
    const test = r.condition(r.value(one, 0));
    const limit = 1 + r.picks(one).below(4);
    return [`${head}for (let ${i} = 0; ${i} < ${limit} && (${test}); ${i}++) {`, ...body(i, limit - 1), "}"];
  }),
  feature("for, with a bound that data gives", 2, (r, one) => {
    if (isDeep(r)) return null;
    const { head, body } = loopOf(r, one);
    const i = r.fresh("i");
    const bound = r.number(r.value(one, 0));
    if (one.pick % 2 === 0) {
      return [`${head}for (let ${i} = 0; ${i} < Math.abs(Math.round(2 * ${bound})) % 4; ${i}++) {`, ...body(i, 2), "}"];
    }
    const m = r.fresh("m");
    return [
      `const ${m} = 1 + (Math.floor(3 * ${bound}) & 3);`,
      `${head}for (let ${i} = 0; ${i} < ${m}; ${i}++) {`,
      ...body(i, 3),
      "}",
    ];
  }),
  feature("for without a test", 1, (r, one) => {
    if (isDeep(r)) return null;
    const { head, body } = loopOf(r, one);
    const i = r.fresh("i");
    return [
      `${head}for (let ${i} = 0; ; ${i}++) {`,
      `  if (${i} >= 3 || ${r.condition(r.value(one, 0))}) break;`,
      ...body(i, 2),
      "}",
    ];
  }),
  feature("while", 3, (r, one) => {
    if (isDeep(r)) return null;
    const { head, body } = loopOf(r, one);
    const i = r.fresh("i");
    const picks = r.picks(one);
    const limit = 1 + picks.below(4);
    const also = picks.one(2) ? ` && (${r.condition(r.value(one, 0))})` : "";
    // The counter moves first, so that `continue` cannot make the loop endless.
    if (picks.one(2))
      return [`let ${i} = -1;`, `${head}while (++${i} < ${limit}${also}) {`, ...body(i, limit - 1), "}"];
    return [`let ${i} = -1;`, `${head}while (${i} < ${limit - 1}${also}) {`, `  ${i}++;`, ...body(i, limit - 1), "}"];
  }),
  feature("do", 2, (r, one) => {
    if (isDeep(r)) return null;
    const { head, body } = loopOf(r, one);
    const i = r.fresh("i");
    const test = r.condition(r.value(one, 0));
    return [`let ${i} = -1;`, `${head}do {`, `  ${i}++;`, ...body(i, 3), `} while (${i} < 3 && (${test}));`];
  }),
  feature("for-of", 4, (r, one) => {
    const list = r.place((type) => type.kind === "list" && type.element.kind !== "integer", one.more);
    if (isDeep(r) || list?.type.kind !== "list") return null;
    const label = one.more % 4 === 3 ? r.fresh("outer") : "";
    const head = label === "" ? "" : `${label}: `;
    const { element, length } = list.type;
    const [e, k] = [r.fresh("e"), r.fresh("k")];
    const withKey = one.pick % 3 === 0;
    const { loops, walked } = r.scope;
    const lines = r.within({ loops: [...loops, label], walked: [...walked, list.written] }, () => {
      r.declare(e, element, { writable: list.writable });
      if (withKey && length !== null) r.declare(k, integer(length - 1));
      return indented(r.statements(one.blocks[0] ?? []));
    });
    const head_ = withKey ? `const [${k}, ${e}] of ${list.written}.entries()` : `const ${e} of ${list.written}`;
    return [`${head}for (${head_}) {`, ...lines, "}"];
  }),
  feature("switch on integers", 3, (r, one) => {
    const counter = r.counter(r.picks(one));
    if (isDeep(r) || counter === null) return null;
    const ends = (k: number): readonly string[] => ((one.more >> k) % 3 === 0 ? [] : ["    break;"]);
    const part = (k: number): readonly string[] =>
      ["{", ...indented(r.block(one, k, {})), "  }"].map((line, at) => (at === 0 ? line : line));
    const lines = [`switch (${counter.name}) {`];
    [0, 1].forEach((k) => lines.push(`  case ${k}: ${part(k).join("\n")}`, ...ends(k)));
    if (one.more % 2 === 0) lines.push(`  case 2:`);
    if (one.more % 5 < 3) lines.push(`  default: ${part(2).join("\n")}`);
    return [...lines, "}"];
  }),
  feature("switch on texts", 3, (r, one) => {
    const level = r.place(({ kind }) => kind === "text", one.more);
    if (isDeep(r) || level === null || level.written.endsWith("label")) return null;
    const part = (k: number): string => ["{", ...indented(r.block(one, k)), "  }"].join("\n");
    const fall = one.more % 3 === 0 ? [] : ["    break;"];
    return [
      `switch (${level.written}) {`,
      `  case "low": ${part(0)}`,
      ...fall,
      `  case "mid": ${part(1)}`,
      "    break;",
      `  default: ${part(2)}`,
      "}",
    ];
  }),
  feature("switch on an enumeration", 1, (r, one) => {
    if (isDeep(r)) return null;
    const phase = r.fresh("phase");
    const test = r.condition(r.value(one, 0));
    const part = (k: number): string => ["{", ...indented(r.block(one, k)), "  }"].join("\n");
    const fall = one.more % 3 === 0 ? [] : ["    break;"];
    return [
      `let ${phase} = ${r.use("Phase")}.Rest as Phase;`,
      `if (${test}) ${phase} = Phase.Rise;`,
      `switch (${phase}) {`,
      `  case Phase.Rest: ${part(0)}`,
      ...fall,
      `  case Phase.Rise: ${part(1)}`,
      "    break;",
      `  case Phase.Fall: ${part(2)}`,
      "}",
    ];
  }),
  feature("labelled blocks", 1, (r, one) => {
    if (isDeep(r)) return null;
    const label = r.fresh("done");
    const test = r.condition(r.value(one, 0));
    const lines = r.within({}, () => [
      ...indented(r.statements(one.blocks[0] ?? [])),
      `  if (${test}) break ${label};`,
      ...indented(r.statements(one.blocks[1] ?? [])),
    ]);
    return [`${label}: {`, ...lines, "}"];
  }),
  feature("guards that throw", 1.5, (r, one) => {
    const list = r.place(isNumbers, one.more);
    const value = r.number(r.value(one, 0));
    return [
      r
        .picks(one)
        .of([
          `if (!(${value} < 50)) throw new RangeError("too large");`,
          list === null
            ? `if (Number.isNaN(${value})) throw new Error("no number");`
            : `if (${list.written}.length > 99) throw new Error(\`\${${list.written}.length} elements\`);`,
          `if (${value} > 2.5) throw new Error("value " + (${value}).toFixed(3));`,
        ]),
    ];
  }),
  feature("&& and || as statements", 1.5, (r, one) => {
    const target = r.place(isNumber, one.more, ({ assignable }) => assignable);
    if (target === null) return null;
    const test = r.condition(r.value(one, 0));
    return [
      `(${test}) ${one.pick % 2 === 0 ? "&&" : "||"} (${target.written} += 0.25 * ${r.kept(r.value(one, 1))});`.replace(
        /^/,
        ";",
      ),
    ];
  }),
  feature("iterations until they settle", 1, (r, one) => {
    const [start, target] = [r.kept(r.value(one, 0)), r.kept(r.value(one, 1))];
    const [z, it, next] = [r.fresh("z"), r.fresh("it"), r.fresh("next")];
    r.declare(z, number, { assignable: true });
    return [
      `let ${z} = ${start};`,
      `for (let ${it} = 0; ${it} < 8; ${it}++) {`,
      `  const ${next} = 0.5 * (${z} + Math.cos(${z} + ${target}));`,
      `  if (Math.abs(${next} - ${z}) < 0.05) break;`,
      `  ${z} = ${next};`,
      "}",
    ];
  }),
];
