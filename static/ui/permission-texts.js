// Permissions in words.

import { t } from '../app/i18n.js';

/**
 * @param {string} name
 * @returns {string} itself, if it is not one that people know
 */
export function permissionText(name) {
  switch (name) {
    case 'op': return t('permission.op');
    case 'present': return t('permission.present');
    case 'message': return t('permission.message');
    case 'caption': return t('permission.caption');
    case 'token': return t('permission.token');
    case 'record': return t('permission.record');
    case 'admin': return t('permission.admin');
    default: return name;
  }
}
