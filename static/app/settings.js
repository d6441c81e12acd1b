// What is remembered on this machine: the settings, the last name typed, the rooms visited.

import { signal } from '../third-party/signals.js';

const SETTINGS = 'settings';
const NAME = 'galene.name';
const ROOMS = 'galene.rooms';
/** How many rooms are remembered. */
const MAX_ROOMS = 5;

/**
 * @typedef {object} Settings
 * @property {string} audio id of the microphone, empty for the default
 * @property {string} video id of the camera, empty for the default
 * @property {string} speaker id of the loudspeaker, empty for the default
 * @property {boolean} mirrorView show our own camera as a mirror does
 * @property {'' | 'light' | 'dark'} theme empty: as the system has it
 * @property {string} language tag of the language; empty: as the browser has it
 * @property {boolean} shortcuts single keys act
 * @property {Record<string, string>} keys keys of shortcuts that the person has changed, by their names
 * @property {boolean} announcePeople screen readers say who comes and goes
 * @property {boolean} announceHands and who raises a hand
 * @property {boolean} announceChat and what is written while the chat is closed
 * @property {'s' | 'm' | 'l' | 'off'} captionSize
 * @property {boolean} stillness nothing moves, whatever the system says
 * @property {'' | 'audio' | 'screenshare' | 'everything-low' | 'everything'} request what we receive
 * @property {'auto' | 'grid' | 'sidebar' | 'spotlight'} layout
 * @property {import('../layout/arrange.js').Corner} selfCorner where our own picture floats
 * @property {boolean} hideSelf our own picture is not shown
 * @property {number} panelWidth of people and chat, CSS pixels
 * @property {boolean} forceRelay media only by way of a TURN server
 * @property {import('./encodings.js').Throughput} send what our pictures may take
 * @property {import('./encodings.js').Simulcast} simulcast whether they are sent in several sizes
 * @property {boolean} blackboardMode the camera shows text: sharp rather than smooth
 * @property {boolean} preprocessing noise is taken out of our sound; without it, nothing is done to that at all
 * @property {boolean} echoCancellation
 * @property {boolean} autoGainControl
 * @property {boolean} hqaudio our sound may take more
 * @property {string} filter what is done to our picture; empty for nothing
 * @property {'' | [number, number]} resolution width and height that are asked of the camera; empty for what fits
 * @property {boolean} activityDetection who speaks has a frame
 * @property {boolean} displayAll who sends no picture has a tile nevertheless
 * @property {boolean} mutedHint say so when we speak while muted
 * @property {boolean} startMic the microphone was on when we last joined
 * @property {boolean} startCamera the camera was on when we last joined
 */

/** How wide the panel of people and chat is at first, CSS pixels. */
export const PANEL_WIDTH = 360;

/** @type {Settings} */
export const DEFAULTS = {
  layout: 'auto', selfCorner: 'end-bottom', hideSelf: false, panelWidth: PANEL_WIDTH,
  audio: '', video: '', speaker: '', mirrorView: true, theme: '', language: '', shortcuts: true, keys: {}, announcePeople: true, announceHands: true,
  announceChat: true, captionSize: 'm', stillness: false, request: 'everything', forceRelay: false,
  send: 'normal', simulcast: 'auto', blackboardMode: false, preprocessing: true, echoCancellation: true, autoGainControl: true, hqaudio: false, filter: '',
  resolution: '', activityDetection: false, displayAll: false, mutedHint: true, startMic: true, startCamera: true,
};

export const settings = signal(/** @type {Settings} */ ({ ...DEFAULTS, ...read(SETTINGS, {}) }));

/** @param {Partial<Settings>} change */
export function changeSettings(change) {
  settings.value = { ...settings.value, ...change };
  // Another window may have changed others.
  write(SETTINGS, { ...read(SETTINGS, {}), ...change });
}

/**
 * Gives a setting its default again; one that is not ours is forgotten.
 * @param {string} key
 */
export function resetSetting(key) {
  /** @param {object} all */
  const rest = (all) => Object.fromEntries(Object.entries(all).filter(([k]) => k !== key));
  settings.value = { ...DEFAULTS, ...rest(settings.value) };
  write(SETTINGS, rest(read(SETTINGS, {})));
}

/** @returns {string} the name typed last */
export function lastName() {
  return String(read(NAME, ''));
}

/** @param {string} name */
export function rememberName(name) {
  write(NAME, name);
}

/** @returns {string[]} names of rooms, the latest first */
export function recentRooms() {
  const rooms = read(ROOMS, []);
  return Array.isArray(rooms) ? rooms.filter((r) => typeof r === 'string') : [];
}

/** @param {string} name */
export function rememberRoom(name) {
  write(ROOMS, [name, ...recentRooms().filter((r) => r !== name)].slice(0, MAX_ROOMS));
}

/** Forgets the rooms visited and the name typed. */
export function forgetRooms() {
  write(ROOMS, []);
  write(NAME, '');
}

/**
 * @param {string} key
 * @param {any} fallback what is given when nothing is stored, or storage is refused, or is damaged
 */
function read(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? fallback;
  } catch {
    return fallback;
  }
}

/**
 * Storage may be refused; then things are remembered as long as the page lives.
 * @param {string} key
 * @param {unknown} value
 */
function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    return;
  }
}
