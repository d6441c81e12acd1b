// The statistics of the server, as its administrators get them: fetched again and again, with a
// minute of the past for the plots.

import { rootUrl } from './paths.js';
import { signal } from '../third-party/signals.js';

/**
 * @typedef {object} Track
 * @property {'audio' | 'video'} kind
 * @property {string} [codec]
 * @property {number} bitrate bit/s
 * @property {number} [maxBitrate] bit/s of use, or that the line could take
 * @property {number} loss 0 to 1
 * @property {number} [rtt] ms
 * @property {number} [jitter] ms
 * @property {number} [sid]
 * @property {number} [maxSid]
 * @property {number} [tid]
 * @property {number} [maxTid]
 * @property {string} [reason] why a picture that is received is no better
 *
 * @typedef {{id: string, label?: string, maxBitrate?: number, tracks: Track[]}} Connection maxBitrate: bit/s that are asked for at most, or that
 *   the line is estimated to take
 * @typedef {{id: string, username?: string, up?: Connection[], down?: Connection[]}} Member
 * @typedef {{name: string, displayName?: string, clients?: Member[]}} Room
 */

/** How often statistics are fetched, in ms, and how many values a plot shows. */
export const INTERVAL = 2000;
export const SLOTS = 30;

/** Absent until they have been fetched for the first time. */
export const rooms = signal(/** @type {Room[] | null} */ (null));

/**
 * - loading: nothing is known yet
 * - signedOut: the server wants to know who we are
 * - wrong: it was told, and did not like it
 * - live: what is shown is what is
 * - stale: what is shown is what was, for the server does not answer
 */
export const state = signal(/** @type {'loading' | 'signedOut' | 'wrong' | 'live' | 'stale'} */ ('loading'));

export const paused = signal(false);

/** Bit rates of tracks, by key, the newest last. */
const past = /** @type {Map<string, number[]>} */ (new Map());

/** The header of who has signed in on this page; without one the browser's own credentials are sent. */
let authorization = '';

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** What is being asked for. @type {AbortController | undefined} */
let request;

/** Begins to fetch. */
export function watchStatistics() {
  void refresh();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void refresh();
  });
}

/**
 * @param {string} name
 * @param {string} password
 */
export async function signIn(name, password) {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  authorization = `Basic ${btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))}`;
  await refresh();
}

/** Stops fetching, or goes on with it. */
export function togglePause() {
  paused.value = !paused.value;
  void refresh();
}

async function refresh() {
  clearTimeout(timer);
  if (paused.value || document.visibilityState !== 'visible') return;
  state.value = await load();
  clearTimeout(timer);
  if (state.value === 'live' || state.value === 'stale') timer = setTimeout(refresh, INTERVAL);
}

/** How long the browser may take to ask for a password, in ms, before the page asks too. */
const PATIENCE = 1000;

/** Shows the form of the page if the server wants a password and the browser has not got one yet. */
async function offerToSignIn() {
  const response = await fetch(rootUrl('stats.json'), { method: 'HEAD', cache: 'no-store', credentials: 'omit' });
  if (response.status === 401 && state.value === 'loading' && !authorization) state.value = 'signedOut';
}

/** @returns {Promise<'signedOut' | 'wrong' | 'live' | 'stale'>} */
async function load() {
  const offer = setTimeout(() => { if (state.value === 'loading') offerToSignIn().catch(() => {}); }, PATIENCE);
  try {
    request?.abort();
    request = new AbortController();
    const { signal: cancelled } = request;
    const response = await fetch(rootUrl('stats.json'), authorization
      ? { cache: 'no-store', credentials: 'omit', headers: { Authorization: authorization }, signal: cancelled } : { cache: 'no-store', signal: cancelled });
    if (response.status === 401) {
      const told = authorization !== '';
      authorization = '';
      return told ? 'wrong' : 'signedOut';
    }
    if (!response.ok) return 'stale';
    take(await response.json());
    return 'live';
  } catch (e) {
    // Somebody has signed in while the browser was asking.
    if (e instanceof DOMException && e.name === 'AbortError') return state.value === 'loading' ? 'stale' : state.value;
    return 'stale';
  } finally {
    clearTimeout(offer);
  }
}

