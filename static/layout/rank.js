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

/**
 * Who has something to say and cannot be seen takes the place of who has been silent for longest,
 * and everybody else stays where they are.
 * @param {object} call
 * @param {{key: string, fixed: boolean}[]} call.order every tile, the most important first; fixed: ourselves, and what is large
 * @param {number} call.perPage how many of them are seen
 * @param {ReadonlySet<string>} call.speaking keys of who speaks
 * @param {ReadonlyMap<string, number>} call.heard when each was last heard, ms
 * @returns {[string, string] | null} who comes, and in whose place
 */
export function promotion({ order, perPage, speaking, heard }) {
  const comes = order.slice(perPage).find((t) => speaking.has(t.key) && !t.fixed);
  if (!comes) return null;
  const silent = order.slice(0, perPage).filter((t) => !t.fixed && !speaking.has(t.key)).map((t) => ({ key: t.key, last: heard.get(t.key) ?? 0 }));
  // Of those who have said nothing yet, the last one goes.
  const [goes] = silent.reverse().sort((a, b) => a.last - b.last);
  return goes ? [comes.key, goes.key] : null;
}

/**
 * Who is shown large: stays as long as nobody else speaks alone.
 * @param {string} before key
 * @param {ReadonlySet<string>} speaking keys, without our own
 * @returns {string} key, empty if nobody has spoken
 */
export function mainSpeaker(before, speaking) {
  if (speaking.size === 0 || speaking.has(before)) return before;
  return [...speaking][0] ?? before;
}
