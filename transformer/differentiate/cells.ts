/**
 * What the code being built keeps in variables: the adjoints of scalars, positions in records. In SSA
 * a variable is its current value; a region that changes one hands the new value out as a result, a
 * loop carries it. Keys are any objects: the primal value for an adjoint.
 */
import type { Value } from "../ir/ir.js";

export class Cells {
  private readonly own = new Map<object, Value | null>();

  constructor(private readonly outer: Cells | null = null) {}

  get(key: object): Value | null {
    const own = this.own.get(key);
    if (own !== undefined) return own;
    return this.outer?.get(key) ?? null;
  }

  set(key: object, value: Value | null): void {
    this.own.set(key, value);
  }

  /** Cells for a region: what it changes stays in it until it is handed out. */
  inner(): Cells {
    return new Cells(this);
  }

  /** Keys that this region has set, whoever set them before. */
  changed(): readonly object[] {
    return [...this.own.keys()];
  }
}

/** Which value in the code being built stands for a primal value. */
export class Twins {
  private readonly own = new Map<Value, Value>();

  constructor(private readonly outer: Twins | null = null) {}

  get(value: Value): Value | null {
    return this.own.get(value) ?? this.outer?.get(value) ?? null;
  }

  set(value: Value, twin: Value): void {
    this.own.set(value, twin);
  }

  inner(): Twins {
    return new Twins(this);
  }
}
