// The list of people, in the order in which it is shown.

import { computed } from '../third-party/signals.js';
import { me, recipient, streams, users } from './store.js';
import { t } from './i18n.js';

/** @typedef {import('./store.js').User} User */
/**
 * @typedef {object} Person
 * @property {User} user
 * @property {boolean} self
 * @property {number} hand place in the queue of raised hands, from 1; 0 = down
 */

const byName = new Intl.Collator(undefined, { numeric: true });

/**
 * Ourselves first, then by name whatever its case, the nameless last.
 * @param {Iterable<User>} all
 * @param {string} myId
 * @returns {Person[]}
 */
export function sorted(all, myId) {
  const people = [...all].filter((u) => !u.permissions.includes('system'));
  const hands = people.filter((u) => u.handSince > 0).sort((a, b) => a.handSince - b.handSince || a.since - b.since);
  return people
    .sort((a, b) => Number(b.id === myId) - Number(a.id === myId) || Number(a.username === '') - Number(b.username === '') ||
      byName.compare(a.username, b.username) || a.since - b.since)
    .map((user) => ({ user, self: user.id === myId, hand: hands.indexOf(user) + 1 }));
}

/** Members that are no people. */
export const systems = computed(() => [...users.value.values()].filter((u) => u.permissions.includes('system')));

/** Whether the room is being recorded. */
export const recording = computed(() => systems.value.some((u) => u.username === 'RECORDING'));

export const people = computed(() => sorted(users.value.values(), me.value.id));

/** Those who raise their hands, the first to do so first. */
export const hands = computed(() => people.value.filter((p) => p.hand > 0).sort((a, b) => a.hand - b.hand));

/**
 * What a person sends, as far as we see it.
 * @param {User} user somebody else
 * @returns {{audio: boolean, video: boolean}} audio is false for a muted microphone
 */
export function sending(user) {
  const own = [...streams.value.values()].filter((s) => s.source === user.id && s.label !== 'screenshare');
  return {
    audio: own.some((s) => s.audio) && user.data['muted'] !== true,
    video: own.some((s) => s.video || s.paused),
  };
}

/**
 * Somebody as they are in the room now. Where we had to come back they may have had to, too, and have another id; who left while we
 * were here is gone, whoever comes by the same name.
 * @param {import('./store.js').Addressee} person
 * @returns {User | undefined} undefined if they are not here, or if it is not clear who they are
 */
export function here({ id, username, lost }) {
  const same = [...users.value.values()].filter((u) => lost && u.username === username && username !== '' && u.id !== me.value.id);
  return users.value.get(id) ?? (same.length === 1 ? same[0] : undefined);
}

/** @returns {User | null | undefined} to whom we write: null for everybody, undefined for somebody who is not here */
export function addressee() {
  const to = recipient.value;
  const user = to && here(to);
  // Found once by the name, they are known by the id.
  if (to?.lost && user) recipient.value = user;
  return user;
}

/** @param {{username: string} | null} [person] who is not here @returns {string} why nothing was sent to them */
export function gone(person = recipient.value) {
  return t('recipient.gone', { name: person?.username || t('people.anonymous') });
}
