// What is not visible is not received: how much of each stream is asked for, by the size of its
// tile and whether anybody can see it; before it has one, by how many there are. What the person has
// chosen to receive is never exceeded.

import { effect, signal } from '../third-party/signals.js';
import { currentConnection } from './session.js';
import { enlarged, hidden, mostTiles, phone } from './viewport.js';
import { grid } from '../layout/grid.js';
import { group, phase, speakers, streams } from './store.js';
import { request, requestStream } from '../lib/index.js';
import { settings } from './settings.js';
import { setAsked } from './incoming.js';
import { tiles } from './tiles.js';
import { canReceive, wanted } from './receive.js';

/** @typedef {import('../lib/messages.js').Wanted} Wanted */
/** @typedef {import('./store.js').RemoteStream} RemoteStream */
/** @typedef {'video' | 'video-low' | 'half-rate' | 'quarter-rate' | 'audio'} Need half-rate: video-low, and half of the frames */

/** Area up to which a picture of low quality is as good, device pixels. */
export const LOW_AREA = 320 * 240;
/** With more pictures than this in sight, those have to be larger to be worth the most, and small ones need not be as smooth: nobody looks at all of them. */
export const MANY = 12;
const LOW_AREA_OF_MANY = 4 * LOW_AREA;
/** With more than this a quarter of the frames has to do, of those who do not speak: that is as many as of twelve. */
export const CROWD = 24;
/** How long after they have spoken somebody's picture is smoother, ms. */
const SPOKE_FOR = 10_000;
/** More device pixels for a CSS pixel than this are not worth their bits. */
const MAX_DENSITY = 1.5;
/** A picture is made small again only when it is this much smaller than what made it large. */
const SHRINK = 0.8;
/** The part of the window's height that the stage has, about. */
const STAGE = 0.85;
/** How long the layout has to rest before anything is asked for, and how long that waits where it never does, ms. */
const REST = 300;
const MAX_WAIT = 1000;
/** How long a tile has to be out of sight before its picture is given up, ms. */
const AWAY_FOR = 2000;
/** The same for the whole page on a desk, where people come back to it soon, ms. */
const HIDDEN_FOR = 30_000;

/** Where the tiles lie, by key; written by the stage. */
export const placement = signal(/** @type {ReadonlyMap<string, {w: number, h: number}>} */ (new Map()));

/**
 * How much of a stream is of use.
 * @param {object} tile
 * @param {{w: number, h: number} | undefined} tile.place CSS pixels; undefined for one that is out of sight
 * @param {boolean} tile.enlarged it fills the screen, or has a window of its own
 * @param {boolean} [tile.spoke] whose it is has spoken of late
 * @param {object} page
 * @param {number} page.density device pixels for a CSS pixel
 * @param {number} page.visible how many pictures of others are in sight
 * @param {Need} before what was of use until now
 * @returns {Need}
 */
export function needOf({ place, enlarged: large, spoke }, { density, visible }, before) {
  if (large) return 'video';
  if (!place) return 'audio';
  const area = place.w * place.h * Math.min(density, MAX_DENSITY) ** 2;
  const limit = visible > MANY ? LOW_AREA_OF_MANY : LOW_AREA;
  if (area > (before === 'video' ? limit * SHRINK : limit)) return 'video';
  if (visible > CROWD && !spoke) return 'quarter-rate';
  return visible > MANY ? 'half-rate' : 'video-low';
}

/**
 * What to ask the server for.
 * @param {Wanted[]} ceiling what the person's own setting gives
 * @param {Need} need
 * @param {boolean} sound the stream has sound; one that has not would end if only that were asked for
 * @returns {Wanted[] | null} null for what the setting gives
 */
export function askFor(ceiling, need, sound) {
  const picture = ceiling.find((w) => w !== 'audio');
  if (!picture || need === 'video' || need === picture) return null;
  const heard = ceiling.filter((w) => w === 'audio');
  if (need === 'audio' && sound && heard.length > 0) return heard;
  return need === 'video-low' ? [...heard, need] : [...heard, 'video-low', need === 'half-rate' ? need : 'quarter-rate'];
}

/**
 * How much is of use of a picture that has no tile yet.
 * @param {number} n how many tiles there are, or will be
 * @param {Need} [before] what was of use until now
 * @returns {Need}
 */
export function needOfNew(n, before = 'video-low') {
  const { innerWidth: w = 1280, innerHeight = 800, devicePixelRatio: density = 1 } = globalThis;
  const { tileW, tileH, perPage } = grid({ w, h: innerHeight * STAGE, n, maxPerPage: mostTiles() });
  return needOf({ place: { w: tileW, h: tileH }, enlarged: false }, { density, visible: Math.min(n, perPage) - 1 }, before);
}

/** What is asked of streams of which nothing else is: the need of a picture, and the same in the words of the protocol, by label. */
let usual = { need: /** @type {Need} */ ('video'), words: /** @type {Record<string, Wanted[]>} */ ({}) };
/** What has been asked of single streams instead, by what they bring: of an id there may be another one. @type {WeakMap<MediaStream, string>} */
const exceptions = new WeakMap();

/**
 * @param {Need} need
 * @returns {typeof usual} within what the person has chosen
 */
