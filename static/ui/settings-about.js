// Settings: what this is.

import { forgetRooms } from '../app/settings.js';
import { h, useState } from '../third-party/preact.js';
import { Logo } from './site-header.js';
import { rootUrl } from '../app/paths.js';
import { Setting } from './choice.js';
import { t } from '../app/i18n.js';

export function AboutSettings() {
  const [forgotten, setForgotten] = useState(false);
  return [
    h('div', { class: 'about' }, h(Logo, {}), h('div', {}, h('b', {}, t('site.name')), h('p', { class: 'small dim' }, t('about.server', { host: location.host })))),
    h('p', { class: 'mid' }, t('about.text')),
    h(Setting, {
      label: t('about.memory'), help: t('about.memory.help'),
      control: () => h('button', { class: 'btn s', type: 'button', disabled: forgotten, onClick: () => { forgetRooms(); setForgotten(true); } }, t(forgotten ? 'about.forgotten' : 'about.forget')),
    }),
    h('p', { class: 'mid after' }, h('a', { href: rootUrl('third-party/LICENSES.txt'), target: '_blank', rel: 'noopener' }, t('about.licences'))),
  ];
}
