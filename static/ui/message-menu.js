// What can be done with a message.

import { clearHistory, moderate } from '../app/moderation.js';
import { copyText } from './clipboard.js';
import { dialog, may, users } from '../app/store.js';
import { DotsMenu, MenuItem, MenuLine } from './menu.js';
import { h } from '../third-party/preact.js';
import { isKept } from '../app/chat.js';
import { t } from '../app/i18n.js';
import { writeTo } from '../app/actions.js';

/**
 * @param {{entry: import('../app/store.js').ChatEntry, open: boolean, setOpen: (open: boolean) => void, tabbable: boolean}} props
 */
export function MessageMenu({ entry, open, setOpen, tabbable }) {
  const name = entry.username || t('people.anonymous');
  return h(DotsMenu, { label: t('message.menu', { name }), class: 'ofmsg', open, setOpen, tabIndex: tabbable || open ? 0 : -1 }, open && h(Entries, { entry, name, setOpen }));
}

/** @param {{entry: import('../app/store.js').ChatEntry, name: string, setOpen: (open: boolean) => void}} props */
function Entries({ entry, name, setOpen }) {
  const user = users.value.get(entry.source);
  const other = user && !entry.own;
  /** @param {() => void} act */
  const then = (act) => () => { setOpen(false); act(); };
  return [
    h(MenuItem, { icon: 'copy', onClick: then(() => void copyText(entry.text, t('copy.done'))) }, t('message.copy')),
    other && may('message') && h(MenuItem, { icon: 'message-square', onClick: then(() => writeTo(user)) }, t('message.reply')),
    may('op') && isKept(entry) && [
      h(MenuLine, {}),
      !entry.private && h(MenuItem, { icon: 'trash-2', onClick: then(() => { dialog.value = deletion(entry); }) }, t('message.delete')),
      h(MenuItem, { icon: 'trash-2', onClick: then(() => { dialog.value = deletionOfAll(entry, name); }) }, t('message.deleteAll', { name })),
      other && h(MenuItem, { icon: 'info', onClick: then(() => moderate(entry.source, 'identify')) }, t('people.identify')),
      other && h(MenuItem, { icon: 'door-open', onClick: then(() => { dialog.value = { kind: 'remove', user }; }) }, t('people.remove')),
    ],
  ];
}

/**
 * @param {import('../app/store.js').ChatEntry} entry
 * @returns {import('../app/store.js').DialogState}
 */
function deletion({ id, source, text }) {
  return { kind: 'confirm', title: t('message.delete'), text, action: t('message.deleteNow'), run: () => clearHistory({ id, userId: source }) };
}

/**
 * @param {import('../app/store.js').ChatEntry} entry
 * @param {string} name
 * @returns {import('../app/store.js').DialogState}
 */
function deletionOfAll({ source }, name) {
  return {
    kind: 'confirm', title: t('message.deleteTitle', { name }), text: t('message.deleteText'), action: t('message.deleteNow'),
    run: () => clearHistory({ userId: source }),
  };
}
