/** Operations once more, with values and variables of their own: the body of a callee, an iteration of a loop. */
import type { Op, Origin, Region, Value, Variable } from "../ir/ir.js";
import { mapExit, rebuild } from "../ir/traverse.js";

export interface CopyOptions {
  /** Variables that the copy assigns as the original does. */
  readonly shared?: ReadonlySet<Variable>;
  /** What values of the copy are called after, where that is not what they were called after before. */
  readonly named?: ReadonlyMap<Value, Origin>;
  /** Is an operation left out, because its results were put to something else? */
  readonly replace?: (op: Op) => boolean;
}

export class RegionCopy {
  private readonly values = new Map<Value, Value>();
  private readonly variables = new Map<Variable, Variable>();

  constructor(private readonly options: CopyOptions = {}) {}

  /** What stands for a value in the copy: itself, where it is defined outside. */
  readonly look = (value: Value): Value => this.values.get(value) ?? value;

  /** In the copy `by` stands for `value`. */
  put(value: Value, by: Value): void {
    this.values.set(value, by);
  }

  region(region: Region): Region {
    const params = region.params.map(this.define);
    return { params, ops: this.ops(region.ops), exit: mapExit(region.exit, this.look) };
  }

  ops(ops: readonly Op[]): readonly Op[] {
    return ops.flatMap((op): readonly Op[] => {
      if (this.options.replace?.(op) === true) return [];
      return [rebuild(op, { value: this.look, region: (inner) => this.region(inner), result: this.define })];
    });
  }

  private readonly define = (value: Value): Value => {
    const origin = this.options.named?.get(value) ?? this.originOf(value.origin);
    const twin: Value = { type: value.type, origin };
    this.values.set(value, twin);
    return twin;
  };

  private originOf(origin: Origin): Origin {
    const { variable } = origin;
    if (variable === null || this.options.shared?.has(variable) === true) return origin;
    let twin = this.variables.get(variable);
    if (twin === undefined) {
      twin = { ...variable };
      this.variables.set(variable, twin);
    }
    return { ...origin, variable: twin };
  }
}
