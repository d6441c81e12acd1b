// A warning to one person, or to everybody.

import { closeDialog, Dialog } from './dialog.js';
import { h, useRef } from '../third-party/preact.js';
import { t } from '../app/i18n.js';
import { warn } from '../app/moderation.js';

/** @param {{user: import('../app/store.js').User | null}} props user: null for everybody */
export function WarnDialog({ user }) {
  const text = useRef(/** @type {HTMLInputElement | null} */ (null));
  return h(Dialog, {
    title: user ? t('warn.title', { name: user.username || t('people.anonymous') }) : t('warn.all'),
    onSubmit: () => warn(user?.id ?? '', text.current?.value ?? ''),
    footer: [
      h('button', { key: 'cancel', class: 'btn', type: 'button', onClick: closeDialog }, t('remove.cancel')),
      h('button', { key: 'do', class: 'btn primary', type: 'submit' }, t('warn.send')),
    ],
  },
  h('div', { class: 'field' },
    h('label', { class: 'label', for: 'warning' }, t('remove.message')),
    h('span', { class: 'input' }, h('input', { id: 'warning', ref: text, type: 'text', required: true, maxLength: 500, autoFocus: true, 'aria-describedby': 'warning-help' })),
    h('p', { class: 'small dim', id: 'warning-help' }, t(user ? 'warn.help' : 'warn.allHelp'))));
}
