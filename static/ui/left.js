// After leaving.

import { h, useLayoutEffect, useRef } from '../third-party/preact.js';
import { groupTitle } from '../app/store.js';
import { rejoin } from '../app/session.js';
import { rootUrl } from '../app/paths.js';
import { SiteHeader } from './site-header.js';
import { t } from '../app/i18n.js';

export function Left() {
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useLayoutEffect(() => button.current?.focus(), []);
  return [
    h(SiteHeader, {}),
    h('main', { class: 'lost' },
      h('h1', {}, t('left.title')),
      h('p', {}, groupTitle.value),
      h('div', { class: 'row' },
        h('button', { ref: button, class: 'btn primary l', type: 'button', onClick: rejoin }, t('left.rejoin')),
        h('a', { class: 'btn l', href: rootUrl('') }, t('left.home')))),
  ];
}
