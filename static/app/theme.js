// Light or dark.

import { changeSettings, settings } from './settings.js';
import { effect, signal } from '../third-party/signals.js';

const systemIsDark = signal(false);

/** Applies the chosen theme now and whenever it changes; without a choice the system's holds. */
export function followTheme() {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const look = () => { systemIsDark.value = query.matches; };
  query.addEventListener('change', look);
  look();
  effect(() => {
    const { theme } = settings.value;
    if (theme) document.documentElement.dataset['theme'] = theme;
    else delete document.documentElement.dataset['theme'];
  });
}

/** Keeps everything still, if the person wishes so; what the system says the style sheets know. */
export function followMotion() {
  effect(() => {
    if (settings.value.stillness) document.documentElement.dataset['stillness'] = 'yes';
    else delete document.documentElement.dataset['stillness'];
  });
}

/** @returns {boolean} whether the page is dark now */
export function isDark() {
  const { theme } = settings.value;
  return theme ? theme === 'dark' : systemIsDark.value;
}

/** Changes between light and dark. */
export function toggleTheme() {
  changeSettings({ theme: isDark() ? 'light' : 'dark' });
}
