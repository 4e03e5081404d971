import type { Compilation } from "../compilation.js";
import type { IRFunction } from "../ir/ir.js";
import { print } from "../ir/print.js";
import { verify } from "../ir/verify.js";
import { adoptShadows } from "./adopt-shadows.js";
import { collectTerms } from "./collect-terms.js";
import { contractArrays } from "./contract-arrays.js";
import { countLoops } from "./count-loops.js";
import { dropUnchangedCarried } from "./drop-unchanged-carried.js";
import { flattenThrows } from "./flatten-throws.js";
import { followBranches } from "./follow-branches.js";
import { floatSigns } from "./float-signs.js";
import { foldClassTests } from "./fold-class-tests.js";
import { foldHoles } from "./fold-holes.js";
import { foldConstants } from "./fold-constants.js";
import { foldLengths } from "./fold-lengths.js";
import { foldRanges } from "./fold-ranges.js";
import { fuseLoops } from "./fuse-loops.js";
import { gatherPushes } from "./gather-pushes.js";
import { gatherStores } from "./gather-stores.js";
import { hoistInvariants } from "./hoist-invariants.js";
import { inferIntegers } from "./infer-integers.js";
import { inlineCalls } from "./inline-calls.js";
import { recognizeAccumulate } from "./recognize-accumulate.js";
import { mergeAccumulates } from "./merge-accumulates.js";
import { removeDead } from "./remove-dead.js";
import { resolveCounts } from "./resolve-counts.js";
import { scalarReplacement } from "./scalar-replacement.js";
import { shareCommon } from "./share-common.js";
import { shareGuards } from "./share-guards.js";
import { shareGrowth } from "./share-growth.js";
import { sinkAccumulates } from "./sink-accumulates.js";
import { unrollLoops } from "./unroll-loops.js";

export type Pass = (fn: IRFunction, compilation: Compilation) => IRFunction;

/** In this order, round after round, until none of them finds anything more to do. */
export const simplifications = {
  inlineCalls,
  // flat regions first: what is inlined often begins with a check of its arguments
  flattenThrows,
  // ranges are found for integers only, and need nothing else
  inferIntegers,
  countLoops,
  resolveCounts,
  foldClassTests,
  foldHoles,
  // takes the branches that countLoops, foldClassTests and foldHoles have decided
  foldConstants,
  foldRanges,
  followBranches,
  gatherPushes,
  foldLengths,
  dropUnchangedCarried,
  unrollLoops,
  gatherStores,
  scalarReplacement,
  shareCommon,
  shareGuards,
  hoistInvariants,
  recognizeAccumulate,
  mergeAccumulates,
  sinkAccumulates,
  shareGrowth,
  adoptShadows,
  fuseLoops,
  contractArrays,
  // what is used once is only known when nothing dead uses it
  removeDead,
  collectTerms,
  // what is left of signs when terms are collected
  floatSigns,
} satisfies Record<string, Pass>;

/** Rounds are few in practice: each one undoes a layer of nesting. The bound is for us, not for the user. */
const maximalRounds = 20;

/** Simplifies until nothing changes. Each pass can be switched off by its name. */
export function simplify(fn: IRFunction, compilation: Compilation): IRFunction {
  let current = fn;
  for (let round = 0; round < maximalRounds; round++) {
    const before = current;
    for (const [name, pass] of Object.entries(simplifications)) {
      if (!compilation.isEnabled(name)) continue;
      const next = pass(current, compilation);
      if (next === current) continue;
      current = next;
      compilation.dump(name, () => print(next));
      if (compilation.checks) verify(current, name, compilation.functions);
    }
    if (current === before) break;
  }
  return current;
}
