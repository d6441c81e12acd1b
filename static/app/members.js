// Who is in the group, and what we may do there: the server's words into the store.

import { t } from './i18n.js';
import { notify } from './notices.js';
import { announcement, group, may, me, users } from './store.js';
import { stopPresenting } from './publish.js';

/** @typedef {import('../lib/messages.js').UserMessage} UserMessage */
/** @typedef {import('../lib/messages.js').Joined} Joined */

let arrivals = 0;

/**
 * @param {string} id our id on this connection
 * @param {Joined} m a `joined` of kind `join` or `change`
 */
export function gotJoined(id, m) {
  const couldPresent = may('present');
  const permissions = m.permissions ?? [];
  if (m.kind === 'join') users.value = new Map();
  else sayChanges(m);
  me.value = { id, username: m.username ?? '', permissions };
  group.value = { ...group.value, locked: false, ...m.status };
  if (m.kind === 'change' && couldPresent && !may('present')) stopPresenting();
}

/**
 * Says in words what we gained or lost, and whether the room was locked.
 * @param {Joined} m
 */
function sayChanges(m) {
  const now = m.permissions ?? [];
  const changes = /** @type {const} */ ([
    ['op', 'notice.op', 'notice.unop'],
    ['present', 'notice.present', 'notice.unpresent'],
    ['message', 'notice.message', 'notice.unmessage'],
  ]);
  for (const [name, gained, lost] of changes) {
    if (now.includes(name) !== may(name)) notify('info', t(now.includes(name) ? gained : lost));
  }
  const locked = m.status?.locked ?? false;
  if (locked !== (group.value.locked ?? false)) notify('info', t(locked ? 'notice.locked' : 'notice.unlocked'));
}

/** @param {UserMessage} m */
export function gotUser(m) {
  const known = users.value.get(m.id);
  const map = new Map(users.value);
  if (m.kind === 'delete') {
    map.delete(m.id);
    if (known && m.id !== me.value.id) announcement.value = t('announce.left', { name: known.username || t('people.anonymous') });
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
    if (m.id !== me.value.id && !known) announcement.value = t('announce.joined', { name });
    if (m.id !== me.value.id && up && known && !known.handSince) announcement.value = t('announce.hand', { name });
  }
  users.value = map;
}
