/** The declarations that random programs may use: each is written out only where it is, with what it uses itself. */

interface Declaration {
  readonly uses?: readonly string[];
  readonly text: string;
}

/** In the order in which they are written: a declaration stands behind those that it needs while the module loads. */
export const library: Readonly<Record<string, Declaration>> = {
  Level: { text: `export type Level = "low" | "mid" | "high";` },
  Point: { text: `export interface Point {\n  x: number;\n  y: number;\n}` },
  Body: {
    uses: ["Point"],
    text: `export interface Body {\n  mass: number;\n  at: Point;\n  velocity: Point;\n  drag?: number | undefined;\n  readonly label: string;\n}`,
  },
  Model: {
    uses: ["Level"],
    text: `export interface Model {\n  weights: Float64Array;\n  bias: number;\n  layers: number[][];\n  readonly level: Level;\n}`,
  },
  Inner: { text: `export interface Inner {\n  scale: number;\n}` },
  Settings: {
    uses: ["Inner"],
    text: `export interface Settings {\n  readonly gain: number;\n  readonly offset?: number;\n  readonly inner?: Inner;\n}`,
  },
  Vec: {
    text: `export class Vec {
  constructor(
    public x: number,
    public y: number,
  ) {}
  get length(): number {
    return Math.sqrt(0.1 + this.x * this.x + this.y * this.y);
  }
  set angle(value: number) {
    this.x = Math.cos(value);
    this.y = Math.sin(value);
  }
  plus(other: Vec): Vec {
    return new Vec(this.x + other.x, this.y + other.y);
  }
  scale(k: number): Vec {
    return new Vec(k * this.x, k * this.y);
  }
  dot({ x, y }: Vec): number {
    return this.x * x + this.y * y;
  }
  turn(angle: number): this {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const { x, y } = this;
    this.x = c * x - s * y;
    this.y = s * x + c * y;
    return this;
  }
  static unit(angle: number): Vec {
    return new Vec(Math.cos(angle), Math.sin(angle));
  }
}`,
  },
  Running: {
    text: `export class Running {
  total = 0;
  count = 0;
  add(value: number): this {
    this.total += value;
    this.count++;
    return this;
  }
  get mean(): number {
    return this.count === 0 ? 0 : this.total / this.count;
  }
}`,
  },
  Curve: {
    text: `export class Curve {
  constructor(readonly slope: number) {}
  at(t: number): number {
    return this.slope * t;
  }
  area(n: number): number {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += 0.1 * this.slope * i;
    return sum;
  }
}`,
  },
  Bent: {
    uses: ["Curve"],
    text: `export class Bent extends Curve {
  constructor(
    slope: number,
    readonly bend: number,
  ) {
    super(slope);
  }
  override at(t: number): number {
    return super.at(t) + this.bend * t * t;
  }
}`,
  },
  Shape: {
    text: `export abstract class Shape {
  abstract area(): number;
  abstract stretch(by: number): void;
}`,
  },
  Disc: {
    uses: ["Shape"],
    text: `export class Disc extends Shape {
  constructor(public radius: number) {
    super();
  }
  area(): number {
    return 3 * this.radius * this.radius;
  }
  stretch(by: number): void {
    this.radius *= by;
  }
}`,
  },
  Slab: {
    uses: ["Shape"],
    text: `export class Slab extends Shape {
  constructor(
    public width: number,
    public height: number,
  ) {
    super();
  }
  area(): number {
    return this.width * this.height;
  }
  stretch(by: number): void {
    this.height += by * this.width;
  }
}`,
  },
  mirrored: {
    uses: ["Point"],
    text: `function mirrored({ x, y }: Point): Point {
  return { y: x * y, x: y };
}`,
  },
  shorten: {
    text: `function shorten(list: number[]): void {
  list.pop();
}`,
  },
  RATE: { text: `const RATE = 0.375;` },
  WEIGHTS: { text: `const WEIGHTS = [0.5, -0.25, 0.75, 0.125];` },
  KERNEL: { text: `const KERNEL = new Float64Array([0.25, 0.5, 0.25, 0.75]);` },
  TABLE: { text: `const TABLE = { low: 0.5, mid: 1.5, high: -0.75 } as const;` },
  Phase: { text: `enum Phase {\n  Rest,\n  Rise,\n  Fall,\n}` },

  blend: {
    text: `function blend(u: number, v: number): number {
  if (u > v) return u * 0.5 + Math.sin(v);
  return Math.cos(u) - v * 0.25;
}`,
  },
  clamp: {
    text: `const clamp = (value: number, low = -1, high = 1): number => Math.min(Math.max(value, low), high);`,
  },
  nested: {
    uses: ["int"],
    text: `function nested(u: number, depth: int): number {
  if (depth <= 0) return u;
  return Math.sin(nested(u * 0.75, depth - 1)) + u * 0.5;
}`,
  },
  halves: {
    text: `function halves(u: number, v: number): number {
  return v < 0.3 ? u * v : 0.5 * halves(Math.sin(u + v), v * 0.5) + 0.25 * halves(Math.cos(u), v * 0.4);
}`,
  },
  even: {
    uses: ["odd", "int"],
    text: `function even(u: number, n: int): number {
  return n <= 0 ? Math.cos(u) : 0.5 * odd(u + 0.25, n - 1);
}`,
  },
  odd: {
    uses: ["even", "int"],
    text: `function odd(u: number, n: int): number {
  return n <= 0 ? u : even(Math.sin(u), n - 1) - u;
}`,
  },
  sumFrom: {
    uses: ["int"],
    text: `function sumFrom(r: ArrayLike<number>, from: int): number {
  if (from >= r.length) return 0;
  return 0.5 * r[from] * r[from] + sumFrom(r, from + 1);
}`,
  },
  total: {
    text: `function total(r: ArrayLike<number>): number {
  let s = 0;
  for (let i = 0; i < r.length; i++) s += r[i] * r[i];
  return s * 0.1;
}`,
  },
  damp: {
    text: `function damp(r: Float64Array | number[], c: number): void {
  for (let i = 0; i < r.length; i++) r[i] = Math.tanh(r[i] * c + 0.1 * i);
}`,
  },
  smooth: {
    text: `function smooth(r: ArrayLike<number>): Float64Array {
  const out = new Float64Array(r.length);
  for (let i = 0; i < r.length; i++) {
    const left = i > 0 ? r[i - 1] : r[i];
    const right = i + 1 < r.length ? r[i + 1] : r[i];
    out[i] = 0.25 * left + 0.5 * r[i] + 0.25 * right;
  }
  return out;
}`,
  },
  polar: {
    text: `function polar(radius: number, angle: number): [number, number] {
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}`,
  },
  energy: {
    uses: ["Body"],
    text: `function energy({ mass, velocity: { x, y }, drag = 0.1 }: Body): number {
  return 0.5 * mass * (x * x + y * y) - drag * x;
}`,
  },
  kick: {
    uses: ["Body"],
    text: `function kick(body: Body, dx: number, dy = 0.5 * dx): void {
  body.velocity.x += dx;
  body.velocity.y -= dy;
  body.at = { x: body.at.x + 0.1 * body.velocity.x, y: body.at.y };
}`,
  },
  middle: {
    uses: ["Point"],
    text: `function middle(p: Point, q: Point): Point {
  return { x: 0.5 * (p.x + q.x), y: 0.5 * (p.y + q.y) };
}`,
  },
  nearest: {
    uses: ["Point"],
    text: `function nearest(points: readonly Point[], x: number): Point {
  let best = points[0];
  for (const point of points) {
    if (Math.abs(point.x - x) < Math.abs(best.x - x)) best = point;
  }
  return best;
}`,
  },
  integrate: {
    text: `function integrate(f: (t: number) => number, from: number, steps: number): number {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += f(from + 0.25 * i) * 0.25;
  return sum;
}`,
  },
  line: {
    text: `function line(slope: number, offset = 0.25): (t: number) => number {
  return (t) => slope * t + offset;
}`,
  },
  twice: {
    text: `function twice<T>(value: T, step: (value: T) => T): T {
  return step(step(value));
}`,
  },
  settle: {
    text: `function settle(target: number): number {
  let z = 0.5;
  let steps = 0;
  while (Math.abs(z - Math.cos(z * 0.5) * target) > 1e-2 && steps++ < 6) z = 0.5 * (z + Math.cos(z * 0.5) * target);
  return z;
}`,
  },
  weigh: {
    text: `function weigh(value: number, weight?: number, bias: number = 0.125): number {
  if (weight === undefined) return value + bias;
  return value * weight + bias;
}`,
  },
  mean: {
    text: `const mean = (...values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;`,
  },
};

/** What the used names need, in the order of the library. */
export function declarationsFor(used: ReadonlySet<string>): readonly string[] {
  const all = new Set<string>();
  const add = (name: string): void => {
    if (all.has(name)) return;
    all.add(name);
    library[name]?.uses?.forEach(add);
  };
  used.forEach(add);
  return Object.entries(library).flatMap(([name, { text }]) => (all.has(name) ? [`${text}\n`] : []));
}
/** As above, and the names themselves: what the program imports depends on them. */
export function namesUsed(used: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set<string>(used);
  for (const name of all) library[name]?.uses?.forEach((one) => all.add(one));
  return all;
}
