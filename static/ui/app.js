// The page of a group: what is shown in each phase, and what screen readers say without being asked.

import { alarm, announcement, phase } from '../app/store.js';
import { Call } from './call.js';
import { h } from '../third-party/preact.js';
import { inCall } from '../app/phase.js';
import { Left } from './left.js';
import { Prejoin } from './prejoin.js';

export function App() {
  return [h(Screen, { key: 'screen' }), h(LiveRegions, { key: 'live' })];
}

function Screen() {
  if (inCall(phase.value)) return h(Call, {});
  switch (phase.value) {
    case 'loading':
      return h('div', { class: 'loading', 'aria-busy': 'true' });
    case 'left':
      return h(Left, {});
    default:
      return h(Prejoin, {});
  }
}

function LiveRegions() {
  return [
    h('p', { key: 'polite', class: 'sr live', 'aria-live': 'polite' }, announcement.value),
    h('p', { key: 'assertive', class: 'sr live', 'aria-live': 'assertive' }, alarm.value),
  ];
}
