// Before the call: the card with the picture of oneself, the name and the password.

import { group, groupTitle } from '../app/store.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { JoinForm } from './join-form.js';
import { MicRow, Preview, SpeakerRow } from './preview.js';
import { SiteHeader } from './site-header.js';
import { t } from '../app/i18n.js';

export function Prejoin() {
  const { description, clientCount, locked } = group.value;
  return [
    h(SiteHeader, {}),
    h('main', { class: 'pre' },
      h('div', { class: 'pre-head' },
        h('div', {},
          h('h1', {}, groupTitle.value),
          description && h('p', {}, description)),
        h('div', { class: 'row' },
          locked && h('span', { class: 'chip big' }, h(Icon, { name: 'lock' }), t('room.locked')),
          clientCount !== undefined && h('span', { class: 'chip big' },
            h(Icon, { name: 'users' }), clientCount === 0 ? t('prejoin.empty') : t('prejoin.here', { count: clientCount })))),
      h('div', { class: 'pre-grid' },
        h('div', {},
          h(Preview, {}),
          h('div', { class: 'devs' }, h(MicRow, {}), h(SpeakerRow, {}))),
        h(JoinForm, {}))),
  ];
}
