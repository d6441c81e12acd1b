// What screen readers say without being asked.

import { alarm, announcement } from '../app/store.js';
import { h } from '../third-party/preact.js';

export function LiveRegions() {
  return [
    h('p', { key: 'polite', class: 'sr live', 'aria-live': 'polite' }, announcement.value),
    h('p', { key: 'assertive', class: 'sr live', 'aria-live': 'assertive' }, alarm.value),
  ];
}
