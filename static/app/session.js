// The connection of this page to its group: joining, leaving, and coming back when it is lost.

import { clearChat, clearMessages, gotChat, gotNotice, markJoined } from './chat.js';
import { releaseAll, setCamera, setMic } from './capture.js';
import { delayBefore, GIVE_UP_AFTER } from './backoff.js';
import { dropStreams, gotStream } from './incoming.js';
import { ROOT } from './paths.js';
import { dropInvitation, isInvited, prove, sentToPortal } from './authorise.js';
import { fetchStatus, HttpError, join, JoinError, RedirectError, request, ServerConnection } from '../lib/index.js';
import { gotJoined, gotUser } from './members.js';
import { inCall, next } from './phase.js';
import { isMuted, publishOn, startPublishing, unpublish } from './publish.js';
import { notify } from './notices.js';
import { problemOf } from './join-problems.js';
import { roomName } from './rooms.js';
import { alarm, backOnline, camera, dialog, group, joinedAt, joinProblem, may, me, mic, page, panel, phase, retryAt, suspended, users } from './store.js';
import { changeSettings, rememberName, rememberRoom } from './settings.js';
import { t } from './i18n.js';

/** How long "Back online" is shown, ms. */
const BACK_ONLINE_FOR = 3000;

/** @type {ServerConnection | null} */
let connection = null;
/** @type {ServerConnection | null} the one that was lost, kept because its last pictures are shown */
let lost = null;
/** @type {{username: string, password: string}} kept in memory to come back with */
let credentials = { username: '', password: '' };
/** @type {{text: string, mayReturn: boolean} | null} what the server said when it threw us out */
let farewell = null;
/** @type {{since: number, attempt: number, timer: ReturnType<typeof setTimeout> | undefined} | null} */
let retry = null;
let devicesAtLeave = { mic: false, camera: false };

/** @param {import('./phase.js').PhaseEvent} event */
function go(event) {
  phase.value = next(phase.value, event);
}

/**
 * Asks the server about the group.
 * @param {string} location address of the page, without query
 */
export async function start(location) {
  startPublishing();
  const name = roomName(location);
  try {
    group.value = await fetchStatus(location);
    if (group.value.redirect) globalThis.location.assign(group.value.redirect);
    else if (sentToPortal(group.value)) return;
  } catch (e) {
    group.value = { name };
    if (e instanceof HttpError && e.status === 404) joinProblem.value = { text: t('join.absent', { room: name }), field: '', details: '' };
    else joinProblem.value = { text: t('join.unreachable'), field: '', details: '' };
  }
  go('loaded');
}

/** @returns {string} address of the websocket */
function endpoint() {
  return group.value.endpoint ?? new URL('ws', ROOT).href.replace(/^http/, 'ws');
}

/**
 * Joins with a name and a password; failures are told by `joinProblem`.
 * @param {{username: string, password: string}} typed
 */
export async function joinRoom(typed) {
  if (phase.value !== 'prejoin' && phase.value !== 'left') return;
  credentials = typed;
  joinProblem.value = null;
  go('join');
  try {
    await connect();
    rememberName(typed.username);
    rememberRoom(group.value.name);
    changeSettings({ startMic: mic.value.on, startCamera: camera.value.on });
  } catch (e) {
    if (phase.peek() === 'joining') refused(e);
  }
}

/** Opens a connection, joins, asks for the streams of the others and sends ours. */
async function connect() {
  const c = new ServerConnection();
  connection = c;
  farewell = null;
  c.on('joined', (m) => {
    if (m.kind === 'join') {
      clearChat();
      dropLost();
      dropStreams();
    }
    if (m.kind === 'join' || m.kind === 'change') gotJoined(c.id, m);
  });
  c.on('user', (m) => {
    gotUser(m);
    if (m.id === c.id && m.kind === 'add') markJoined();
  });
  c.on('chat', gotChat);
  c.on('usermessage', gotMessage);
  c.on('downstream', gotStream);
  c.on('error', (e) => console.warn(e.message));
  c.on('suspended', () => { suspended.value = true; });
  c.on('resumed', () => { suspended.value = false; });
  c.on('close', () => {
    suspended.value = false;
    if (connection === c) closed(c);
  });
  try {
    const proving = prove(group.value, credentials);
    const proof = proving instanceof Promise ? await proving : proving;
    await c.connect(endpoint());
    const mine = ownData();
    await join(c, { group: group.value.name, ...proof, ...(mine && { data: mine }) });
  } catch (e) {
    if (connection === c) connection = null;
    c.close();
    throw e;
  }
  go('joined');
  if (joinedAt.value === 0) joinedAt.value = Date.now();
  page.value = 0;
  request(c, { '': ['audio', 'video'] });
  if (!may('present')) releaseAll();
  publishOn(c);
}

