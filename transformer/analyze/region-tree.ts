/** Where things stand: which region defines a value, which operation owns a region, which loops are around it. */
import { regionsOf } from "../ir/traverse.js";
import type { IfOp, IRFunction, LoopOp, Op, Region, Value } from "../ir/ir.js";

/** The definition of a value: by an operation, or as a parameter of its region (op is null). */
export interface Definition {
  readonly region: Region;
  readonly op: Op | null;
}

/** Where an operation stands. */
export interface Place {
  readonly region: Region;
  readonly position: number;
  /** Its number in the text of the function, and that of the last operation within it. */
  readonly order: number;
  readonly last: number;
}

export interface RegionTree {
  readonly root: Region;
  definitionOf(value: Value): Definition;
  placeOf(op: Op): Place;
  /** The operation that owns a region; null for a function's body. */
  ownerOf(region: Region): IfOp | LoopOp | null;
  /** The region around a region; null for a function's body. */
  parentOf(region: Region): Region | null;
  /** From the function's body down to the region itself. */
  pathTo(region: Region): readonly Region[];
  /** The loops around a place in a region, outermost first. */
  loopsAround(region: Region): readonly LoopOp[];
  outermostLoopAround(region: Region): LoopOp | null;
  /** Is `region` the same as `around`, or nested in it? */
  isWithin(region: Region, around: Region): boolean;
  /** Is one operation over, each time that it runs, before the other runs at all? Not where a loop runs both. */
  isOverBefore(first: Op, then: Op): boolean;
}

/** Notes for one function where everything stands. */
export function buildRegionTree(fn: IRFunction): RegionTree {
  const definitions = new Map<Value, Definition>();
  const places = new Map<Op, Place>();
  const owners = new Map<Region, { readonly op: IfOp | LoopOp; readonly region: Region }>();

  const outermost = new Map<Region, LoopOp>();
  let count = 0;

  const visit = (region: Region, loop: LoopOp | null): void => {
    if (loop !== null) outermost.set(region, loop);
    for (const param of region.params) definitions.set(param, { region, op: null });
    region.ops.forEach((op, position) => {
      const place = { region, position, order: count, last: count };
      count++;
      places.set(op, place);
      for (const result of op.results) definitions.set(result, { region, op });
      if (op.kind === "if" || op.kind === "loop") {
        for (const inner of regionsOf(op)) {
          owners.set(inner, { op, region });
          visit(inner, loop ?? (op.kind === "loop" ? op : null));
        }
        place.last = count - 1;
      }
    });
  };
  for (const param of fn.params) definitions.set(param.value, { region: fn.body, op: null });
  visit(fn.body, null);

  const parentOf = (region: Region): Region | null => owners.get(region)?.region ?? null;
  const pathTo = (region: Region): readonly Region[] => {
    const path = [region];
    for (let outer = parentOf(region); outer !== null; outer = parentOf(outer)) path.unshift(outer);
    return path;
  };
  const known = <K, V>(map: ReadonlyMap<K, V>, key: K, what: string): V => {
    const found = map.get(key);
    if (found === undefined) throw new Error(`${what} stands outside the function ${fn.name}`);
    return found;
  };
  /** Where an operation stands, and where those stand that it is part of, from the outside in. */
  const stepsTo = (op: Op): readonly Place[] => {
    const steps = [known(places, op, `an operation ${op.kind}`)];
    for (let at = owners.get(steps[0]?.region ?? fn.body); at !== undefined; at = owners.get(at.region)) {
      steps.unshift(known(places, at.op, `an operation ${at.op.kind}`));
    }
    return steps;
  };
  return {
    root: fn.body,
    definitionOf: (value) => known(definitions, value, "a value"),
    placeOf: (op) => known(places, op, `an operation ${op.kind}`),
    ownerOf: (region) => owners.get(region)?.op ?? null,
    parentOf,
    pathTo,
    loopsAround: (region) =>
      pathTo(region).flatMap((one) => {
        const owner = owners.get(one)?.op;
        return owner?.kind === "loop" ? [owner] : [];
      }),
    outermostLoopAround: (region) => outermost.get(region) ?? null,
    isWithin: (region, around) => pathTo(region).includes(around),
    isOverBefore(first, then) {
      const [one, other] = [stepsTo(first), stepsTo(then)];
      for (let depth = 0; ; depth++) {
        const [a, b] = [one[depth], other[depth]];
        if (a === undefined || b === undefined || a.region !== b.region) return false;
        if (a.position !== b.position) return a.position < b.position;
        if (a.region.ops[a.position]?.kind === "loop") return false;
      }
    },
  };
}
