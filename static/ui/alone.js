// What to do when nobody else is in the room.

import { copyText } from './clipboard.js';
import { dialog, group, may, phase, users } from '../app/store.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { t } from '../app/i18n.js';

export function AloneCard() {
  if (phase.value !== 'joined' || users.value.size !== 1) return null;
  const link = new URL(location.pathname, group.value.location ?? location.href).href;
  return h('section', { class: 'alone-card', 'aria-labelledby': 'alone' },
    h('h2', { id: 'alone' }, t('alone.title')),
    h('p', {}, t('alone.text')),
    h('div', { class: 'copyrow' }, h('span', { class: 'cut' }, link.replace(/^https?:\/\//, ''))),
    h('button', { class: 'btn primary', type: 'button', onClick: () => void copyText(link, t('invite.copied')) }, h(Icon, { name: 'copy' }), t('alone.copy')),
    may('token') && h('button', { class: 'btn', type: 'button', onClick: () => { dialog.value = { kind: 'invite' }; } }, h(Icon, { name: 'user-plus' }), t('people.invite')));
}