/** What the others should know of us from the start; nothing of the person's own is lost by coming back. */
function ownData() {
  const raised = users.value.get(me.value.id)?.handSince ? { raisehand: true } : {};
  const data = { ...raised, ...(isMuted() && { muted: true }) };
  return Object.keys(data).length > 0 ? data : undefined;
}

/** @param {import('../lib/messages.js').Notice} m */
function gotMessage(m) {
  if (!m.privileged) return;
  switch (m.kind) {
    case 'kicked':
      farewell = { text: String(m.value ?? ''), mayReturn: m.error === 'shutting-down' };
      break;
    case 'mute':
      void setMic(false);
      notify('warning', t('notice.muted', { name: m.username || t('people.operator') }));
      break;
    case 'clearchat':
      clearMessages(m.value);
      break;
    case 'error':
    case 'warning':
    case 'info':
      gotNotice(m);
      break;
  }
}

/** @param {unknown} e why a join failed */
function refused(e) {
  const context = { room: group.value.displayName || group.value.name, username: credentials.username };
  if (e instanceof RedirectError) {
    globalThis.location.assign(e.url);
    return;
  }
  const invited = isInvited();
  if (e instanceof JoinError && e.message === 'not authorised') dropInvitation();
  joinProblem.value = e instanceof JoinError
    ? problemOf({ text: invited && !isInvited() ? 'invitation refused' : e.message, code: e.code }, context)
    : { text: t('join.unreachable'), field: '', details: '' };
  resetCall();
  go('refused');
}

/**
 * The socket is gone while we were in the room, or on the way in.
 * @param {ServerConnection} c
 */
function closed(c) {
  connection = null;
  unpublish();
  if (phase.value !== 'joined') return;
  lost = c;
  if (farewell && !farewell.mayReturn) {
    joinProblem.value = { text: t('join.kicked', { text: farewell.text }), field: '', details: '' };
    alarm.value = joinProblem.value.text;
    resetCall();
    releaseAll();
    go('removed');
    return;
  }
  go('disconnected');
  alarm.value = t('banner.lost');
  retry = { since: Date.now(), attempt: 0, timer: undefined };
  scheduleRetry();
}

function scheduleRetry() {
  if (!retry) return;
  if (Date.now() - retry.since > GIVE_UP_AFTER) {
    retry = null;
    go('gaveUp');
    return;
  }
  const delay = delayBefore(retry.attempt++);
  retryAt.value = Date.now() + delay;
  retry.timer = setTimeout(() => void tryAgain(), delay);
}

async function tryAgain() {
  retryAt.value = 0;
  try {
    await connect();
  } catch (e) {
    if (!retry || phase.value !== 'reconnecting') return;
    if (e instanceof JoinError || e instanceof RedirectError) {
      retry = null;
      refused(e);
    } else {
      scheduleRetry();
    }
    return;
  }
  retry = null;
  backOnline.value = true;
  setTimeout(() => { backOnline.value = false; }, BACK_ONLINE_FOR);
}

/** Tries at once instead of waiting, or begins anew after we have given up. */
export function retryNow() {
  if (phase.value === 'lost') {
    retry = { since: Date.now(), attempt: 0, timer: undefined };
    go('retry');
  }
  const underWay = retryAt.value === 0 && retry !== null && retry.attempt > 0;
  if (!retry || underWay) return;
  clearTimeout(retry.timer);
  void tryAgain();
}

/** Leaves, and releases the devices. */
export function leave() {
  if (!inCall(phase.value)) return;
  devicesAtLeave = { mic: mic.value.on, camera: camera.value.on };
  clearTimeout(retry?.timer);
  retry = null;
  go('leave');
  const c = connection;
  connection = null;
  unpublish();
  c?.close();
  releaseAll();
  resetCall();
}

/** Comes back after leaving, with the devices that were on. */
export async function rejoin() {
  await Promise.all([devicesAtLeave.mic && setMic(true), devicesAtLeave.camera && setCamera(true)]);
  await joinRoom(credentials);
}

/** Ends what is left of a connection that was lost. */
function dropLost() {
  lost?.close();
  lost = null;
}

/** Forgets what belongs to the call. */
function resetCall() {
  dropLost();
  dropStreams();
  users.value = new Map();
  clearChat();
  panel.value = '';
  dialog.value = null;
  joinedAt.value = 0;
}

/** @returns {ServerConnection | null} the connection we are joined on, or are joining on */
export function currentConnection() {
  return connection;
}
