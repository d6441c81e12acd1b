// Turning the pages of the stage.

import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { page as shown } from '../app/store.js';
import { t } from '../app/i18n.js';

/** @param {{page: number, pages: number, beside: boolean}} props page counts from 0; beside: the pages are those of a strip at the side */
export function Pager({ page, pages, beside }) {
  if (pages < 2) return null;
  return h('div', { class: beside ? 'pager beside' : 'pager' },
    h('button', { class: 'btn plain icon s', type: 'button', disabled: page === 0, 'aria-label': t('pager.previous'), onClick: () => { shown.value = page - 1; } },
      h(Icon, { name: 'chevron-left' })),
    h('span', { class: 'num' }, t('pager.position', { page: page + 1, pages })),
    h('button', { class: 'btn plain icon s', type: 'button', disabled: page === pages - 1, 'aria-label': t('pager.next'), onClick: () => { shown.value = page + 1; } },
      h(Icon, { name: 'chevron-right' })));
}
