// The landing page.

import { forgetRooms, recentRooms } from '../app/settings.js';
import { h, useEffect, useLayoutEffect, useRef, useState } from '../third-party/preact.js';
import { loadRooms, lookUp, publicRooms, roomUrl, titleOf } from '../app/rooms.js';
import { Icon } from './icon.js';
import { SiteHeader } from './site-header.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../app/rooms.js').Status} Status */

export function Landing() {
  return [
    h(SiteHeader, {}),
    h('main', { class: 'wrap' },
      h('section', { class: 'hero' }, h('h1', {}, t('landing.title')), h(RoomForm, {}), h(Recent, {})),
      h('section', { 'aria-labelledby': 'public-rooms' },
        h('h2', { id: 'public-rooms' }, t('landing.public')), h(Rooms, {}))),
  ];
}

function RoomForm() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useLayoutEffect(() => field.current?.focus(), []);
  // Who comes back finds the page as it was left.
  useEffect(() => globalThis.addEventListener('pageshow', () => setBusy(false)), []);

  /** @param {Event} e */
  async function submit(e) {
    e.preventDefault();
    const name = field.current?.value.trim() ?? '';
    if (!name || busy) return;
    setBusy(true);
    setProblem('');
    const found = await lookUp(name);
    if (found === 'exists') {
      location.assign(roomUrl(name));
      return;
    }
    setBusy(false);
    if (typeof found === 'number') setProblem(t('landing.cannotOpen', { status: found }));
    else setProblem(found === 'absent' ? t('join.absent', { room: name }) : t('landing.unreachable'));
    field.current?.select();
  }

  return h('form', { class: 'joinform', onSubmit: submit, noValidate: true },
    h('div', { class: 'joinrow' },
      h('label', { class: `input ${problem ? 'bad' : ''}` },
        h('span', { class: 'sr' }, t('landing.room')),
        h('input', {
          ref: field, type: 'text', name: 'room', placeholder: t('landing.room'), autoComplete: 'off', spellcheck: false,
          autoCapitalize: 'none', 'aria-invalid': problem !== '', 'aria-describedby': 'room-problem',
        })),
      h('button', { class: 'btn primary l', type: 'submit', disabled: busy }, t('landing.join'))),
    h('p', { id: 'room-problem', class: 'msg', role: 'alert' }, problem && [h(Icon, { name: 'circle-alert' }), problem]));
}

function Recent() {
  const [rooms, setRooms] = useState(recentRooms());
  if (rooms.length === 0) return null;
  function clear() {
    forgetRooms();
    setRooms([]);
  }
  return h('p', { class: 'recent' }, t('landing.recent'), ' ',
    rooms.map((name) => h('a', { key: name, href: roomUrl(name) }, name)),
    h('button', { class: 'btn plain s', type: 'button', onClick: clear }, t('landing.clear')));
}

function Rooms() {
  const rooms = publicRooms.value;
  if (rooms === null) {
    return h('div', { class: 'rooms', 'aria-busy': 'true' }, [0, 1, 2].map((i) => h('div', { key: i, class: 'room waiting' })));
  }
  if (rooms === 'failed') {
    return h('p', { class: 'none', role: 'alert' }, t('landing.failed'), ' ',
      h('button', { class: 'btn s', type: 'button', onClick: loadRooms }, t('landing.retry')));
  }
  if (rooms.length === 0) return h('p', { class: 'none dim' }, t('landing.none'));
  return h('div', { class: 'rooms' }, rooms.map((room) => h(Room, { key: room.name, room })));
}

/** @param {{room: Status}} props */
function Room({ room }) {
  const elsewhere = room.redirect && URL.canParse(room.redirect) ? new URL(room.redirect).host : '';
  const count = room.clientCount ?? 0;
  return h('a', { class: 'room', href: room.redirect ?? room.location ?? roomUrl(room.name) },
    h('h3', {}, h('span', { class: 'cut' }, titleOf(room))),
    room.description && h('p', {}, room.description),
    h('span', { class: 'foot' },
      elsewhere ? h('span', { class: 'idle' }, t('landing.elsewhere', { host: elsewhere }))
        : count > 0 ? [h('span', { class: 'dot' }), t('people.count', { count })]
          : h('span', { class: 'idle' }, t('landing.empty')),
      room.locked && h('span', { class: 'chip end' }, h(Icon, { name: 'lock' }), t('room.locked')),
      h('span', { class: 'go', 'aria-hidden': 'true' }, t('landing.open'), h(Icon, { name: 'chevron-right', class: 'i-s' }))));
}
