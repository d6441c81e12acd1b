// Asking before something is done that cannot be undone.

import { closeDialog, Dialog } from './dialog.js';
import { h } from '../third-party/preact.js';
import { t } from '../app/i18n.js';

/** @param {{title: string, text: string, action: string, run: () => void}} props */
export function ConfirmDialog({ title, text, action, run }) {
  return h(Dialog, {
    title, onSubmit: run,
    footer: [
      h('button', { key: 'cancel', class: 'btn', type: 'button', onClick: closeDialog }, t('remove.cancel')),
      h('button', { key: 'do', class: 'btn primary', type: 'submit' }, action),
    ],
  }, h('p', { class: 'mid' }, text));
}