function usualOf(need) {
  const rule = wanted(canReceive() ? settings.peek().request : '');
  const all = rule[''] ?? [];
  const low = askFor(all, need, true);
  // What is shown beside a camera is large.
  return { need, words: low ? { screenshare: all, video: all, ...rule, '': low } : rule };
}

/**
 * Asks for the streams of a room that we have just joined: where many are in it the pictures will be small.
 * @param {import('../lib/index.js').ServerConnection} c
 */
export function askForStreams(c) {
  usual = usualOf(needOfNew(group.peek().clientCount ?? 0));
  request(c, usual.words);
}

/** @type {Map<string, number>} id of a stream to when its tile was last in sight, ms */
const seen = new Map();
/** @type {Map<string, number>} client id to when they were last heard, ms */
const heard = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** When the layout began to move, ms; 0 while it rests. */
let moving = 0;

/** Asks for what is of use from now on. */
export function followVisibility() {
  let receive = settings.peek().request;
  effect(() => {
    void [placement.value, streams.value, hidden.value, enlarged.value, placement.value.size > CROWD && speakers.value];
    const setting = settings.value.request;
    const c = currentConnection();
    if (phase.value !== 'joined' || !c) return;
    if (setting !== receive) {
      receive = setting;
      usual = usualOf(usual.need);
      request(c, usual.words);
      ask();
      return;
    }
    clearTimeout(timer);
    moving ||= Date.now();
    timer = setTimeout(ask, Math.min(REST, moving + MAX_WAIT - Date.now()));
  });
}

/** Compares what is of use with what was asked for, and sends the differences. */
function ask() {
  clearTimeout(timer);
  moving = 0;
  const c = currentConnection();
  if (phase.peek() !== 'joined' || !c) return;
  const rule = wanted(settings.peek().request);
  const now = Date.now();
  let next = Infinity;
  for (const id of speakers.peek()) heard.set(id, now);
  for (const [id, when] of heard) {
    if (now - when >= SPOKE_FOR) heard.delete(id);
    else next = Math.min(next, when + SPOKE_FOR - now);
  }
  const seenOf = visibleStreams();
  const page = { density: globalThis.devicePixelRatio || 1, visible: [...streams.peek().values()].filter((s) => seenOf(s).place).length };
  const needBefore = usual.need;
  usual = usualOf(needOfNew(tiles.peek().length, needBefore));
  for (const stream of streams.peek().values()) {
    const ceiling = rule[stream.label] ?? rule[''] ?? [];
    const usually = usual.words[stream.label] ?? usual.words[''] ?? [];
    const before = seen.has(stream.id) ? lastNeed(stream) : stream.label in usual.words ? 'video' : usual.need;
    // What has never been in sight has not become small: it is.
    let need = needOf({ ...seenOf(stream), spoke: heard.has(stream.source) }, page, seen.has(stream.id) ? before : 'video-low');
    if (need !== 'audio') {
      seen.set(stream.id, now);
    } else if (before !== 'audio') {
      const patience = hidden.peek() && !phone.peek() ? HIDDEN_FOR : AWAY_FOR;
      const left = (seen.get(stream.id) ?? now) + patience - now;
      if (!seen.has(stream.id)) seen.set(stream.id, now);
      if (left > 0) {
        next = Math.min(next, left);
        need = before;
      }
    }
    const words = askFor(ceiling, need, stream.audio);
    const asked = words ? words.join() : '';
    if (asked !== stream.asked) setAsked(stream.id, asked);
    const want = (words ?? ceiling).join();
    if (stream.asked !== '?' && want === (exceptions.get(stream.media) ?? usually.join())) continue;
    const excepted = want !== usually.join();
    requestStream(c, stream.id, excepted ? words ?? ceiling : null);
    if (excepted) exceptions.set(stream.media, want);
    else exceptions.delete(stream.media);
  }
  // Behind what is not as usual from now on.
  if (usual.need !== needBefore) request(c, usual.words);
  for (const id of seen.keys()) if (!streams.peek().has(id)) seen.delete(id);
  if (next < Infinity) timer = setTimeout(ask, next);
}

/**
 * @param {RemoteStream} stream
 * @returns {Need}
 */
function lastNeed({ asked }) {
  if (asked === 'audio') return asked;
  if (asked.includes('quarter-rate')) return 'quarter-rate';
  if (asked.includes('half-rate')) return 'half-rate';
  return asked.includes('video-low') ? 'video-low' : 'video';
}

/**
 * Whether anybody can see the tile of a stream.
 * @param {RemoteStream} stream
 */
export function inSight(stream) {
  const { place, enlarged: large } = visibleStreams()(stream);
  return large || place !== undefined;
}

/** @returns {(stream: RemoteStream) => {place: {w: number, h: number} | undefined, enlarged: boolean}} */
function visibleStreams() {
  const byStream = new Map(tiles.peek().map((t) => [t.stream, t.key]));
  return ({ id }) => {
    const key = byStream.get(id) ?? '';
    const large = enlarged.peek();
    // A window of its own is seen even while the page is not.
    if (large.window !== '' && large.window === key) return { place: undefined, enlarged: true };
    if (hidden.peek()) return { place: undefined, enlarged: false };
    if (large.screen !== '') return { place: undefined, enlarged: large.screen === key };
    return { place: placement.peek().get(key), enlarged: false };
  };
}
