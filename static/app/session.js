// The connection of this page to its group: joining, leaving, and coming back when it is lost.

import { ClosedError, fetchStatus, HttpError, join, JoinError, RedirectError, ServerConnection } from '../lib/index.js';
import { clearChat, clearMessages, gotChat, gotIdentity, gotNotice, markJoined } from './chat.js';
import { releaseAll, releaseShares, setCamera, setMic } from './capture.js';
import { isInvited, probe, prove, refuse, takeInvitation } from './authorise.js';
import { stopTrying, tryAnew, tryLater, tryNow } from './backoff.js';
import { dropStreams, gotStream } from './incoming.js';
import { ROOT } from './paths.js';
import { giveUpAnswers, gotAnswer } from './invitations.js';
import { gotJoined, gotUser } from './members.js';
import { inCall, next } from './phase.js';
import { isMuted, publishOn, startPublishing, unpublish } from './publish.js';
import { forgetSaid, sayAgain } from './saying.js';
import { notify } from './notices.js';
import { gotConfiguration } from './relay.js';
import { roomName } from './rooms.js';
import { backOnline, camera, caption, dialog, draft, entry, group, groupTitle, joinedAt, joinProblem, may, me, mic, page, panel, phase, recipient, suspended, users } from './store.js';
import { askForStreams } from './subscribe.js';
import { changeSettings, rememberName, rememberRoom } from './settings.js';
import { t } from './i18n.js';
import { forgetView } from './view.js';
import { transferOn } from './transfers.js';
import { canReceive } from './receive.js';

/** How long "Back online" is shown, ms. */
const BACK_ONLINE_FOR = 3000;
/** What something before the server answers while that is away. */
const GATEWAY = [502, 503, 504];

/** @type {ServerConnection | null} */
let connection = null;
/** @type {ServerConnection | null} the one that was lost, kept because its last pictures are shown */
let lost = null;
/** @type {{username?: string, password?: string}} what was typed, kept in memory to come back with */
let credentials = {};
/** @type {{text: string, mayReturn: boolean} | null} what the server said when it threw us out */
let farewell = null;
/** Address of the page, without query. */
let address = '';
/** The invitation has been tried. */
let probed = false;
/** The person has pressed the button, and changed nothing since. */
let wantsIn = false;
let devicesAtLeave = { mic: false, camera: false };

/** @param {import('./phase.js').PhaseEvent} event */
function go(event) {
  phase.value = next(phase.value, event);
}

/**
 * Asks the server about the group, and goes where that leads.
 * @param {string} location address of the page, without query
 * @param {URLSearchParams} [query] what a link or a portal says: `token` and `username`
 */
export async function start(location, query = new URLSearchParams()) {
  startPublishing();
  stopTrying();
  address = location;
  probed = wantsIn = false;
  takeInvitation(query);
  try {
    if (!await lookUp()) return;
  } catch (e) {
    serverAway(e);
  }
  go('loaded');
}

/**
 * Asks the server about the group, and tries the invitation.
 * @returns {Promise<boolean>} false where that leads elsewhere; rejected while the server is away
 */
async function lookUp() {
  try {
    group.value = await fetchStatus(address);
  } catch (e) {
    const room = roomName(address);
    if (phase.value === 'loading') group.value = { name: room };
    if (!(e instanceof HttpError) || GATEWAY.includes(e.status)) throw e;
    joinProblem.value = { text: e.status === 404 ? t('join.absent', { room }) : t('landing.cannotOpen', { status: e.status }), field: '', details: '' };
  }
  const elsewhere = isInvited() ? group.value.redirect : group.value.authPortal ?? group.value.redirect;
  if (elsewhere) {
    globalThis.location.assign(elsewhere);
    return false;
  }
  if (isInvited() && !probed) await probe(tryToJoin);
  probed = true;
  return true;
}

/**
 * Says that the server is away, and tries again later.
 * @param {unknown} e what it said
 * @param {boolean} [answers] it has answered about the group just now: what is away is the websocket
 */
function serverAway(e, answers = false) {
  if (e instanceof RedirectError) {
    globalThis.location.assign(e.url);
    return;
  }
  joinProblem.value = { text: t(answers ? 'join.noSocket' : 'join.unreachable'), field: '', details: '', away: true };
  tryLater(() => void lookAgain(), () => {});
}

/** Looks whether the server is back, and goes on then: nothing is joined that the person has not asked for. */
async function lookAgain() {
  try {
    if (!await lookUp()) return;
  } catch (e) {
    if (phase.value === 'prejoin') serverAway(e);
    return;
  }
  if (phase.value !== 'prejoin') return;
  if (joinProblem.value?.away) {
    joinProblem.value = null;
    if (wantsIn) return enter(true);
  }
  stopTrying();
}

/** What was typed is not what the person wanted to come in with. */
export function typing() {
  wantsIn = false;
}

/**
 * Joins for a moment, to see whether we can.
 * @param {import('./authorise.js').Proof} proof
 * @returns {Promise<string>} the name that we had
 */
async function tryToJoin(proof) {
  const c = new ServerConnection();
  try {
    await c.connect(endpoint());
    await join(c, { group: group.value.name, ...proof });
    return c.username;
  } finally {
    c.close();
  }
}

/** @returns {string} address of the websocket. A server that does not know of the TLS of its proxy names one that this page may not use. */
function endpoint() {
  const named = group.value.endpoint ?? new URL('ws', ROOT).href.replace(/^http/, 'ws');
  return address.startsWith('https:') ? named.replace(/^ws:/, 'wss:') : named;
}

