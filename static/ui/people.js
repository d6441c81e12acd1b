// The list of people.

import { dialog, group, may, mic, cameraTrack, speakers } from '../app/store.js';
import { h, useState } from '../third-party/preact.js';
import { hands, people, sending, systems } from '../app/roster.js';
import { hue, initials } from '../app/identity.js';
import { Icon } from './icon.js';
import { lockRoom, muteEveryone, unlockRoom } from '../app/moderation.js';
import { offerFiles } from '../app/transfers.js';
import { PersonMenu } from './person-menu.js';
import { settings } from '../app/settings.js';
import { t } from '../app/i18n.js';
import { useFileDrop } from './files.js';

/** @typedef {import('../app/roster.js').Person} Person */

/** From this many people on there is a field to search them. */
const SEARCH_FROM = 10;

export function People() {
  const [wanted, setWanted] = useState('');
  const all = people.value;
  const found = all.filter((p) => p.user.username.toLowerCase().includes(wanted.trim().toLowerCase()));
  return [
    h(ForOperators, { key: 'ops' }),
    // Who is looked for stays so while the room empties.
    (all.length >= SEARCH_FROM || wanted !== '') && h('div', { key: 'find', class: 'find' },
      h('label', { class: 'input' }, h(Icon, { name: 'search' }), h('span', { class: 'sr' }, t('people.find')),
        h('input', { type: 'search', placeholder: t('people.find'), value: wanted, onInput: (e) => setWanted(e.currentTarget.value) }))),
    h('div', { key: 'list', class: 'list', tabIndex: -1 },
      hands.value.length > 0 && h(Section, { title: t('people.hands'), list: hands.value }),
      h(Section, { title: t('people.inRoom'), list: found }),
      h('p', { class: 'none dim', role: 'status' }, found.length === 0 && t('people.noneFound')),
      systems.value.length > 0 && h('section', { 'aria-label': t('people.system') },
        h('h2', {}, t('people.system'), ' ', h('span', {}, systems.value.length)),
        h('ul', {}, systems.value.map((u) => h('li', { key: u.id, class: 'person' },
          h('span', { class: 'av', 'aria-hidden': 'true' }, h(Icon, { name: 'monitor' })),
          h('span', { class: 'nm2' }, h('span', { class: 'cut', dir: 'auto' }, u.username === 'RECORDING' ? t('people.recorder') : u.username || t('people.anonymous')))))))),
  ];
}

/** What concerns everybody, for those who may. */
function ForOperators() {
  const locked = group.value.locked ?? false;
  if (!may('op') && !may('token')) return null;
  return h('div', { class: 'ops' },
    may('op') && h('button', { class: 'btn s', type: 'button', onClick: muteEveryone }, h(Icon, { name: 'mic-off' }), t('people.muteAll')),
    may('op') && h('button', { class: 'btn s', type: 'button', onClick: () => (locked ? unlockRoom() : lockRoom()) },
      h(Icon, { name: locked ? 'lock-open' : 'lock' }), t(locked ? 'people.unlock' : 'people.lock')),
    may('token') && h('button', { class: 'btn s', type: 'button', onClick: () => { dialog.value = { kind: 'invite' }; } },
      h(Icon, { name: 'user-plus' }), t('people.invite')));
}

/** @param {{title: string, list: Person[]}} props */
function Section({ title, list }) {
  return h('section', { 'aria-label': title },
    h('h2', {}, title, ' ', h('span', {}, list.length)),
    h('ul', {}, list.map((p) => h(Row, { key: p.user.id, person: p }))));
}

/** @param {{person: Person}} props */
function Row({ person }) {
  const { user, self, hand } = person;
  const name = user.username || t('people.anonymous');
  const speaks = settings.value.activityDetection && speakers.value.has(self ? 'self' : user.id);
  const sends = self ? { audio: mic.value.on, video: cameraTrack.value !== null } : sending(user);
  const role = user.permissions.includes('op') ? t('people.op') : user.permissions.includes('present') ? '' : t('people.watching');
  const [over, drop] = useFileDrop(!self && may('message') && ((files) => offerFiles(user, files)));
  return h('li', { class: `person ${over ? 'over' : ''}`, ...drop },
    h('span', { class: 'av', 'aria-hidden': 'true', style: { '--h': hue(user.username) } }, initials(user.username)),
    h('span', { class: 'nm2' },
      h('span', { class: 'cut', dir: 'auto' }, name),
      self && h('span', { class: 'dim' }, t('people.you')),
      role && h('span', { class: 'chip s' }, role)),
    hand > 0 && h('span', { class: 'hd s', role: 'img', 'aria-label': t('people.handRaised') }, h(Icon, { name: 'hand' }), hand),
    h('span', { class: 'st' },
      h(State, { icon: sends.video ? 'video' : 'video-off', text: t(sends.video ? 'tile.cameraOn' : 'tile.cameraOff') }),
      h(State, { icon: speaks ? 'volume-2' : sends.audio ? 'mic' : 'mic-off', text: t(speaks ? 'tile.speaking' : sends.audio ? 'tile.micOn' : 'tile.muted') })),
    h(PersonMenu, { person, name }));
}

/** @param {{icon: string, text: string}} props */
function State({ icon, text }) {
  return h('span', { role: 'img', 'aria-label': text, title: text }, h(Icon, { name: icon }));
}
