/** A random function `(x, y, n, a) => number` as source text; it always ends. */

interface Context {
  readonly depth: number;
  readonly inLoop: boolean;
  readonly labels: readonly string[];
  readonly locals: readonly string[];
  /** Closures that can be called, with one argument. */
  readonly closures: readonly string[];
  readonly inClosure: boolean;
}

export function randomProgram(seed: number, name: string): string {
  let state = (seed * 2654435761) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error("nothing to pick");
    return item;
  };
  let fresh = 0;
  const newName = (prefix: string): string => `${prefix}${fresh++}`;

  const literal = (): string => pick(["0", "1", "2", "0.5", "-1", "3", "1.25"]);
  const place = (c: Context): string => (next() < 0.7 ? pick(c.locals) : `a[${index(c)}]`);
  const index = (c: Context): string => (next() < 0.6 ? pick(["0", "1", "2"]) : `(${pick(c.locals)} & 1)`);

  function expression(c: Context, depth = 3): string {
    if (depth === 0 || next() < 0.15)
      return next() < 0.3 ? literal() : next() < 0.5 ? `a[${index(c)}]` : pick(c.locals);
    const sub = (): string => expression(c, depth - 1);
    switch (below(14)) {
      case 0:
      case 1:
      case 2:
        return `(${sub()} ${pick(["+", "-", "*"])} ${sub()})`;
      case 3:
        return `(${sub()} ${pick(["/", "%", "|", "&"])} ${sub()})`;
      case 4:
        return `Math.${pick(["abs", "sin", "floor", "sign"])}(${sub()})`;
      case 5:
        return `Math.${pick(["max", "min"])}(${sub()}, ${sub()})`;
      case 6:
        return `(${condition(c)} ? ${sub()} : ${sub()})`;
      case 7:
        return `(${sub()} ${pick(["||", "&&", "??"])} ${sub()})`;
      case 8:
        return c.inClosure ? sub() : `(${pick(c.locals)} ${pick(["=", "+=", "-="])} ${sub()})`;
      case 9:
        return c.inClosure ? sub() : `${pick(c.locals)}${pick(["++", "--"])}`;
      case 10:
        return c.closures.length > 0 ? `${pick(c.closures)}(${sub()})` : sub();
      case 11:
        return `a.reduce((p, q) => p + q * ${pick(c.locals)}, ${literal()})`;
      case 12:
        return `-${sub().replace(/^-/, "")}`;
      default:
        return sub();
    }
  }

  function condition(c: Context): string {
    switch (below(6)) {
      case 0:
        return `!(${literal()} < ${expression(c, 1)})`;
      case 1:
        return `${expression(c, 1)} < ${expression(c, 1)} ${pick(["&&", "||"])} ${literal()} < ${expression(c, 1)}`;
      case 2:
        return expression(c, 1);
      case 3:
        return `${expression(c, 1)} === ${literal()}`;
      default:
        return `${expression(c, 1)} ${pick(["<", "<="])} ${expression(c, 1)}`;
    }
  }

  const block = (c: Context, size: number): string => `{ ${statements({ ...c, depth: c.depth - 1 }, size)} }`;

  function jump(c: Context): string {
    const choices = ["return"];
    if (c.inLoop) choices.push("break", "continue", "break", "continue");
    if (next() < 0.1) choices.push("throw");
    const kind = pick(choices);
    if (kind === "return") return `return ${expression(c, 2)};`;
    if (kind === "throw") return `throw new Error("stop" + ${pick(c.locals)});`;
    const label = c.labels.length > 0 && next() < 0.4 ? ` ${pick(c.labels)}` : "";
    return `${kind}${label};`;
  }

  function loop(c: Context): string {
    const i = newName("i");
    const label = next() < 0.3 ? newName("out") : null;
    const inside: Context = {
      ...c,
      inLoop: true,
      labels: label === null ? c.labels : [...c.labels, label],
      locals: [...c.locals, i],
    };
    const read = { ...inside, locals: c.locals };
    const prefix = label === null ? "" : `${label}: `;
    const limit = pick(["3", "n", "4"]);
    const kind = below(4);
    // A loop's own counter is read in its body, not assigned, so that every loop ends.
    const body = (): string =>
      `{ const k${i} = ${i}; ${statements({ ...read, depth: c.depth - 1, locals: c.locals }, 3)} t += k${i}; }`;
    if (kind === 0) return `${prefix}for (let ${i} = 0; ${i} < ${limit}; ${i}++) ${body()}`;
    if (kind === 1) return `${prefix}for (let ${i} = 5; ${i} > 0; ${i} -= 2) ${body()}`;
    if (kind === 2) return `let ${i} = 0; ${prefix}while (${i}++ < ${limit}) ${body()}`;
    return `let ${i} = 0; ${prefix}do ${body()} while (++${i} < 3);`;
  }

  function statement(c: Context): readonly [string, Context] {
    const simple = c.depth <= 0;
    switch (below(simple ? 5 : 14)) {
      case 0: {
        const v = newName("v");
        const text = `${pick(["let", "var"])} ${v} = ${expression(c)};`;
        return [text, { ...c, locals: [...c.locals, v] }];
      }
      case 1:
        return [`${place(c)} ${pick(["=", "+=", "-=", "*=", "||="])} ${expression(c)};`, c];
      case 2:
        return [`[${pick(c.locals)}, ${pick(c.locals)}] = [${expression(c, 1)}, ${expression(c, 1)}];`, c];
      case 3:
        return [`${expression(c)};`.replace(/^\[/, ";["), c];
      case 4:
        return next() < 0.5 ? [`if (${condition(c)}) ${jump(c)}`, c] : [`t += ${expression(c)};`, c];
      case 5:
      case 6:
        return [`if (${condition(c)}) ${block(c, 3)} else ${block(c, 3)}`, c];
      case 7:
        return [`if (${condition(c)}) ${block(c, 3)}`, c];
      case 8:
      case 9:
        return [loop(c), c];
      case 10: {
        const cases = Array.from(
          { length: 1 + below(3) },
          (_, k) =>
            `case ${k}: ${statements({ ...c, depth: c.depth - 1, closures: c.closures }, 2)} ${next() < 0.6 ? "break;" : ""}`,
        );
        if (next() < 0.6)
          cases.splice(below(cases.length + 1), 0, `default: ${statements({ ...c, depth: c.depth - 1 }, 2)}`);
        return [
          `switch (Math.floor(${pick(c.locals)}) & 3) { ${cases.join(" ").replace(/\b(let|var) (v\d+)/g, "var $2")} }`,
          c,
        ];
      }
      case 11: {
        const g = newName("g");
        const p = newName("p");
        const inner: Context = {
          ...c,
          inLoop: false,
          labels: [],
          locals: [...c.locals, p],
          depth: 1,
          inClosure: false,
        };
        const text = `const ${g} = (${p}: number): number => { ${statements(inner, 2)} return ${expression(inner, 2)}; };`;
        return [text, { ...c, closures: [...c.closures, g] }];
      }
      case 12: {
        const label = newName("block");
        const inside = { ...c, depth: c.depth - 1 };
        return [
          `${label}: { ${statements(inside, 2)} if (${condition(c)}) break ${label}; ${statements(inside, 2)} }`,
          c,
        ];
      }
      default:
        return [`for (const e of a) { t += e; ${statements({ ...c, inLoop: true, depth: c.depth - 1 }, 2)} }`, c];
    }
  }

  function statements(context: Context, size: number): string {
    let c = context;
    const parts: string[] = [];
    for (let k = 0; k < size; k++) {
      const [text, after] = statement(c);
      parts.push(text);
      c = after;
    }
    if (next() < 0.12) parts.push(jump(c));
    return parts.join(" ");
  }

  const start: Context = {
    depth: 3,
    inLoop: false,
    labels: [],
    locals: ["x", "y", "t"],
    closures: [],
    inClosure: false,
  };
  const body = statements(start, 4);
  return `export function ${name}(x: number, y: number, n: number, a: number[]): number { let t = 0; ${body} return t + x - y; }`;
}
