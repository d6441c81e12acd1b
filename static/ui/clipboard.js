// Copying text.

import { notify } from '../app/notices.js';
import { t } from '../app/i18n.js';

/**
 * Copies a text, and says whether it worked.
 * @param {string} text
 * @param {string} done what to say then
 */
export async function copyText(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    notify('info', done);
  } catch {
    notify('warning', t('copy.failed'));
  }
}
