// The whole state of the page of a group. Components read it; the other modules of app/ write it.

import { computed, signal } from '../third-party/signals.js';

/** @typedef {import('../lib/messages.js').Status} Status */
/** @typedef {import('../lib/messages.js').Permission} Permission */

/**
 * @typedef {object} User a member of the group
 * @property {string} id
 * @property {string} username
 * @property {Permission[]} permissions
 * @property {import('../lib/messages.js').UserData} data
 * @property {number} since order of arrival as we saw it
 * @property {number} handSince when we saw the hand go up, ms; 0 = down
 */

/**
 * @typedef {object} RemoteStream
 * @property {string} id
 * @property {string} key of the tile: survives the replacement of the stream by another
 * @property {string} label
 * @property {string} source client id of the publisher
 * @property {string} username
 * @property {MediaStream} media
 * @property {boolean} audio
 * @property {boolean} video there is a picture now
 * @property {boolean} paused there would be one if we asked for it
 * @property {string} asked what we asked of it beyond the person's setting; empty for nothing, `?` where the server may have something else in mind
 * @property {ReturnType<typeof setTimeout>} [wait] ends that there would be one
 * @property {RTCIceConnectionState} state
 * @property {number} since
 */

/**
 * @typedef {object} Device state of our microphone or camera
 * @property {boolean} on what the person wants, and has if there is no error
 * @property {boolean} busy being opened
 * @property {string} error key of a text, empty if none
 */

/**
 * @typedef {object} LocalShare a screen, or what else we send beside the camera
 * @property {string} id
 * @property {'screenshare' | 'video'} label of its stream
 * @property {MediaStream} media
 * @property {() => void} [connected] called when the others can get it
 */
/** @typedef {LocalShare & {name: string, url: string}} PlayedFile a file; media is empty until its element knows what is in it */
/** @typedef {{text: string, field: '' | 'username' | 'password', details: string, away?: boolean}} JoinProblem away: the server, which is asked again by itself */
/** @typedef {{id: string, username: string, lost?: boolean}} Addressee somebody whom we write to; lost: with our own connection, so the id may be another one now */
/** @typedef {{label: string, run: () => void}} NoticeAction */
/** @typedef {{id: number, level: 'info' | 'warning' | 'error', text: string, action?: NoticeAction}} Notice */

/**
 * @typedef {object} ChatEntry
 * @property {string} id
 * @property {'message' | 'me' | 'event' | 'server' | 'notice' | 'error' | 'output' | 'file'} kind notice: of the operators; error and
 *   output: what a command has to say; file: text is the key of a transfer
 * @property {string} source
 * @property {string} username
 * @property {number} time ms since 1970
 * @property {string} text
 * @property {boolean} own
 * @property {boolean} private
 * @property {string} to name of whom a private message of ours is for
 * @property {number} group of those under one header
 */

/**
 * @typedef {{kind: 'settings', tab?: 'audio' | 'video' | 'network'} | {kind: 'shortcuts' | 'invite' | 'room' | 'connection' | 'report'} | {kind: 'remove', user: User} | {kind: 'warn', user: User | null} |
 *   {kind: 'confirm', title: string, text: string, action: string, run: () => void} | {kind: 'recipient', files: File[]}} DialogState
 */

export const phase = signal(/** @type {import('./phase.js').Phase} */ ('loading'));

/** @type {import('../third-party/signals.js').Signal<Status>} */
export const group = signal({ name: '' });
export const groupTitle = computed(() => group.value.displayName || capitalized(group.value.name));

/** What the form asks for before we join; `proposed` is the name that a link proposes. */
export const entry = signal({ needs: /** @type {'password' | 'name' | 'nothing'} */ ('password'), proposed: '' });
/** How we came in, as far as the page shows it. */
export const loggedIn = signal({ withPassword: false });
export const joinProblem = signal(/** @type {JoinProblem | null} */ (null));
/** Permissions and ids of ourselves; the id changes with every connection. */
export const me = signal({ id: '', username: '', permissions: /** @type {Permission[]} */ ([]) });
export const users = signal(/** @type {ReadonlyMap<string, User>} */ (new Map()));
export const streams = signal(/** @type {ReadonlyMap<string, RemoteStream>} */ (new Map()));
/** How the way of what we send is, by the keys of its tiles. */
export const sentStates = signal(/** @type {ReadonlyMap<string, RTCIceConnectionState>} */ (new Map()));
export const speakers = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @type {Device} */
const off = { on: false, busy: false, error: '' };
export const mic = signal(off);
export const camera = signal(off);
/** The microphone is on only as long as a key is held. */
export const talking = signal(false);
export const micTrack = signal(/** @type {MediaStreamTrack | null} */ (null));
export const cameraTrack = signal(/** @type {MediaStreamTrack | null} */ (null));
export const shares = signal(/** @type {LocalShare[]} */ ([]));
export const playedFiles = signal(/** @type {PlayedFile[]} */ ([]));
export const devices = signal(/** @type {MediaDeviceInfo[]} */ ([]));

export const chat = signal(/** @type {ChatEntry[]} */ ([]));
export const unread = signal(0);
export const panel = signal(/** @type {'' | 'chat' | 'people'} */ (''));
export const dialog = signal(/** @type {DialogState | null} */ (null));
/** To whom the next message goes; null for everybody. */
export const recipient = signal(/** @type {Addressee | null} */ (null));
/** What is written and not sent. */
export const draft = signal('');
/** What is being said, as a captioner writes it down; empty for nothing. */
export const caption = signal('');
export const page = signal(0);
/** Key of the tile that is shown large; empty for none. */
export const pinned = signal('');

export const joinedAt = signal(0);
/** When the next attempt to reach the server is made, ms since 1970; 0 = one is under way. */
export const retryAt = signal(0);
/** The socket is lost and the seat is not: the call goes on, and what is said waits. */
export const suspended = signal(false);
/** We have just come back. */
export const backOnline = signal(false);
/** The browser refused to play sound without a gesture. */
export const soundBlocked = signal(false);

export const notices = signal(/** @type {Notice[]} */ ([]));
/** What a screen reader is told: politely, or at once. */
export const announcement = signal('');
export const alarm = signal('');

/** @param {string} name */
function capitalized(name) {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/**
 * Whether we hold a permission now.
 * @param {Permission} name
 */
export function may(name) {
  return me.value.permissions.includes(name);
}
