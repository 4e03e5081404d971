/** What most opaque operations do: nothing that others could see. */
import type { Effects } from "./ir.js";

export const pure: Effects = { reads: false, writes: false, observable: false };
export const readsOnly: Effects = { reads: true, writes: false, observable: false };
