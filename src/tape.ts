/**
 * Makes room on a tape, the store for loops whose number of iterations is not known beforehand. Returns the tape itself
 * where it is long enough, and a longer copy otherwise: at least twice as long, so that growing costs little altogether.
 */
export function grow(tape: Float64Array, length: number): Float64Array {
  if (length <= tape.length) return tape;
  const longer = new Float64Array(Math.max(length, 2 * tape.length, 64));
  longer.set(tape);
  return longer;
}
