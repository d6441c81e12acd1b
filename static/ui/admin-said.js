// What came of the last change, and of reading a list.

import { done, problem } from '../app/admin.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { t } from '../app/i18n.js';

export function Said() {
  if (problem.value) return h('p', { class: 'msg', role: 'alert' }, h(Icon, { name: 'circle-alert' }), h('span', {}, problem.value));
  return h('p', { class: 'mid dim', role: 'status' }, done.value);
}

/**
 * Stands where a list has nothing to show. Why one could not be read is told where it is told of changes.
 * @param {{list: unknown[] | null | undefined, none: string, load: () => unknown}} props list: `null` while it is being loaded, `undefined` if it could not be
 */
export function Missing({ list, none, load }) {
  if (list === null) return h('div', { class: 'waiting', 'aria-busy': 'true' });
  if (list) return h('p', { class: 'mid dim' }, none);
  return h('p', {}, h('button', { class: 'btn s', type: 'button', onClick: load }, t('landing.retry')));
}
