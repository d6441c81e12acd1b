// Settings: language, colours, keys, and what is read aloud.

import { changeSettings, settings } from '../app/settings.js';
import { chooseLanguage, t } from '../app/i18n.js';
import { dialog } from '../app/store.js';
import { h } from '../third-party/preact.js';
import { LANGUAGES } from '../app/languages.js';
import { notify } from '../app/notices.js';
import { Segments, Select, Setting, Switch } from './choice.js';

/** @param {string} tag */
export function changeLanguage(tag) {
  chooseLanguage(tag).catch(() => notify('error', t('notice.notLoaded')));
}

/** @returns {{value: string, label: string}[]} */
export function languageChoices() {
  return [{ value: '', label: t('settings.language.browser') }, ...LANGUAGES.map((l) => ({ value: l.tag, label: l.name }))];
}

export function AccessibilitySettings() {
  const { announceChat, announceHands, announcePeople, captionSize, language, shortcuts, stillness, theme } = settings.value;
  return [
    h(Setting, {
      label: t('settings.language'),
      control: (id) => h(Select, { labelledBy: id, value: language, choices: languageChoices(), onChange: changeLanguage }),
    }),
    h(Setting, {
      label: t('settings.theme'),
      control: (id) => h(Segments, {
        labelledBy: id, value: theme, onChange: (value) => changeSettings({ theme: /** @type {typeof theme} */ (value) }),
        choices: [{ value: '', label: t('settings.theme.system') }, { value: 'light', label: t('settings.theme.light') }, { value: 'dark', label: t('settings.theme.dark') }],
      }),
    }),
    h(Switch, { label: t('settings.shortcuts'), help: t('settings.shortcuts.help'), checked: shortcuts, onChange: (on) => changeSettings({ shortcuts: on }) }),
    h('p', { class: 'after' }, h('button', { class: 'linkbtn', type: 'button', onClick: () => { dialog.value = { kind: 'shortcuts' }; } }, t('settings.shortcuts.show'))),
    h(Switch, { label: t('settings.sayPeople'), help: t('settings.say.help'), checked: announcePeople, onChange: (on) => changeSettings({ announcePeople: on }) }),
    h(Switch, { label: t('settings.sayHands'), checked: announceHands, onChange: (on) => changeSettings({ announceHands: on }) }),
    h(Switch, { label: t('settings.sayChat'), checked: announceChat, onChange: (on) => changeSettings({ announceChat: on }) }),
    h(Setting, {
      label: t('settings.captions'), help: t('settings.captions.help'),
      control: (id) => h(Segments, {
        labelledBy: id, value: captionSize, onChange: (value) => changeSettings({ captionSize: /** @type {typeof captionSize} */ (value) }),
        choices: [{ value: 's', label: t('settings.small') }, { value: 'm', label: t('settings.medium') }, { value: 'l', label: t('settings.large') }, { value: 'off', label: t('settings.captions.off') }],
      }),
    }),
    h(Switch, { label: t('settings.stillness'), help: t('settings.stillness.help'), checked: stillness, onChange: (on) => changeSettings({ stillness: on }) }),
  ];
}
