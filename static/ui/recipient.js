// To whom a file goes.

import { Dialog } from './dialog.js';
import { dialog } from '../app/store.js';
import { h } from '../third-party/preact.js';
import { hue, initials } from '../app/identity.js';
import { listText, t } from '../app/i18n.js';
import { offerFiles } from '../app/transfers.js';
import { people } from '../app/roster.js';

/** @param {{files: File[]}} props */
export function RecipientDialog({ files }) {
  const others = people.value.filter((p) => !p.self);
  /** @param {import('../app/store.js').User} user */
  const send = (user) => () => {
    dialog.value = null;
    offerFiles(user, files);
  };
  return h(Dialog, { title: t('recipient.title') },
    h('p', { class: 'mid dim', dir: 'auto' }, listText(files.map((f) => f.name))),
    h('ul', { class: 'choose' }, others.map(({ user }) => {
      const name = user.username || t('people.anonymous');
      return h('li', { key: user.id }, h('button', { type: 'button', class: 'btn plain', onClick: send(user) },
        h('span', { class: 'av', 'aria-hidden': 'true', style: { '--h': hue(user.username) } }, initials(user.username)), h('span', { class: 'cut', dir: 'auto' }, name)));
    })),
    others.length === 0 && h('p', { class: 'mid' }, t('recipient.nobody')));
}
