/** Taking back what lowering did, where it was only tried. */
import type { LoweringSession } from "./session.js";

/** Forgets all that a session finds out from now on: what it reports, the functions that it lowers. */
export function undoOf(session: LoweringSession): () => void {
  const { compilation, failures, callees } = session;
  const reported = compilation.diagnostics.length;
  const lowered = session.lowered.length;
  const functions = new Set(compilation.functions.keys());
  const variants = new Map([...callees].map(([node, known]) => [node, new Map(known)] as const));
  const takeBack = [
    ...[session.fenced, session.examined, session.scratchUsers, session.calledMeanwhile].map(undoOfSet),
    undoOfSet(session.reserved),
    undoOfMap(session.widened),
    undoOfMap(session.widenedKinds),
    undoOfMap(session.hopeless),
  ];
  return () => {
    session.failures = failures;
    compilation.rewind(reported);
    session.lowered.splice(lowered);
    for (const name of compilation.functions.keys()) if (!functions.has(name)) compilation.functions.delete(name);
    callees.clear();
    for (const [node, known] of variants) callees.set(node, known);
    for (const one of takeBack) one();
  };
}

function undoOfSet<T>(set: Set<T>): () => void {
  const before = [...set];
  return () => {
    set.clear();
    for (const one of before) set.add(one);
  };
}

function undoOfMap<K, V>(map: Map<K, V>): () => void {
  const before = [...map];
  return () => {
    map.clear();
    for (const [key, value] of before) map.set(key, value);
  };
}
