// Light or dark, moving or still.

import { changeSettings, settings } from './settings.js';
import { effect, signal } from '../third-party/signals.js';

const systemIsDark = signal(false);

/**
 * Applies what the person has chosen, now and whenever it changes: the theme, where without a choice the system's holds; and
 * that everything keeps still, where the style sheets know what the system says.
 */
export function followAppearance() {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const look = () => { systemIsDark.value = query.matches; };
  query.addEventListener('change', look);
  look();
  const { dataset } = document.documentElement;
  effect(() => {
    const { stillness, theme } = settings.value;
    if (theme) dataset['theme'] = theme;
    else delete dataset['theme'];
    if (stillness) dataset['stillness'] = 'yes';
    else delete dataset['stillness'];
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
