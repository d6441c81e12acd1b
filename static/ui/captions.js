// What is being said, written over the stage.

import { caption } from '../app/store.js';
import { h } from '../third-party/preact.js';
import { settings } from '../app/settings.js';

export function Captions() {
  if (!caption.value || settings.value.captionSize === 'off') return null;
  return h('p', { class: `caption ${settings.value.captionSize}`, dir: 'auto' }, caption.value);
}
