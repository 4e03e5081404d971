/**
 * Derivatives of callees that are not inlined: a work list and its memo. Whoever needs the derivative
 * of a function gets its name and the order of its parameters at once; the body is made later, so
 * recursion needs no special care.
 */
import { isReference, type Activity, type IRFunction } from "../ir/ir.js";
import { nameOfKey, freeKey } from "../ir/function-keys.js";

/** A derivative that is one function. */
export interface WholeDerivative {
  readonly mode: "reverse" | "forwardWithPrimal";
  readonly name: string;
  readonly callee: string;
  readonly activities: readonly Activity[];
}

/** What the caller knows of the memory that it hands in. */
export interface CallerPromises {
  /** Does the memory of an argument stay as it is until the reverse pass? Then the pass may read it again. */
  readonly stable: readonly boolean[];
  /** Do the shadows of arguments stay as they are, whatever becomes of the arguments? */
  readonly ownShadows?: true;
}

/**
 * The two halves of a callee's reverse mode, for a call whose forward and reverse sweeps are apart in time (split
 * reversal: Griewank & Walther, ch. 12.2):
 *
 *   [y, tape] = f_augmentedPrimal(x, dX)        dArgs = f_reversePass(x, dX, tape, dY)
 */
export interface SplitDerivative {
  readonly mode: "split";
  readonly callee: string;
  readonly activities: readonly Activity[];
  readonly promises: CallerPromises;
  /** Which parameters are references: what is handed to one may be an absence, whose type does not say so. */
  readonly references: readonly boolean[];
  readonly augmentedPrimal: string;
  readonly reversePass: string;
  /** The name of the tape's type. */
  readonly tape: string;
}

export type CalleeDerivative = WholeDerivative | SplitDerivative;

const suffixes = { reverse: "_reverse", forwardWithPrimal: "_forward" } as const;

/** The names that the file has already in which derivatives stand. */
export interface NamesOfFile {
  has(name: string): boolean;
  add(name: string): void;
}

export class Derivatives {
  private readonly known = new Map<string, CalleeDerivative>();
  private readonly pending: CalleeDerivative[] = [];

  /** `functions` is the table of all functions. */
  constructor(
    private readonly taken: NamesOfFile,
    private readonly functions: ReadonlyMap<string, IRFunction>,
  ) {}

  /** A key for a derivative that somebody else makes. */
  nameFor(callee: string, mode: string): string {
    return this.freeKey(`${stemOf(callee)}_${mode}`);
  }

  /** A name for the type of a tape. */
  tapeFor(callee: string): string {
    const stem = stemOf(callee);
    return this.free(`${stem.charAt(0).toUpperCase()}${stem.slice(1)}Tape`);
  }

  request(callee: string, mode: WholeDerivative["mode"], activities: readonly Activity[]): WholeDerivative {
    const key = `${callee} ${mode} ${activities.join(" ")}`;
    const found = this.known.get(key);
    if (found !== undefined && found.mode !== "split") return found;
    const made = { name: this.freeKey(stemOf(callee) + suffixes[mode]), callee, mode, activities };
    this.add(key, made);
    return made;
  }

  /** `prepare` is called once for each: it says what the augmented primal does before its body is there. */
  requestSplit(
    { name: callee, params }: IRFunction,
    activities: readonly Activity[],
    promises: CallerPromises,
    prepare: (split: SplitDerivative) => void,
  ): SplitDerivative {
    const key = `${callee} split ${activities.join(" ")} ${promises.stable.join(" ")}`;
    const found = this.known.get(key);
    if (found?.mode === "split") return found;
    const stem = stemOf(callee);
    const made: SplitDerivative = {
      mode: "split",
      callee,
      activities,
      promises,
      references: params.map(({ value }) => isReference(value.type)),
      augmentedPrimal: this.freeKey(`${stem}_augmentedPrimal`),
      reversePass: this.freeKey(`${stem}_reversePass`),
      tape: this.tapeFor(callee),
    };
    this.add(key, made);
    prepare(made);
    return made;
  }

  private add(key: string, made: CalleeDerivative): void {
    this.known.set(key, made);
    this.pending.push(made);
  }

  private free(stem: string): string {
    let name = stem;
    for (let count = 2; this.taken.has(name); count++) name = `${stem}${count}`;
    this.taken.add(name);
    return name;
  }

  private freeKey(stem: string): string {
    return freeKey(this.free(stem), (key) => this.functions.has(key));
  }

  /** The next derivative whose body is still to be made. */
  next(): CalleeDerivative | undefined {
    return this.pending.pop();
  }
}

/** A static method is called `Kernel.gaussian`, its derivative `Kernel_gaussian_reverse`. */
const stemOf = (callee: string): string => nameOfKey(callee).replace(/\W+/g, "_");

/** The callee with the activity that a call gives it. */
export function withActivities(fn: IRFunction, activities: readonly Activity[]): IRFunction {
  return { ...fn, params: fn.params.map((param, index) => ({ ...param, activity: activities[index] ?? "const" })) };
}