/**
 * Joins with what was typed, or the token of the link; failures are told by `joinProblem`.
 * @param {{username?: string, password?: string}} typed
 */
export async function joinRoom(typed) {
  if (phase.value !== 'prejoin' && phase.value !== 'left') return;
  stopTrying();
  credentials = typed;
  wantsIn = true;
  await enter();
}

async function enter(answers = false) {
  joinProblem.value = null;
  go('join');
  try {
    await connect();
    stopTrying();
    rememberName(me.value.username);
    // Where the call ends at the form, that has the name again.
    entry.value = { ...entry.value, proposed: me.value.username };
    rememberRoom(group.value.name);
    changeSettings({ startMic: mic.value.on, startCamera: camera.value.on });
    if (!canReceive()) notify('warning', t('notice.noWebRTC'));
    else if (may('present') && !mic.value.on && !camera.value.on) notify('info', t('notice.devicesOff'));
  } catch (e) {
    if (phase.peek() === 'joining') refused(e, answers);
  }
}

/** Opens a connection, joins, asks for the streams of the others and sends ours. */
async function connect() {
  const c = new ServerConnection();
  connection = c;
  farewell = null;
  c.on('joined', (m) => {
    if (m.rtcConfiguration || m.kind === 'join') gotConfiguration(c, m.rtcConfiguration ?? {});
    if (m.kind === 'join') {
      clearChat();
      dropLost();
      dropStreams();
    }
    if (m.kind === 'join' || m.kind === 'change') gotJoined(c.id, m);
  });
  c.on('user', (m) => {
    gotUser(m);
    if (m.id !== c.id || m.kind !== 'add') return;
    markJoined();
    sayAgain();
  });
  c.on('chat', gotChat);
  c.on('usermessage', gotMessage);
  c.on('downstream', gotStream);
  transferOn(c);
  c.on('error', (e) => console.warn(e.message));
  c.on('suspended', () => { suspended.value = true; });
  c.on('resumed', () => {
    suspended.value = false;
    forgetSaid();
  });
  c.on('close', () => {
    suspended.value = false;
    if (connection === c) closed(c);
  });
  try {
    const proving = prove(group.value, credentials);
    const proof = proving instanceof Promise ? await proving : proving;
    // We may have left meanwhile.
    if (connection !== c) throw new ClosedError();
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
  askForStreams(c);
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
      if (!mic.value.on) break;
      void setMic(false);
      notify('warning', t('notice.muted', { name: m.username || t('people.operator') }), { label: t('notice.unmute'), run: () => void setMic(true) });
      break;
    case 'token':
    case 'tokenlist':
      gotAnswer(m.kind, m);
      break;
    case 'userinfo':
      gotIdentity(m.value);
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

/** @param {unknown} e why a join failed @param {boolean} [answers] the server has answered just before */
function refused(e, answers) {
  if (e instanceof JoinError) {
    stopTrying();
    refuse(e, { room: groupTitle.value, username: credentials.username ?? '' });
  } else {
    serverAway(e, answers);
  }
  releaseShares();
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
  giveUpAnswers();
  if (phase.value !== 'joined') return;
  lost = c;
  if (farewell && !farewell.mayReturn) {
    joinProblem.value = { text: t('join.kicked', { text: farewell.text }), field: '', details: '' };
    resetCall();
    releaseAll();
    go('removed');
    return;
  }
  go('disconnected');
  later();
}

function later() {
  tryLater(() => void tryAgain(), () => {
    putAway();
    go('gaveUp');
  });
}

async function tryAgain() {
  try {
    await connect();
  } catch (e) {
    if (phase.value !== 'reconnecting') return;
    if (e instanceof JoinError || e instanceof RedirectError) refused(e);
    else later();
    return;
  }
  stopTrying();
  backOnline.value = true;
  setTimeout(() => { backOnline.value = false; }, BACK_ONLINE_FOR);
}

/** Tries at once instead of waiting, or begins anew after we have given up. */
export function retryNow() {
  if (tryNow()) return;
  if (phase.value === 'lost') {
    go('retry');
    void takeUp();
    tryAnew(() => void tryAgain());
  } else if (joinProblem.value?.away) {
    tryAnew(() => void lookAgain());
  }
}

/** Leaves, and releases the devices. */
export function leave() {
  if (!inCall(phase.value)) return;
  putAway();
  stopTrying();
  go('leave');
  const c = connection;
  connection = null;
  unpublish();
  giveUpAnswers();
  c?.close();
  resetCall();
}

/** Comes back after leaving, with the devices that were on. */
export async function rejoin() {
  await takeUp();
  await joinRoom(credentials);
}

/** Releases everything, which is of no use outside a call. */
function putAway() {
  if (phase.value !== 'lost') devicesAtLeave = { mic: mic.value.on, camera: camera.value.on };
  releaseAll();
}

/** Opens the devices again that were on. */
function takeUp() {
  return Promise.all([devicesAtLeave.mic && setMic(true), devicesAtLeave.camera && setCamera(true)]);
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
  forgetSaid();
  // Outside nobody tells us how many are in there.
  if (joinedAt.value > 0) group.value = { ...group.value, clientCount: undefined };
  users.value = new Map();
  clearChat();
  panel.value = '';
  dialog.value = null;
  recipient.value = null;
  draft.value = caption.value = '';
  joinedAt.value = 0;
  forgetView();
}

/** @returns {ServerConnection | null} the connection we are joined on, or are joining on */
export function currentConnection() {
  return connection;
}
