// Settings: what goes over the network, and how.

import { changeSettings, settings } from '../app/settings.js';
import { h } from '../third-party/preact.js';
import { Select, Setting, Switch } from './choice.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../app/settings.js').Settings['request']} Receive */

export function NetworkSettings() {
  const { request, forceRelay } = settings.value;
  return [
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
  ];
}
