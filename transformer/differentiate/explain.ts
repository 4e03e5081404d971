/** The primal with a note on each line: what is active, what is recorded, recomputed or available, and why. */
import { print } from "../ir/print.js";
import type { ReverseResult } from "./reverse.js";

export function explainReverse({ facts, recording }: ReverseResult): string {
  return print(facts.fn, (subject) => {
    if (!("origin" in subject)) {
      if (subject.kind === "loop" && recording.isReplayed(subject))
        return "replayed: its iterations run again in the reverse sweep";
      if (subject.kind === "if" && recording.isJoined(subject)) return "joined: reversed where it runs";
      return null;
    }
    const active = facts.activity.why(subject);
    const why = recording.why(subject);
    return why === null ? active : `${active}, ${why}`;
  });
}
