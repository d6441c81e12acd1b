// The room, for its operators: lock, chat, recording, subgroups, invitations.

import { askForSubgroups, clearHistory, lockRoom, record, unlockRoom } from '../app/moderation.js';
import { Dialog } from './dialog.js';
import { dialog, group, groupTitle, may, panel } from '../app/store.js';
import { h, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { InvitationTable } from './invitation-table.js';
import { recording } from '../app/roster.js';
import { rootUrl } from '../app/paths.js';
import { t } from '../app/i18n.js';
import { Setting } from './choice.js';

export function RoomDialog() {
  return h(Dialog, { title: t('room.title', { room: groupTitle.value }), class: 'wide' },
    h(Lock, {}),
    may('record') && h(Setting, {
      label: t('room.recording'), help: t(recording.value ? 'room.recordingOn' : 'room.recordingOff'),
      control: () => h('span', { class: 'row' },
        h('a', { class: 'btn s plain', href: rootUrl(`recordings/${group.value.name.split('/').map(encodeURIComponent).join('/')}/`), target: '_blank', rel: 'noopener' }, t('room.recordings')),
        h('button', { class: 'btn s', type: 'button', onClick: () => record(!recording.value) }, t(recording.value ? 'room.stopRecording' : 'room.record'))),
    }),
    h(Setting, {
      label: t('room.chat'), help: t('room.chatHelp'),
      control: () => h('button', { class: 'btn s', type: 'button', onClick: () => { dialog.value = clearing(); } }, t('room.clear')),
    }),
    h(Setting, {
      label: t('warn.all'), help: t('warn.allHelp'),
      control: () => h('button', { class: 'btn s', type: 'button', onClick: () => { dialog.value = { kind: 'warn', user: null }; } }, t('people.warn')),
    }),
    h(Setting, {
      label: t('room.subgroups'), help: t('room.subgroupsHelp'),
      control: () => h('button', { class: 'btn s', type: 'button', onClick: () => { askForSubgroups(); panel.value = 'chat'; dialog.value = null; } }, t('room.list')),
    }),
    may('token') && h(InvitationTable, {}));
}

/** @returns {import('../app/store.js').DialogState} */
function clearing() {
  return { kind: 'confirm', title: t('room.clearTitle'), text: t('room.clearText'), action: t('room.clearNow'), run: () => clearHistory() };
}

function Lock() {
  const message = useRef(/** @type {HTMLInputElement | null} */ (null));
  const locked = group.value.locked ?? false;
  const lock = () => lockRoom(message.current?.value ?? '');
  return h('div', { class: 'lockbox' },
    h(Setting, {
      label: t(locked ? 'room.isLocked' : 'room.isOpen'), help: t('room.lockHelp'),
      control: () => locked && h('button', { class: 'btn s', type: 'button', onClick: unlockRoom }, h(Icon, { name: 'lock-open' }), t('people.unlock')),
    }),
    h('div', { class: 'row' },
      h('label', { class: 'input grow' }, h('span', { class: 'sr' }, t('room.lockMessage')),
        h('input', {
          ref: message, type: 'text', maxLength: 500, placeholder: t('room.lockMessage'),
          onKeyDown: (e) => { if (e.key === 'Enter') { e.preventDefault(); lock(); } },
        })),
      h('button', { class: 'btn', type: 'button', onClick: lock }, h(Icon, { name: 'lock' }), t(locked ? 'room.changeMessage' : 'people.lock'))));
}
