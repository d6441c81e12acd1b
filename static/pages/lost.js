// The page that says that there is nothing, in the reader's language. Without this it says so in English.

import { followTheme } from '../app/theme.js';
import { loadMessages, t } from '../app/i18n.js';

followTheme();
await loadMessages();
document.title = t('lost.title');
/** @type {[string, string][]} */
const texts = [['h1', t('lost.heading')], ['p', t('lost.text')], ['a', t('lost.home')]];
for (const [selector, text] of texts) {
  const element = document.querySelector(`main ${selector}`);
  if (element) element.textContent = text;
}
