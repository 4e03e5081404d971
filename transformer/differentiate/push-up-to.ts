/** Elements behind the end of an array, as far as an index or up to a length. */
import { makeValue, type Block } from "../ir/build.js";
import { integerType, type Value } from "../ir/ir.js";

/** `for k from length a up to i { push a filler }`; `inclusive`: there is an element at `to`, too. */
export function pushUpTo(array: Value, filler: number, to: Value, inclusive: boolean, block: Block): void {
  const body = block.inner();
  body.push(array, body.constant(filler));
  block.loop(
    { from: block.length(array), to, step: 1, inclusive },
    [],
    body.yield([makeValue(integerType)], [body.constant(false)]),
    [makeValue(integerType), makeValue(integerType)],
  );
}
