// Who is in the group, and what we may do there: the server's words into the store.

import { t } from './i18n.js';
import { announce, notify } from './notices.js';
import { addLine } from './chat.js';
import { canReceive } from './receive.js';
import { group, joinedAt, may, me, recipient, users } from './store.js';
import { unlockRoom } from './moderation.js';
import { stopPresenting } from './publish.js';

/** @typedef {import('../lib/messages.js').UserMessage} UserMessage */
/** @typedef {import('../lib/messages.js').Joined} Joined */

let arrivals = 0;
/** How many who were here before the server still has to name, ourselves among them. */
let unnamed = 0;

/**
 * @param {string} id our id on this connection
 * @param {Joined} m a `joined` of kind `join` or `change`
 */
export function gotJoined(id, m) {
  const couldPresent = may('present');
  const permissions = (m.permissions ?? []).filter((p) => p !== 'present' || canReceive());
  if (m.kind === 'join') {
    const to = recipient.value;
    if (to && users.value.has(to.id)) recipient.value = { ...to, lost: true };
    users.value = new Map();
    unnamed = m.status?.clientCount ?? 0;
  } else {
    sayChanges(permissions);
  }
  sayLock(m);
  me.value = { id, username: m.username ?? '', permissions };
  // What is empty or false it leaves out.
  group.value = { ...group.value, displayName: '', description: '', locked: false, canChangePassword: false, ...m.status };
  if (m.kind === 'change' && couldPresent && !may('present')) stopPresenting();
}

/**
 * Says in words what we gained or lost.
 * @param {string[]} now what we may
 */
function sayChanges(now) {
  const changes = /** @type {const} */ ([
    ['op', 'notice.op', 'notice.unop'],
    ['present', 'notice.present', 'notice.unpresent'],
    ['message', 'notice.message', 'notice.unmessage'],
  ]);
  for (const [name, gained, lost] of changes) {
    if (now.includes(name) !== may(name)) notify('info', t(now.includes(name) ? gained : lost));
  }
}

/**
 * Says when the room is locked or unlocked, and who comes in, that it is locked.
 * @param {Joined} m
 */
function sayLock(m) {
  const locked = m.status?.locked ?? false;
  if (m.kind === 'join' ? !locked || joinedAt.value > 0 : locked === (group.value.locked ?? false)) return;
  const text = t(locked ? 'notice.locked' : 'notice.unlocked');
  notify('info', text, locked && m.permissions?.includes('op') ? { label: t('people.unlock'), run: unlockRoom } : undefined);
  addLine('event', text);
}

/**
 * The recorder is a member like others, but not a person.
 * @param {{username?: string | undefined, permissions?: string[] | undefined}} m
 */
export function isRecorder({ username, permissions }) {
  return username === 'RECORDING' && (permissions?.includes('system') ?? false);
}

/** @param {'notice.recording' | 'notice.recordingEnded'} key */
function sayRecording(key) {
  notify('info', t(key));
  addLine('event', t(key));
}

/** @param {UserMessage} m */
export function gotUser(m) {
  const known = users.value.get(m.id);
  const map = new Map(users.value);
  if (m.kind === 'delete') {
    map.delete(m.id);
    const to = recipient.value;
    // Who comes by that name after this is somebody else.
    if (to?.lost && known?.username === to.username) recipient.value = { ...to, lost: false };
    if (known && isRecorder(known)) sayRecording('notice.recordingEnded');
    else if (known && m.id !== me.value.id) announce('people', t('announce.left', { name: known.username || t('people.anonymous') }));
  } else {
    const data = m.data ?? {};
    const up = data['raisehand'] === true;
    map.set(m.id, {
      id: m.id,
      username: m.username ?? '',
      permissions: m.permissions ?? [],
      data,
      since: known?.since ?? ++arrivals,
      handSince: up ? (known?.handSince || Date.now()) : 0,
    });
    const name = m.username || t('people.anonymous');
    const fresh = !known && --unnamed < 0;
    if (!known && isRecorder(m)) sayRecording('notice.recording');
    else if (m.id !== me.value.id && fresh) announce('people', t('announce.joined', { name }));
    if (m.id !== me.value.id && up && known && !known.handSince) announce('hands', t('announce.hand', { name }));
  }
  users.value = map;
}
