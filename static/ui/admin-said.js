// What came of the last change.

import { done, problem } from '../app/admin.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';

export function Said() {
  if (problem.value) return h('p', { class: 'msg', role: 'alert' }, h(Icon, { name: 'circle-alert' }), h('span', {}, problem.value));
  return h('p', { class: 'mid dim', role: 'status' }, done.value);
}
