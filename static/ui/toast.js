// Short texts at the corner of the stage. What is read aloud comes from the live regions.

import { dismiss } from '../app/notices.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { notices } from '../app/store.js';
import { t } from '../app/i18n.js';

const ICONS = { info: 'info', warning: 'megaphone', error: 'circle-alert' };

export function Toasts() {
  if (notices.value.length === 0) return null;
  return h('div', { class: 'toasts' }, notices.value.map((n) =>
    h('div', { key: n.id, class: `toast ${n.level}` }, h(Icon, { name: ICONS[n.level] }), h('span', { class: 'grow' }, n.text),
      n.action && h('button', { class: 'btn s', type: 'button', onClick: () => { dismiss(n.id); n.action?.run(); } }, n.action.label),
      h('button', { class: 'btn plain icon s', type: 'button', 'aria-label': t('toast.dismiss'), onClick: () => dismiss(n.id) }, h(Icon, { name: 'x' })))));
}
