// The list of keys, where they can be changed and switched off.

import { changeKey, keyOf, resetKeys, SHORTCUTS } from '../app/shortcuts.js';
import { changeSettings, settings } from '../app/settings.js';
import { Dialog } from './dialog.js';
import { h, useId, useState } from '../third-party/preact.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../app/shortcuts.js').Shortcut} Shortcut */

export function ShortcutsDialog() {
  const [changing, setChanging] = useState('');
  const [said, setSaid] = useState('');
  const id = useId();
  const changed = Object.keys(settings.value.keys).length > 0;
  /** @param {string} which @param {KeyboardEvent} e */
  function pressed(which, e) {
    if (['Shift', 'Control', 'Alt', 'Meta', 'Tab'].includes(e.key)) return;
    e.preventDefault();
    e.stopPropagation();
    if (e.key === 'Escape') {
      setChanging('');
      return;
    }
    const done = changeKey(which, e.key);
    setSaid(done ? t('shortcut.changed') : t('shortcut.reserved', { key: keyName(e.key) }));
    if (done) setChanging('');
  }
  /** @param {Shortcut} s @returns {string} what its button shows */
  const shown = (s) => (changing === s.id ? t('shortcut.press') : `${s.release ? `${t('shortcut.hold')} ` : ''}${keyName(keyOf(s)) || t('shortcut.none')}`);
  /** @param {Shortcut} s */
  const row = (s) => h('li', { key: s.id },
    h('span', { id: `${id}-${s.id}` }, t(s.label)),
    h('button', {
      type: 'button', class: `kk ${changing === s.id ? 'asking' : ''}`, 'aria-label': t('shortcut.change', { name: t(s.label), key: shown(s) }),
      onClick: () => { setChanging(changing === s.id ? '' : s.id); setSaid(t('shortcut.press')); },
      onBlur: () => changing === s.id && setChanging(''),
      onKeyDown: (/** @type {KeyboardEvent} */ e) => changing === s.id && pressed(s.id, e),
    }, changing === s.id ? h('span', {}, t('shortcut.press')) : [
      s.release && h('span', { class: 'dim' }, t('shortcut.hold')), ' ', keyOf(s) ? h('kbd', {}, keyName(keyOf(s))) : h('span', { class: 'dim' }, t('shortcut.none'))]));
  /** @param {string} name @param {string} key that cannot be changed */
  const fixed = (name, key) => h('li', {}, h('span', {}, name), h('span', { class: 'kk' }, h('kbd', {}, key)));
  /** @param {Shortcut['section']} section @param {string} title */
  const part = (section, title) => [h('h3', {}, title), h('ul', {}, SHORTCUTS.filter((s) => s.section === section).map(row),
    section === 'view' && [fixed(t('shortcut.pin'), '1 – 9'), fixed(t('shortcut.tileMenu'), '.')],
    section === 'general' && fixed(t('shortcut.close'), keyName('escape')))];
  return h(Dialog, {
    title: t('shortcut.title'), class: 'wide',
    footer: [
      h('span', { key: 'help', class: 'grow mid dim', role: 'status' }, said || t('shortcut.help')),
      changed && h('button', { key: 'reset', class: 'btn s', type: 'button', onClick: resetKeys }, t('shortcut.reset')),
      h('button', {
        key: 'switch', class: 'switch', type: 'button', role: 'switch', 'aria-checked': settings.value.shortcuts, 'aria-labelledby': `${id}-on`,
        onClick: () => changeSettings({ shortcuts: !settings.value.shortcuts }),
      }),
      h('span', { key: 'on', class: 'mid', id: `${id}-on` }, t('settings.shortcuts')),
    ],
  },
  h('div', { class: 'keys' },
    h('div', {}, part('devices', t('shortcut.devices')), part('panels', t('shortcut.panels'))),
    h('div', {}, part('view', t('shortcut.view')), part('general', t('shortcut.general')))));
}

/** @param {string} key @returns {string} as it stands on the keyboard */
function keyName(key) {
  switch (key.toLowerCase()) {
    case '': return '';
    case ' ': return t('key.space');
    case 'escape': return t('key.escape');
    default: return key.length === 1 ? key.toUpperCase() : key.charAt(0).toUpperCase() + key.slice(1);
  }
}
