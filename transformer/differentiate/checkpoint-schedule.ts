/**
 * Which steps are snapshots taken of: binomial checkpointing (Griewank & Walther, Evaluating Derivatives, ch. 12.3;
 * their revolve). With s snapshots, and each step run at most t times before it is reversed, C(s + t, s) steps can be
 * reversed, and no schedule reverses more.
 */
import type { Compilation } from "../compilation.js";
import { parse } from "../ir/parse.js";

/**
 * With s = free + 1 snapshots, the one that stands at the first step among them, and `ahead` steps before the one that is
 * to be reversed: `reach` is C(s + runs, s), the first of these that is not less than the number of steps. The steps up to the
 * next snapshot are at least C(s + runs - 2, s), and so many that C(s + runs - 1, s - 1) are left behind it at most.
 */
const text = `function nextCheckpoint(ahead: integer const, free: integer const) -> integer {
  t0 = constant 0
  t1 = eq free t0
  t2: integer = if t1 {
    yield ahead
  } else {
    t3 = constant 1
    snapshots = add free t3
    steps = add ahead t3
    t4, t5, runs: integer, reach: number = loop carrying runs#1: integer = t0, reach#1: number = t3 {
      t6 = lt reach#1 steps
      t7: boolean, runs#2: integer, reach#2: number = if t6 {
        runs#3: integer = add runs#1 t3
        t8 = add snapshots runs#3
        t9 = mul reach#1 t8
        reach#3: number = div t9 runs#3
        t10 = constant false
        yield t10 runs#3 reach#3
      } else {
        t11 = constant true
        yield t11 runs#1 reach#1
      }
      yield t7 runs#2 reach#2
    }
    all = add snapshots runs
    t12 = mul reach runs
    t13 = sub runs t3
    t14 = mul t12 t13
    t15 = sub all t3
    t16 = mul all t15
    least: number = div t14 t16
    t17 = mul reach snapshots
    t18: number = div t17 all
    enough = sub steps t18
    t19 = max least enough t3
    t20 = round t19
    yield t20
  }
  return t2
}
`;

/** Does a function of the user's have this name? */
function isTaken({ functions }: Compilation, name: string): boolean {
  const known = functions.get(name);
  return known !== undefined && known.helper === undefined;
}

/** The name under which functions call the schedule: `nextCheckpoint(ahead, free)`. */
export function scheduleIn(compilation: Compilation): string {
  const helper = parse(text);
  const stem = helper.name;
  let name = stem;
  for (let count = 2; isTaken(compilation, name); count++) name = `${stem}${count}`;
  if (!compilation.functions.has(name)) {
    compilation.functions.set(name, {
      ...helper,
      name,
      helper: "How many steps to run before the next snapshot, so that few run again: the binomial schedule.",
    });
  }
  return name;
}
