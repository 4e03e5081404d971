/**
 * The primal with a note on each line, for `--dump analyze`: what is active, how its value reaches the
 * reverse sweep and why, what memory a reference denotes, how often a loop runs, what an operation does
 * besides giving a value.
 */
import { isObservable, isPure } from "../analyze/effects.js";
import { tripCountOf } from "../analyze/trip-counts.js";
import { print } from "../ir/print.js";
import { isReference, type LoopOp, type Op, type Value } from "../ir/ir.js";
import type { Facts } from "./facts.js";
import type { ReverseResult } from "./reverse.js";

/** What is known of a primal, as text. */
export function explainReverse({ plan: { facts, recording } }: ReverseResult): string {
  return print(facts.fn, (subject) => {
    if ("origin" in subject) return explainValue(subject, facts, recording.why(subject));
    switch (subject.kind) {
      case "loop": {
        const run = recording.isReplayed(subject)
          ? "replayed: its iterations run again in the reverse sweep"
          : "recorded";
        return `${explainCount(subject)}; ${run}`;
      }
      case "if":
        return recording.isJoined(subject) ? "joined: reversed where it runs" : null;
      default:
        return explainEffects(subject, facts);
    }
  });
}

function explainValue(value: Value, facts: Facts, recorded: string | null): string {
  const parts = [facts.activity.why(value), recorded];
  if (isReference(value.type)) {
    const { escapes, written, parameter } = facts.aliases.classOf(value);
    const home = parameter === null ? (escapes ? "seen outside" : "local") : `of parameter ${parameter}`;
    parts.push(`memory ${home}, ${written ? "written" : "only read"}`);
  }
  return parts.filter((part) => part !== null).join(", ");
}

function explainCount(loop: LoopOp): string {
  switch (tripCountOf(loop).kind) {
    case "exact":
      return "count known at entry";
    case "bounded":
      return "count bounded at entry: it may stop before";
    case "unknown":
      return "count unknown";
  }
}

function explainEffects(op: Op, { aliases }: Facts): string | null {
  if (op.results.length > 0 || isPure(op)) return null;
  return isObservable(op, aliases) ? "seen outside: runs once" : "writes memory";
}
