/** Measures several calls side by side: in each round each of them runs for a while, by CPU time. */

/** Half of the rounds lie between `low` and `high`. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Pace {
  readonly rounds: number;
  /** How long one call is repeated in a round. */
  readonly sliceMs: number;
}

/** Every result ends up here, so that no engine can leave the work out. */
let consumed = 0;

/** The sum of what was consumed, to be printed or written somewhere. */
export function everythingConsumed(): number {
  return consumed;
}

export function consume(value: unknown): void {
  if (typeof value === "number") consumed += value;
  else if (value instanceof Float64Array) consumed += value[value.length >> 1] ?? 0;
  else if (typeof value === "object" && value !== null) for (const v of Object.values(value)) consume(v);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of CPU for one call, over as many calls as fill the slice. */
function sample(call: () => unknown, repeats: number): number {
  const start = cpuMs();
  for (let i = 0; i < repeats; i++) consume(call());
  return (cpuMs() - start) / repeats;
}

/**
 * How many calls fill a slice; warms the function up on the way. By CPU time too: on a busy machine the clock would run out
 * before the engine has optimised anything.
 */
function calibrate(call: () => unknown, sliceMs: number): number {
  const first = sample(call, 1);
  const warmUp = first > sliceMs ? 2 * sliceMs : 8 * sliceMs;
  for (let spent = 0; spent < warmUp;) {
    const start = cpuMs();
    consume(call());
    spent += cpuMs() - start;
  }
  if (first > 20 * sliceMs) return 1;
  const repeats = Math.max(1, Math.round(sliceMs / Math.max(sample(call, 3), 1e-3)));
  return repeats === 1 ? 1 : Math.max(1, Math.round(sliceMs / Math.max(sample(call, repeats), 1e-3)));
}

/** Milliseconds for one call: of each of the calls, in each round. */
export function interleaved(calls: readonly (() => unknown)[], { rounds, sliceMs }: Pace): number[][] {
  const repeats = calls.map((call) => calibrate(call, sliceMs));
  const times: number[][] = calls.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < calls.length; k++) {
      // The order rotates, so that nobody always runs after the same neighbour.
      const which = (k + round) % calls.length;
      // With --expose-gc nobody pays for the garbage of a neighbour; but memory is always fresh then, and that costs too.
      globalThis.gc?.();
      times[which].push(sample(calls[which], repeats[which]));
    }
  }
  return times;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** How many times as long as `b` did `a` take? Compared within rounds, so that what slows a whole round down drops out. */
export function ratioOf(a: readonly number[], b: readonly number[]): Spread {
  return spread(a.map((time, round) => time / b[round]));
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
