/**
 * Which key was pressed, wherever letters lie on the keyboard. Pure.
 * @module
 */

const LETTER = /^[a-z]$/i;

/**
 * The Latin letter of a key in lower case: the one it writes, or, on a keyboard that writes other letters (Cyrillic,
 * Greek), the one that stands on it in English. What is no letter is as the browser calls it.
 * @param {{key: string, code: string}} event
 */
export function letterOf({ key, code }) {
  if (LETTER.test(key) || !code.startsWith("Key")) return key.toLowerCase();
  return code.slice("Key".length).toLowerCase();
}
