/** Who defines and who uses each value of a function: read by the scheduler. */
import { appendTo } from "../ir/grouped.js";
import { findRecorded, type Recorded } from "./recorded.js";
import type { IRFunction, LoopOp, Op, Region, Value, Variable } from "../ir/ir.js";
import { exitOperands, operandsOf, regionsOf } from "../ir/traverse.js";

export interface Use {
  /** null: the exit of the region. */
  readonly op: Op | null;
  readonly region: Region;
  /** Which operand, in the order of `operandsOf` or of the exit. */
  readonly position: number;
}

export interface Definition {
  readonly op: Op;
  readonly region: Region;
}

export interface Uses {
  definition(value: Value): Definition | null;
  of(value: Value): readonly Use[];
  /** The loop whose body has this value among its parameters. */
  loopOf(value: Value): LoopOp | null;
  /** Has this value, of a counter's variable, an expression of its own? Then the name is the counter's, not its. */
  isOfCounter(value: Value): boolean;
  readonly recorded: Recorded;
  /** The operation that owns a region, and the region around it; null for a function's body. */
  ownerOf(region: Region): Definition | null;
  /** Does a loop's body stand between an outer region and a region inside it? */
  crossesLoop(outer: Region, inner: Region): boolean;
  isInside(region: Region, op: Op): boolean;
  /** Is a region this one, or inside it? */
  isWithin(region: Region, outer: Region): boolean;
}

/** Notes for one function who defines and who uses each value. */
export function findUses(fn: IRFunction): Uses {
  const definitions = new Map<Value, Definition>();
  const uses = new Map<Value, Use[]>();
  const loops = new Map<Value, LoopOp>();
  const counters = new Set<Variable>();
  const owners = new Map<Region, Definition>();
  const use = (value: Value, one: Use): void => {
    appendTo(uses, value, one);
  };
  const visit = (region: Region): void => {
    for (const op of region.ops) {
      for (const result of op.results) definitions.set(result, { op, region });
      operandsOf(op).forEach((value, position) => {
        use(value, { op, region, position });
      });
      if (op.kind === "loop") {
        for (const param of op.body.params) loops.set(param, op);
        const variable = op.range === null ? null : (op.body.params[0]?.origin.variable ?? null);
        if (variable !== null) counters.add(variable);
      }
      for (const inner of regionsOf(op)) {
        owners.set(inner, { op, region });
        visit(inner);
      }
    }
    exitOperands(region.exit).forEach((value, position) => {
      use(value, { op: null, region, position });
    });
  };
  visit(fn.body);
  return {
    definition: (value) => definitions.get(value) ?? null,
    of: (value) => uses.get(value) ?? [],
    loopOf: (value) => loops.get(value) ?? null,
    isOfCounter: (value) => value.origin.variable !== null && counters.has(value.origin.variable) && !loops.has(value),
    recorded: findRecorded(fn),
    ownerOf: (region) => owners.get(region) ?? null,
    crossesLoop(outer, inner) {
      for (let region = inner; region !== outer;) {
        const owner = owners.get(region);
        if (owner === undefined || owner.op.kind === "loop") return true;
        region = owner.region;
      }
      return false;
    },
    isWithin(region, outer) {
      for (let one: Region | undefined = region; one !== undefined; one = owners.get(one)?.region) {
        if (one === outer) return true;
      }
      return false;
    },
    isInside(region, op) {
      for (let owner = owners.get(region); owner !== undefined; owner = owners.get(owner.region)) {
        if (owner.op === op) return true;
      }
      return false;
    },
  };
}
