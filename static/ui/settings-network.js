// Settings: what goes over the network, and how.

import { changeSettings, settings } from '../app/settings.js';
import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { may } from '../app/store.js';
import { noRelay } from '../app/relay.js';
import { noRelayText } from './banner.js';
import { Segments, Select, Setting, Switch } from './choice.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../app/settings.js').Settings['request']} Receive */

export function NetworkSettings() {
  const { request, forceRelay, send, simulcast } = settings.value;
  return [
    may('present') && [
      h(Setting, {
        label: t('settings.send'), help: t('settings.send.help'),
        control: (id) => h(Select, {
          labelledBy: id, value: send, onChange: (value) => changeSettings({ send: /** @type {typeof send} */ (value) }),
          choices: [
            { value: 'unlimited', label: t('settings.send.unlimited') }, { value: 'normal', label: t('settings.send.normal') },
            { value: 'low', label: t('settings.send.low') }, { value: 'lowest', label: t('settings.send.lowest') },
          ],
        }),
      }),
      h(Setting, {
        label: t('settings.simulcast'), help: t('settings.simulcast.help'),
        control: (id) => h(Segments, {
          labelledBy: id, value: simulcast, onChange: (value) => changeSettings({ simulcast: /** @type {typeof simulcast} */ (value) }),
          choices: [{ value: 'auto', label: t('settings.simulcast.auto') }, { value: 'on', label: t('settings.simulcast.on') }, { value: 'off', label: t('settings.simulcast.off') }],
        }),
      }),
    ],
    h(Setting, {
      label: t('settings.receive'), help: t('settings.receive.help'),
      control: (id) => h(Select, {
        labelledBy: id, value: request, onChange: (value) => changeSettings({ request: /** @type {Receive} */ (value) }),
        choices: [
          { value: 'everything', label: t('settings.receive.everything') }, { value: 'everything-low', label: t('settings.receive.low') },
          { value: 'screenshare', label: t('settings.receive.screens') }, { value: 'audio', label: t('settings.receive.audio') },
          { value: '', label: t('settings.receive.nothing') },
        ],
      }),
    }),
    h(Switch, { label: t('settings.relay'), help: t('settings.relay.help'), checked: forceRelay, onChange: (on) => changeSettings({ forceRelay: on }) }),
    // Always there, so that it is read aloud when it gets its text.
    h('div', { role: 'alert' }, noRelay.value && h('p', { class: 'msg' }, h(Icon, { name: 'circle-alert' }), h('span', {}, noRelayText()))),
  ];
}