/** @param {Room[]} list what the server tells */
export function take(list) {
  const present = new Set();
  for (const { key, track } of tracksOf(list)) {
    present.add(key);
    const values = past.get(key) ?? [];
    values.push(track.bitrate);
    if (values.length > SLOTS) values.shift();
    past.set(key, values);
  }
  for (const key of past.keys()) {
    if (!present.has(key)) past.delete(key);
  }
  rooms.value = list;
}

/**
 * @param {string} key of a track
 * @returns {number[]}
 */
export function history(key) {
  return past.get(key) ?? [];
}

/**
 * @typedef {{key: string, connection: Connection, track: Track, down: boolean}} TrackEntry
 */

/**
 * @param {string} room
 * @param {Member} member
 * @returns {TrackEntry[]} what the member sends, then what it gets
 */
export function tracksOfMember(room, member) {
  return [...(member.up ?? []).map((connection) => ({ connection, down: false })), ...(member.down ?? []).map((connection) => ({ connection, down: true }))]
    .flatMap(({ connection, down }) => connection.tracks.map((track, i) => ({
      key: JSON.stringify([room, member.id, down, connection.id, i]), connection, track, down,
    })));
}

/** @param {Room[]} list */
function tracksOf(list) {
  return list.flatMap((room) => (room.clients ?? []).flatMap((member) => tracksOfMember(room.name, member)));
}

/**
 * Several tracks as one: rates are added up, and of all else it is the worst.
 * @param {TrackEntry[]} entries at least one
 * @returns {{codecs: string[], lowest: Track, figures: Pick<Track, 'bitrate' | 'loss' | 'rtt' | 'jitter'>, past: number[]}}
 *   codecs: those of pictures first; lowest: the track with the lowest layer, if any has layers; past: as of history()
 */
export function summary(entries) {
  const tracks = entries.map((e) => e.track).sort((a, b) => Number(a.kind === 'audio') - Number(b.kind === 'audio'));
  const layer = (/** @type {Track} */ { sid, tid }) => (sid === undefined && tid === undefined ? Infinity : (sid ?? 0) * 8 + (tid ?? 0));
  const worst = (/** @type {(number | undefined)[]} */ values) => values.reduce((a, b) => (b === undefined || (a ?? -1) > b ? a : b), undefined);
  const histories = entries.map((e) => history(e.key));
  const longest = Math.max(...histories.map((h) => h.length));
  return {
    codecs: [...new Set(tracks.map((x) => x.codec ?? ''))].filter(Boolean),
    lowest: tracks.reduce((a, b) => (layer(b) < layer(a) ? b : a)),
    figures: {
      bitrate: tracks.reduce((sum, x) => sum + x.bitrate, 0), loss: Math.max(...tracks.map((x) => x.loss)),
      rtt: worst(tracks.map((x) => x.rtt)), jitter: worst(tracks.map((x) => x.jitter)),
    },
    past: Array.from({ length: longest }, (_, i) => histories.reduce((sum, h) => sum + (h[h.length - longest + i] ?? 0), 0)),
  };
}

/**
 * @typedef {object} Totals
 * @property {number} people
 * @property {number} streamsIn
 * @property {number} streamsOut
 * @property {number} received bit/s
 * @property {number} sent bit/s
 * @property {number} loss 0 to 1, of everything
 */

/**
 * @param {Room[]} list
 * @returns {Totals}
 */
export function totals(list) {
  const members = list.flatMap((room) => room.clients ?? []);
  const all = tracksOf(list);
  /** @param {TrackEntry[]} some */
  const rate = (some) => some.reduce((sum, { track }) => sum + track.bitrate, 0);
  const everything = rate(all);
  return {
    people: members.length,
    streamsIn: members.reduce((n, m) => n + (m.up ?? []).length, 0),
    streamsOut: members.reduce((n, m) => n + (m.down ?? []).length, 0),
    received: rate(all.filter((e) => !e.down)),
    sent: rate(all.filter((e) => e.down)),
    loss: everything > 0 ? all.reduce((sum, { track }) => sum + track.loss * track.bitrate, 0) / everything : 0,
  };
}
