// What the stage shows: one tile for each person who may present, one for each shared screen.

import { computed } from '../third-party/signals.js';
import { cameraTrack, me, mic, phase, pinned, playedFiles, sentStates, shares, speakers, streams, users } from './store.js';
import { noPath, noRelay } from './relay.js';
import { people, sending } from './roster.js';
import { exchanged, hiddenTiles } from './view.js';
import { rank } from '../layout/rank.js';
import { settings } from './settings.js';

/** @typedef {import('./store.js').RemoteStream} RemoteStream */

/**
 * @typedef {object} Tile
 * @property {string} key the same as long as the tile lives
 * @property {boolean} self
 * @property {boolean} local made on this machine
 * @property {boolean} share
 * @property {boolean} presenting belongs to somebody whose screen is shown
 * @property {number} since
 * @property {string} name
 * @property {{id: string, username: string} | null} who whose it is; null for ourselves
 * @property {string} stream id of the stream of somebody else that it shows; empty for none
 * @property {boolean} sound somebody else can be heard
 * @property {MediaStream | null} media
 * @property {boolean} video there is a picture to show
 * @property {boolean} face there is one, whether or not it is received
 * @property {boolean} muted
 * @property {boolean} speaking
 * @property {number} hand
 * @property {'ok' | 'connecting' | 'failed' | 'frozen'} state
 * @property {string} [file] id of the file of ours that it plays
 * @property {boolean} [played] it shows a file rather than a screen
 */

/** Our own picture, as a stream that changes only when the camera does. */
export const ownMedia = computed(() => (cameraTrack.value ? new MediaStream([cameraTrack.value]) : null));

/** Every tile, the most important first. */
export const tiles = computed(() => rank([...personTiles(), ...streamTiles(), ...localShareTiles(), ...fileTiles()].map(inPlace)));

/** Those that have a place: the rest is only heard. */
export const shownTiles = computed(() => tiles.value.filter((tile) => tile.local || !(hiddenTiles.value.has(tile.key) || isSoundOnly(tile))));

/** Tiles that are not shown although somebody can be heard in them. */
export const heardOnly = computed(() => tiles.value.filter((tile) => tile.sound && !hiddenTiles.value.has(tile.key) && isSoundOnly(tile)));

/**
 * A person without a picture, where those are not to have a tile.
 * @param {Tile} tile
 */
function isSoundOnly(tile) {
  return !settings.value.displayAll && pinned.value !== tile.key && !tile.local && !tile.share && !tile.face;
}

/**
 * A tile that has changed places with another.
 * @param {Tile} tile
 * @returns {Tile}
 */
function inPlace(tile) {
  const since = exchanged.value.get(tile.key);
  return since === undefined ? tile : { ...tile, since };
}

/** @returns {Tile[]} */
function personTiles() {
  const presenters = new Set([...streams.value.values()].filter((s) => s.label === 'screenshare').map((s) => s.source));
  /** @type {Tile[]} */
  const list = [];
  for (const { user, self, hand } of people.value) {
    const stream = self ? undefined : cameraOf(user.id);
    if (!self && !stream && !user.permissions.includes('present')) continue;
    if (self && users.value.size > 1 && (settings.value.hideSelf || !user.permissions.includes('present'))) continue;
    list.push({
      key: self ? 'self' : `user:${user.id}`,
      self, local: self, share: false,
      presenting: self ? shares.value.length > 0 : presenters.has(user.id),
      since: user.since,
      name: user.username, who: self ? null : user, stream: stream?.id ?? '', sound: stream?.audio ?? false,
      media: self ? ownMedia.value : stream?.media ?? null,
      video: self ? cameraTrack.value !== null : stream?.video ?? false,
      face: stream ? stream.video || stream.paused : self && cameraTrack.value !== null,
      muted: self ? !mic.value.on : !sending(user).audio,
      speaking: phase.value === 'joined' && settings.value.activityDetection && speakers.value.has(self ? 'self' : user.id),
      hand,
      state: self ? ownState('self') : stateOf(stream),
    });
  }
  return list;
}

/** @returns {Tile[]} shared screens and whatever else somebody sends beside the camera */
function streamTiles() {
  return [...streams.value.values()]
    .filter((s) => (s.video || s.paused) && s.id !== cameraOf(s.source)?.id)
    .map((s) => ({
      key: s.key, self: false, local: false, share: true, presenting: false, since: s.since,
      name: users.value.get(s.source)?.username ?? s.username,
      who: { id: s.source, username: users.value.get(s.source)?.username ?? s.username }, stream: s.id, sound: s.audio,
      media: s.media, video: s.video, face: true, muted: false, speaking: false, hand: 0, state: stateOf(s), played: s.label === 'video',
    }));
}

/** @returns {Tile[]} */
function localShareTiles() {
  return shares.value.map((s, i) => ({
    key: `share:${s.id}`, self: false, local: true, share: true, presenting: false, since: i,
    name: users.value.get(me.value.id)?.username ?? me.value.username, who: null, stream: '', sound: false,
    media: s.media, video: true, face: true, muted: false, speaking: false, hand: 0, state: ownState(`share:${s.id}`),
  }));
}

/** @returns {Tile[]} */
function fileTiles() {
  return playedFiles.value.map((f, i) => ({
    key: `file:${f.id}`, self: false, local: true, share: true, presenting: false, since: i,
    name: f.name, who: null, stream: '', sound: false, media: null, video: true, face: true, muted: false, speaking: false, hand: 0, state: ownState(`file:${f.id}`), file: f.id, played: true,
  }));
}

/**
 * The stream that a person's own tile shows.
 * @param {string} userId
 * @returns {RemoteStream | undefined}
 */
function cameraOf(userId) {
  let found;
  for (const s of streams.value.values()) {
    if (s.source === userId && s.label !== 'screenshare' && s.label !== 'video' && (!found || s.since < found.since)) found = s;
  }
  return found;
}

/**
 * @param {RemoteStream | undefined} stream
 * @returns {Tile['state']}
 */
function stateOf(stream) {
  if (phase.value !== 'joined') return 'frozen';
  if (!stream) return 'ok';
  if (stream.state === 'new' || stream.state === 'checking') return noRelay.value || noPath.value ? 'failed' : 'connecting';
  if (stream.state === 'failed') return 'failed';
  return stream.state === 'disconnected' ? 'frozen' : 'ok';
}

/**
 * What is ours is as it is whether or not it gets to the server, but for when it does not, or not yet.
 * @param {string} key of the tile
 * @returns {Tile['state']}
 */
function ownState(key) {
  const state = sentStates.value.get(key);
  if (state === undefined || state === 'connected' || state === 'completed') return 'ok';
  if (state === 'failed' || noRelay.value || noPath.value) return 'failed';
  return state === 'disconnected' ? 'ok' : 'connecting';
}

/** Streams that are heard but have no tile to play them: audio of people beyond their first stream. */
export const soundOnly = computed(() =>
  [...streams.value.values()].filter((s) => s.audio && !s.video && !s.paused && s.id !== cameraOf(s.source)?.id));
