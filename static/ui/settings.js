// The settings. Everything acts at once.

import { changeSettings, settings } from '../app/settings.js';
import { Dialog } from './dialog.js';
import { h, useId } from '../third-party/preact.js';
import { t } from '../app/i18n.js';

/** @type {{value: '' | 'light' | 'dark', key: string}[]} */
const THEMES = [{ value: '', key: 'settings.theme.system' }, { value: 'light', key: 'settings.theme.light' }, { value: 'dark', key: 'settings.theme.dark' }];

export function SettingsDialog() {
  const { mirrorView, shortcuts } = settings.value;
  return h(Dialog, { title: t('settings.title') },
    h(Switch, {
      label: t('settings.mirror'), help: t('settings.mirror.help'), checked: mirrorView, onChange: (on) => changeSettings({ mirrorView: on }),
    }),
    h(Switch, {
      label: t('settings.shortcuts'), help: t('settings.shortcuts.help'), checked: shortcuts, onChange: (on) => changeSettings({ shortcuts: on }),
    }),
    h(Theme, {}));
}

/**
 * @param {{label: string, help: string, checked: boolean, onChange: (on: boolean) => void}} props
 */
function Switch({ label, help, checked, onChange }) {
  const id = useId();
  return h('div', { class: 'setting' },
    h('div', {}, h('b', { id }, label), h('p', { id: `${id}-help` }, help)),
    h('button', {
      class: 'switch', type: 'button', role: 'switch', 'aria-checked': checked, 'aria-labelledby': id, 'aria-describedby': `${id}-help`,
      onClick: () => onChange(!checked),
    }));
}

function Theme() {
  const id = useId();
  return h('div', { class: 'setting' },
    h('div', {}, h('b', { id }, t('settings.theme'))),
    h('div', { class: 'seg', role: 'radiogroup', 'aria-labelledby': id }, THEMES.map(({ value, key }) => h('button', {
      key: value, type: 'button', role: 'radio', 'aria-checked': settings.value.theme === value, onClick: () => changeSettings({ theme: value }),
    }, t(key)))));
}
