// Asking before somebody is removed from the room.

import { closeDialog, Dialog } from './dialog.js';
import { h, useRef } from '../third-party/preact.js';
import { removePerson } from '../app/moderation.js';
import { t } from '../app/i18n.js';

/** @param {{user: import('../app/store.js').User}} props */
export function RemoveDialog({ user }) {
  const message = useRef(/** @type {HTMLInputElement | null} */ (null));
  const name = user.username || t('people.anonymous');
  return h(Dialog, {
    title: t('remove.title', { name }),
    onSubmit: () => removePerson(user.id, message.current?.value ?? ''),
    footer: [
      h('button', { key: 'cancel', class: 'btn', type: 'button', onClick: closeDialog }, t('remove.cancel')),
      h('button', { key: 'do', class: 'btn primary', type: 'submit' }, t('remove.remove')),
    ],
  },
  h('p', { class: 'mid' }, t('remove.text')),
  h('div', { class: 'field' },
    h('label', { class: 'label', for: 'remove-message' }, t('remove.message'), ' ', h('span', { class: 'dim' }, t('remove.optional'))),
    h('span', { class: 'input' }, h('input', { id: 'remove-message', ref: message, type: 'text', maxLength: 500, autoFocus: true }))));
}
