// The list of people.

import { dialog, may, mic, cameraTrack } from '../app/store.js';
import { h, useState } from '../third-party/preact.js';
import { hands, people, sending } from '../app/roster.js';
import { hue, initials } from '../app/identity.js';
import { Menu, MenuItem } from './menu.js';
import { Icon } from './icon.js';
import { t } from '../app/i18n.js';
import { toggleHand } from '../app/actions.js';

/** @typedef {import('../app/roster.js').Person} Person */

/** From this many people on there is a field to search them. */
const SEARCH_FROM = 10;

export function People() {
  const [wanted, setWanted] = useState('');
  const all = people.value;
  const found = all.filter((p) => p.user.username.toLowerCase().includes(wanted.trim().toLowerCase()));
  return [
    all.length >= SEARCH_FROM && h('div', { key: 'find', class: 'find' },
      h('label', { class: 'input' }, h(Icon, { name: 'search' }), h('span', { class: 'sr' }, t('people.find')),
        h('input', { type: 'search', placeholder: t('people.find'), value: wanted, onInput: (e) => setWanted(e.currentTarget.value) }))),
    h('div', { key: 'list', class: 'list', tabIndex: -1 },
      hands.value.length > 0 && h(Section, { title: t('people.hands'), list: hands.value }),
      h(Section, { title: t('people.inRoom'), list: found }),
      found.length === 0 && h('p', { class: 'none dim' }, t('people.noneFound'))),
  ];
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
  const sends = self ? { audio: mic.value.on, video: cameraTrack.value !== null } : sending(user);
  const role = user.permissions.includes('op') ? t('people.op') : user.permissions.includes('present') ? '' : t('people.watching');
  return h('li', { class: 'person' },
    h('span', { class: 'av', 'aria-hidden': 'true', style: { '--h': hue(user.username) } }, initials(user.username)),
    h('span', { class: 'nm2' },
      h('span', { class: 'cut', dir: 'auto' }, name),
      self && h('span', { class: 'dim' }, t('people.you')),
      role && h('span', { class: 'chip s' }, role)),
    hand > 0 && h('span', { class: 'hd s', role: 'img', 'aria-label': t('people.handRaised') }, h(Icon, { name: 'hand' }), hand),
    h('span', { class: 'st' },
      h(State, { icon: sends.video ? 'video' : 'video-off', text: t(sends.video ? 'tile.cameraOn' : 'tile.cameraOff') }),
      h(State, { icon: sends.audio ? 'mic' : 'mic-off', text: t(sends.audio ? 'tile.micOn' : 'tile.muted') })),
    h(PersonMenu, { person, name }));
}

/** @param {{icon: string, text: string}} props */
function State({ icon, text }) {
  return h('span', { role: 'img', 'aria-label': text, title: text }, h(Icon, { name: icon }));
}

/** @param {{person: Person, name: string}} props */
function PersonMenu({ person, name }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const { user, self, hand } = person;
  if (!self && !may('op')) return h('span', { class: 'nomenu' });
  return h('span', { class: 'menubox' },
    h('button', {
      class: 'btn plain icon s', type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': open, 'aria-label': t('people.menu', { name }),
      onClick: () => setOpen(!open),
    }, h(Icon, { name: 'ellipsis' })),
    open && h(Menu, { label: t('people.menu', { name }), onClose: close },
      self
        ? h(MenuItem, { icon: 'hand', onClick: () => { close(); toggleHand(); } }, t(hand > 0 ? 'people.lowerHand' : 'people.raiseHand'))
        : h(MenuItem, { icon: 'door-open', onClick: () => { close(); dialog.value = { kind: 'remove', user }; } }, t('people.remove'))));
}
