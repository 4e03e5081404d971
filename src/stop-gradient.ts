/**
 * The value itself, as a constant: no derivative flows through it.
 *
 *   const scale = stopGradient(norm(x));   // x / scale is differentiated as if scale were given
 *
 * Of an array or an object it is the same array or object. It must not be written to afterwards, under either name: the
 * transformer refuses what it cannot see to be so.
 *
 * @enzyme-stop-gradient
 */
export function stopGradient<T>(value: T): T {
  return value;
}
