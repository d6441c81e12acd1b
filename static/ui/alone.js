// What to do when nobody else is in the room.

import { group, phase, users } from '../app/store.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { notify } from '../app/notices.js';
import { t } from '../app/i18n.js';

export function AloneCard() {
  if (phase.value !== 'joined' || users.value.size !== 1) return null;
  const link = new URL(location.pathname, group.value.location ?? location.href).href;
  async function copy() {
    try {
      await navigator.clipboard.writeText(link);
      notify('info', t('alone.copied'));
    } catch {
      notify('warning', t('alone.notCopied'));
    }
  }
  return h('section', { class: 'alone-card', 'aria-labelledby': 'alone' },
    h('h2', { id: 'alone' }, t('alone.title')),
    h('p', {}, t('alone.text')),
    h('div', { class: 'copyrow' }, h('span', { class: 'cut' }, link.replace(/^https?:\/\//, ''))),
    h('button', { class: 'btn primary', type: 'button', onClick: copy }, h(Icon, { name: 'copy' }), t('alone.copy')));
}
