/** A small deterministic generator (mulberry-like mixing), so that every run sees the same data. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `length` numbers between `low` and `high`. */
export function uniform(length: number, low: number, high: number, seed: number): Float64Array {
  const next = randomNumbers(seed);
  return Float64Array.from({ length }, () => low + (high - low) * next());
}
