// Copying the link of a room or an invitation.

import { done, problem } from '../app/admin.js';
import { t } from '../app/i18n.js';

/** @param {string} link */
export async function copyLink(link) {
  try {
    await navigator.clipboard.writeText(link);
    done.value = t('invite.copied');
    problem.value = '';
  } catch {
    problem.value = t('copy.failed');
  }
}
