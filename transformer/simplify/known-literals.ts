import type { Definitions } from "../analyze/definitions.js";
import type { Literal, Region, Value } from "../ir/ir.js";

interface Known {
  readonly value: Literal;
  /** The user gave it a name. */
  readonly named: boolean;
}

/** The literals that values are known to be where a walk stands: constants, and tests decided by the branches around. */
export class KnownLiterals {
  private readonly decided = new Map<Value, boolean>();

  constructor(readonly definitions: Definitions) {}

  of(value: Value | undefined): Known | null {
    if (value === undefined) return null;
    const op = this.definitions.opOf(value);
    if (op?.kind === "constant") return { value: op.value, named: op.text !== null };
    const decided = this.decided.get(value);
    return decided === undefined ? null : { value: decided, named: false };
  }

  literal(value: Value | undefined): Literal {
    return this.of(value)?.value;
  }

  /** The literal of a constant without a name: what arithmetic may be done with. */
  plain(value: Value | undefined): Literal {
    const known = this.of(value);
    return known === null || known.named ? undefined : known.value;
  }

  /** Walks a branch, knowing how its test came out. */
  under(test: Value, outcome: boolean, walk: () => Region): Region {
    const added: Value[] = [];
    const learn = (value: Value, holds: boolean): void => {
      if (this.decided.has(value) || this.definitions.opOf(value)?.kind === "constant") return;
      this.decided.set(value, holds);
      added.push(value);
      const op = this.definitions.opOf(value);
      if (op?.kind !== "apply") return;
      if (op.primitive === "not") op.args.forEach((arg) => learn(arg, !holds));
      if ((op.primitive === "and" && holds) || (op.primitive === "or" && !holds)) {
        op.args.forEach((arg) => learn(arg, holds));
      }
    };
    learn(test, outcome);
    const region = walk();
    for (const value of added) this.decided.delete(value);
    return region;
  }
}
