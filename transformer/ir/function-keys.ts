/**
 * The table of functions spans all files, and two files may each have a function of one name. There a function is known
 * by a key: its name, with a number behind it where another one has that key already.
 *
 *   tree, tree#2: both are called `tree` in the text of their file
 */

/** What a function is called in the text. */
export const nameOfKey = (key: string): string => key.replace(/#\d+$/, "");

/** A key for a function of this name. */
export function freeKey(name: string, isTaken: (key: string) => boolean): string {
  let key = name;
  for (let count = 2; isTaken(key); count++) key = `${name}#${count}`;
  return key;
}
