// The order of tiles.

/**
 * @typedef {object} Ranked
 * @property {boolean} self our own camera
 * @property {boolean} share a shared screen
 * @property {boolean} local made on this machine
 * @property {boolean} presenting belongs to somebody whose screen is shown
 * @property {number} since position in the order of arrival
 */

/**
 * Screens of others, our own screen, the person who presents, ourselves, then the others in the
 * order in which they came: the places of those who stay do not change when somebody speaks.
 * @template {Ranked} T
 * @param {T[]} tiles
 * @returns {T[]} a new array
 */
export function rank(tiles) {
  return [...tiles].sort((a, b) => group(a) - group(b) || a.since - b.since);
}

/** @param {Ranked} t */
function group(t) {
  if (t.share) return t.local ? 1 : 0;
  if (t.presenting && !t.self) return 2;
  return t.self ? 3 : 4;
}
