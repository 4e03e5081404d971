/**
 * Views of an array (`subarray`) become positions in the array itself, so that no pass has to know of two arrays in one
 * memory. While a function is lowered a view is an array of its own that `session.views` remembers.
 *
 *   v = view of x from a to b;  load v[i]   =>   load x[a + i]   where i lies in the view, and NaN elsewhere
 */
import type ts from "typescript";
import { Block, element, makeValue } from "../ir/build.js";
import type { LoopOp, Op, Parameter, Region, Value } from "../ir/ir.js";
import { exitOperands, operandsOf, rebuild, regionsOf, substitute } from "../ir/traverse.js";
import { refuse, type LoweringSession } from "./session.js";

interface View {
  readonly base: Value;
  readonly from: Value;
  readonly length: Value;
}

export function resolveViews(body: Region, params: readonly Parameter[], session: LoweringSession): Region {
  return session.viewCount === 0 ? body : new Resolver(session, params).resolve(body);
}

class Resolver {
  private readonly views = new Map<Value, View>();
  /** What stands for a value now. */
  private readonly renamed = new Map<Value, Value>();
  /** Counters of loops from 0 or more up to an end. */
  private readonly ends = new Map<Value, Value>();
  private readonly literals = new Map<Value, unknown>();
  /** Parameters, and arrays that are made here. */
  private readonly params: ReadonlySet<Value>;
  private readonly made = new Set<Value>();
  private readonly reported = new Set<ts.Node>();

  constructor(
    private readonly session: LoweringSession,
    params: readonly Parameter[],
  ) {
    this.params = new Set(params.map(({ value }) => value));
  }

  resolve(body: Region): Region {
    const resolved = this.region(body);
    return substitute(resolved, this.renamed);
  }

  private region(region: Region): Region {
    const block = new Block(false);
    for (const op of region.ops) this.op(block, op);
    exitOperands(region.exit).forEach((value) => this.mustNotBeView(value));
    return block.region(region.params, region.exit);
  }

  private op(block: Block, op: Op): void {
    const [result] = op.results;
    if (op.kind === "constant" && result !== undefined) this.literals.set(result, op.value);
    if (op.kind === "allocate" && op.initial.kind === "copy" && result !== undefined) {
      const { source, from, to } = op.initial;
      const outer = this.views.get(source);
      if (this.session.views.has(result) || this.isNoNeedToCopy(result, source)) {
        const length = block.apply("sub", [to, from]);
        const start = outer === undefined ? from : this.at(block, outer, from);
        this.views.set(result, { base: outer?.base ?? source, from: start, length });
        return;
      }
      this.made.add(result);
      if (outer !== undefined) {
        const end = this.renamed.get(to) === outer.length ? outer.length : block.apply("min", [to, outer.length]);
        block.append({
          ...op,
          initial: {
            ...op.initial,
            source: outer.base,
            from: this.at(block, outer, from),
            to: this.at(block, outer, end),
          },
        });
        return;
      }
    }
    if (op.kind === "allocate" && result !== undefined) this.made.add(result);
    if (op.kind === "length" && result !== undefined) {
      const view = this.views.get(op.array);
      if (view !== undefined) {
        this.renamed.set(result, view.length);
        return;
      }
    }
    if ((op.kind === "load" || op.kind === "store" || op.kind === "accumulate") && op.at.kind === "element") {
      const view = this.views.get(op.at.base);
      if (view !== undefined) {
        if (op.kind !== "load") this.mustNotBeView(op.value);
        this.access(block, op, op.at.index, op.at.base, view);
        return;
      }
    }
    operandsOf(op).forEach((value) => this.mustNotBeView(value));
    if (op.kind === "loop") this.noteEnd(op);
    const same = (value: Value): Value => value;
    block.append(
      regionsOf(op).length === 0
        ? op
        : rebuild(op, { value: same, region: (inner) => this.region(inner), result: same }),
    );
  }

  /**
   * Can `set` read the view itself? It can where it writes other memory, and where it writes from the beginning of the
   * same memory on: it goes upwards, and is never ahead of what it reads.
   */
  private isNoNeedToCopy(copy: Value, source: Value): boolean {
    const { target, offset } = this.session.copiesForSet.get(copy) ?? {};
    if (target === undefined) return false;
    const read = this.views.get(source)?.base ?? source;
    const into = this.views.get(target);
    const written = into?.base ?? target;
    if (read !== written) return this.areApart(read, written);
    return [into?.from, offset].every((from) => from === undefined || from === null || this.literals.get(from) === 0);
  }

  /** Are they certainly two arrays? The arguments of a derivative are compared on entry where it writes one of them. */
  private areApart(read: Value, written: Value): boolean {
    const isKnown = (value: Value): boolean => this.made.has(value) || this.params.has(value);
    if (!isKnown(read) || !isKnown(written)) return false;
    return this.made.has(read) || this.made.has(written) || this.session.fixedParameters.has(written);
  }

  private at(block: Block, { from }: View, index: Value): Value {
    if (this.literals.get(from) === 0) return index;
    return this.literals.get(index) === 0 ? from : block.apply("add", [from, index]);
  }

  /** Outside of the view there is nothing, whatever the array holds there. */
  private access(
    block: Block,
    op: Op & { readonly kind: "load" | "store" | "accumulate" },
    index: Value,
    name: Value,
    view: View,
  ): void {
    const [result] = op.results;
    const inside = (here: Block): Op => ({ ...op, at: element(view.base, this.at(here, view, index)) });
    if (this.isInside(index, name, view)) {
      block.append(inside(block));
      return;
    }
    const isNotNegative = block.apply("ge", [index, block.constant(0)]);
    const isBelow = block.apply("lt", [index, view.length]);
    const test = block.apply("and", [isNotNegative, isBelow]);
    const [then, otherwise] = [block.inner(), block.inner()];
    if (result === undefined) {
      then.append(inside(then));
      block.if(test, then.yield([], []), otherwise.yield([], []), []);
      return;
    }
    const loaded = makeValue(result.type, result.origin);
    then.append({ ...inside(then), results: [loaded] });
    const nothing = otherwise.constant(result.type.kind === "number" ? NaN : 0);
    block.if(test, then.yield([], [loaded]), otherwise.yield([], [nothing]), [result]);
  }

  private isInside(index: Value, name: Value, { length }: View): boolean {
    if (this.session.inViews.get(index)?.has(name) === true) return true;
    const end = this.ends.get(index);
    return end !== undefined && (this.renamed.get(end) ?? end) === length;
  }

  private noteEnd({ range, body }: LoopOp): void {
    const [counter] = body.params;
    if (range === null || counter === undefined || range.inclusive || range.step < 0) return;
    const from = this.literals.get(range.from);
    if (typeof from === "number" && from >= 0) this.ends.set(counter, range.to);
  }

  private mustNotBeView(value: Value): void {
    const node = this.views.has(value) ? this.session.views.get(value) : undefined;
    if (node === undefined || this.reported.has(node)) return;
    this.reported.add(node);
    refuse(this.session, "EZ2001", node, {
      what: "a view of an array (`subarray`) that is returned, kept in an object, or chosen while the program runs,",
      advice: "use slice, which copies, or hand on the array with an offset",
    });
  }
}
