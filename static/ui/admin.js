// The page of administrators: the list of rooms, and the room that is open.

import { AdminRoom, unlessUnsaved } from './admin-room.js';
import { makeRoom, openRoom, problem, room, rooms, signedIn, signIn } from '../app/admin.js';
import { ConfirmDialog } from './confirm.js';
import { Dialog, closeDialog } from './dialog.js';
import { dialog } from '../app/store.js';
import { h, useRef, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { PageHeader } from './site-header.js';
import { rootUrl } from '../app/paths.js';
import { Said } from './admin-said.js';
import { SignIn } from './sign-in.js';
import { t } from '../app/i18n.js';

export function Admin() {
  return [
    h(PageHeader, { links: [{ href: '', text: t('stats.rooms') }, { href: rootUrl('stats.html'), text: t('stats.title') }] }),
    signedIn.value === 'yes' ? h(Rooms, {}) : h('main', { class: 'wrapw' },
      h('div', { class: 'headrow' }, h('h1', {}, t('admin.title'))),
      h(SignIn, { explain: t('admin.explainRooms'), problem: signedIn.value === 'wrong' ? t('admin.wrong') : problem.value, onSignIn: signIn })),
  ];
}

function Rooms() {
  const [wanted, setWanted] = useState('');
  const [making, setMaking] = useState(false);
  const list = (rooms.value ?? []).filter((r) => `${r.name} ${r.title}`.toLowerCase().includes(wanted.trim().toLowerCase()));
  const open = room.value?.name;
  return h('main', { class: `wrapw admin ${open ? 'opened' : ''}` },
    h('h1', { class: 'sr' }, t('admin.title')),
    h('section', { class: 'card glist', 'aria-label': t('stats.rooms') },
      h('div', { class: 'hd2' },
        h('label', { class: 'input grow' }, h(Icon, { name: 'search', class: 'i-s' }), h('span', { class: 'sr' }, t('admin.find')),
          h('input', { type: 'search', placeholder: t('admin.find'), value: wanted, onInput: (e) => setWanted(e.currentTarget.value) })),
        h('button', { class: 'btn icon', type: 'button', 'aria-label': t('admin.newRoom'), title: t('admin.newRoom'), onClick: () => unlessUnsaved(() => { problem.value = ''; setMaking(true); }) }, h(Icon, { name: 'plus' }))),
      rooms.value?.length === 0 ? h('p', { class: 'none dim' }, t('admin.noRooms'))
        : list.length === 0 ? h('p', { class: 'none dim' }, t('admin.noneFound'))
          : h('ul', {}, list.map((r) => h('li', { key: r.name }, h('button', { type: 'button', 'aria-current': r.name === open, onClick: () => unlessUnsaved(() => openRoom(r.name)) },
            h('span', { class: 'cut', dir: 'auto' }, r.title), h('span', { class: 'dim cut', dir: 'auto' }, r.name),
            h(Note, { room: r })))))),
    room.value ? h(AdminRoom, { key: open, ...room.value }) : h('section', { class: 'card ed blank', 'aria-label': t('admin.noRoom') },
      h(Said, {}), h('p', { class: 'dim' }, t('admin.choose'))),
    making && h(NewRoom, { onClose: () => setMaking(false) }),
    dialog.value?.kind === 'confirm' && h(ConfirmDialog, dialog.value));
}

/**
 * How many people are in a room, or else what is special about it.
 * @param {{room: import('../app/admin.js').RoomEntry}} props
 */
function Note({ room: { here, note } }) {
  const text = here > 0 ? t('admin.here', { count: here })
    : { '': () => '', redirect: () => t('admin.redirected'), expired: () => t('invite.expired'), subgroups: () => t('admin.subgroups'), unreadable: () => t('admin.broken') }[note]();
  return text && h('span', { class: 'chip s' }, text);
}

/** @param {{onClose: () => void}} props */
function NewRoom({ onClose }) {
  const name = useRef(/** @type {HTMLInputElement | null} */ (null));
  async function make() {
    if (await makeRoom(name.current?.value.trim().replace(/^\/+|\/+$/g, '') ?? '')) onClose();
  }
  return h(Dialog, {
    title: t('admin.newRoom'), stays: true, onSubmit: () => void make(), onClose,
    footer: [
      h('button', { key: 'cancel', class: 'btn', type: 'button', onClick: closeDialog }, t('remove.cancel')),
      h('button', { key: 'do', class: 'btn primary', type: 'submit' }, t('admin.create')),
    ],
  }, h('div', { class: 'field' },
    h('label', { class: 'label', for: 'new-room' }, t('admin.roomName')),
    h('span', { class: `input ${problem.value ? 'bad' : ''}` }, h('input', {
      id: 'new-room', ref: name, type: 'text', required: true, autoFocus: true, spellcheck: false, autoCapitalize: 'none', 'aria-describedby': 'new-room-help',
    })),
    h('p', { class: 'small dim', id: 'new-room-help' }, t('admin.roomNameHelp')),
    problem.value && h('p', { class: 'msg', role: 'alert' }, h(Icon, { name: 'circle-alert' }), h('span', {}, problem.value))));
}
