/** How long property tests run: a fixed seed and few runs, or `RUNS=20000 SEED=7` for a long search. */

export function runs(usual: number): { numRuns: number; seed: number; interruptAfterTimeLimit: number } {
  const { RUNS, SEED } = process.env;
  return {
    numRuns: RUNS === undefined ? usual : Number(RUNS),
    seed: SEED === undefined ? 20260 : Number(SEED),
    interruptAfterTimeLimit: RUNS === undefined ? 120_000 : 24 * 3600_000,
  };
}
