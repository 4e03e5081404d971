/**
 * Derivatives of callees that are not inlined: a work list and its memo. Whoever needs the derivative
 * of a function gets its name and the order of its parameters at once; the body is made later, so
 * recursion needs no special care.
 */
import type { Activity, IRFunction } from "../ir/ir.js";

export type CalleeMode = "reverse" | "forwardWithPrimal";

export interface CalleeDerivative {
  readonly name: string;
  readonly callee: string;
  readonly mode: CalleeMode;
  readonly activities: readonly Activity[];
}

export class Derivatives {
  private readonly known = new Map<string, CalleeDerivative>();
  private readonly pending: CalleeDerivative[] = [];

  /** `isTaken` says which names the output has already. */
  constructor(private readonly isTaken: (name: string) => boolean) {}

  request(callee: string, mode: CalleeMode, activities: readonly Activity[]): CalleeDerivative {
    const key = `${callee} ${mode} ${activities.join(" ")}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const stem = `${callee}_${mode === "reverse" ? "reverse" : "forward"}`;
    let name = stem;
    for (let count = 2; this.isTaken(name) || this.isNamed(name); count++) name = `${stem}${count}`;
    const made = { name, callee, mode, activities };
    this.known.set(key, made);
    this.pending.push(made);
    return made;
  }

  private isNamed(name: string): boolean {
    for (const one of this.known.values()) if (one.name === name) return true;
    return false;
  }

  /** The next derivative whose body is still to be made. */
  next(): CalleeDerivative | undefined {
    return this.pending.pop();
  }
}

/** The callee with the activity that a call gives it. */
export function withActivities(fn: IRFunction, activities: readonly Activity[]): IRFunction {
  return { ...fn, params: fn.params.map((param, index) => ({ ...param, activity: activities[index] ?? "const" })) };
}
