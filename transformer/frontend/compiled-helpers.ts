/** Functions that compilers write into a file, for what older engines lack: known by their names. */

/** `{ ...a, ...b }`, `Object.assign(a, b)` */
export const isCopyHelper = (name: string): boolean =>
  /^(__assign|_extends\d*|_objectSpread2?|__spreadValues|__spreadProps)$/.test(name);

/** `const { x, ...rest } = o` */
export const isRestHelper = (name: string): boolean => /^(__rest|_objectWithoutProperties(Loose)?)$/.test(name);

/** `const [a, b] = p`: the elements of a list, in one of its own. */
export const isReadHelper = (name: string): boolean => name === "__read";

/** `class V { scale = 2; }`: gives an instance a field of its own. */
export const isFieldHelper = (name: string): boolean => /^(_defineProperty\d*|__publicField)$/.test(name);
