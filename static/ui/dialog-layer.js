// The dialog that is open, if any. Its code is loaded when it is first wanted.

import { dialog } from '../app/store.js';
import { h, useEffect, useState } from '../third-party/preact.js';
import { notify } from '../app/notices.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../app/store.js').DialogState} DialogState */
/** @typedef {(props: any) => import('../third-party/preact.js').ComponentChildren} Component */

/** @type {Record<DialogState['kind'], () => Promise<Component>>} */
const DIALOGS = {
  settings: async () => (await import('./settings.js')).SettingsDialog,
  shortcuts: async () => (await import('./shortcuts.js')).ShortcutsDialog,
  invite: async () => (await import('./invite.js')).InviteDialog,
  connection: async () => (await import('./connection.js')).ConnectionDialog,
  report: async () => (await import('./connection.js')).ReportDialog,
  room: async () => (await import('./room.js')).RoomDialog,
  remove: async () => (await import('./remove.js')).RemoveDialog,
  warn: async () => (await import('./warn.js')).WarnDialog,
  confirm: async () => (await import('./confirm.js')).ConfirmDialog,
  recipient: async () => (await import('./recipient.js')).RecipientDialog,
};

/** @type {Map<string, Component>} */
const loaded = new Map();

export function DialogLayer() {
  const state = dialog.value;
  const [, redraw] = useState(0);
  const kind = state?.kind;
  useEffect(() => {
    if (!kind || loaded.has(kind)) return;
    DIALOGS[kind]().then(
      (component) => {
        loaded.set(kind, component);
        redraw((n) => n + 1);
      },
      () => {
        if (dialog.value?.kind === kind) dialog.value = null;
        notify('error', t('notice.notLoaded'));
      });
  }, [kind]);
  const Shown = kind && loaded.get(kind);
  // One of another kind begins anew.
  return Shown ? h(Shown, { ...state, key: kind }) : null;
}
