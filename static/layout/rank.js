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

/** For so long after having spoken somebody is not taken for silent, ms. */
const RECENT = 10_000;

/**
 * @typedef {object} Call those whose places may change: neither ourselves nor what is large
 * @property {Placed[]} seen the most important first
 * @property {Placed[]} unseen those on other pages
 * @property {ReadonlySet<string>} speaking keys of who speaks
 * @property {ReadonlyMap<string, number>} heard when each was last heard, ms
 * @property {number} now ms
 */
/** @typedef {{key: string, face: boolean}} Placed face: there is a picture, whether or not it is received */

/**
 * Who has something to say and cannot be seen takes the place of who has been silent for longest,
 * rather of one without a picture, and everybody else stays where they are.
 * @param {Call} call
 * @returns {[string, string][]} who comes, and in whose place: one pair at most
 */
export function promotion(call) {
  const comes = call.unseen.find((t) => call.speaking.has(t.key));
  // Of those who have said nothing yet, the last one goes.
  const [goes] = silent(call).sort((a, b) => worth(a, call) - worth(b, call) || (call.heard.get(a.key) ?? 0) - (call.heard.get(b.key) ?? 0));
  return comes && goes ? [[comes.key, goes.key]] : [];
}

/**
 * Those who can be seen are on the first page, for which they exchange places with those there who have no picture and
 * have been silent for a while. Nobody else moves: a tile whose camera goes off stays where it is.
 * @param {Call} call
 * @returns {[string, string][]} who comes, and in whose place
 */
export function facesFirst(call) {
  const places = silent(call).filter((t) => worth(t, call) === 0);
  return call.unseen.filter((t) => t.face).slice(0, places.length).map((t, i) => [t.key, places[i]?.key ?? '']);
}

/**
 * Who is seen and may go, the last first.
 * @param {Call} call
 */
function silent({ seen, speaking }) {
  return seen.filter((t) => !speaking.has(t.key)).reverse();
}

/**
 * @param {Placed} tile
 * @param {Call} call
 */
function worth({ key, face }, { heard, now }) {
  return Number(face || now - (heard.get(key) ?? -Infinity) < RECENT);
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
