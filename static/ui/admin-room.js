// One room, for administrators: its settings in tabs, and saving them.

import { AdminInvitations } from './admin-invitations.js';
import { AdminUsers } from './admin-users.js';
import { changes, closeRoom, discard, removeRoom, room, save } from '../app/admin.js';
import { counts, countPeople } from '../app/admin-people.js';
import { copyLink } from './admin-link.js';
import { dialog } from '../app/store.js';
import { DotsMenu, MenuItem } from './menu.js';
import { GeneralForm, SignInForm } from './admin-forms.js';
import { h, useEffect, useRef, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { JsonForm } from './admin-json.js';
import { roomUrl } from '../app/rooms.js';
import { Said } from './admin-said.js';
import { numberText, t } from '../app/i18n.js';

/** @typedef {import('../app/admin.js').Settings} Settings */
/** @typedef {'general' | 'users' | 'invitations' | 'signIn' | 'json'} Tab */

/** @param {{name: string, draft: Settings, saved: Settings}} props */
export function AdminRoom({ name, draft, saved }) {
  const [tab, setTab] = useState(/** @type {Tab} */ ('general'));
  const [menu, setMenu] = useState(false);
  const title = typeof saved['displayName'] === 'string' && saved['displayName'] ? saved['displayName'] : name;
  const editing = tab !== 'users' && tab !== 'invitations';
  return h('section', { class: 'card ed', 'aria-label': title },
    h('header', {},
      h('button', { class: 'btn plain icon s back', type: 'button', 'aria-label': t('admin.back'), onClick: () => unlessUnsaved(closeRoom) }, h(Icon, { name: 'chevron-left' })),
      h('div', { class: 'grow' }, h('h2', { class: 'cut', dir: 'auto' }, title),
        h('a', { class: 'small', href: roomUrl(name) }, h('span', { class: 'cut' }, roomUrl(name).replace(/^https?:\/\//, '')))),
      h('button', { class: 'btn s', type: 'button', onClick: () => void copyLink(roomUrl(name)) }, h(Icon, { name: 'copy' }), t('alone.copy')),
      h(DotsMenu, { label: t('toolbar.more'), button: 'btn icon s', open: menu, setOpen: setMenu }, h(MenuItem, { icon: 'trash-2', onClick: () => { setMenu(false); ask(name); } }, t('admin.deleteRoom')))),
    h(Tabs, { group: name, tab, setTab }),
    h('div', { class: 'form', role: 'tabpanel', id: 'admin-pane', 'aria-labelledby': `admin-${tab}`, tabIndex: 0 },
      tab === 'general' && h(GeneralForm, { draft }),
      tab === 'signIn' && h(SignInForm, { draft }),
      tab === 'json' && h(JsonForm, { draft }),
      tab === 'users' && h(AdminUsers, { group: name }),
      tab === 'invitations' && h(AdminInvitations, { group: name })),
    h('footer', {}, h('div', { class: 'grow' }, h(Said, {}),
      editing && h('p', { class: 'mid dim' }, changes.value.length > 0 ? t('admin.unsaved', { count: changes.value.length }) : '')),
    editing && changes.value.length > 0 && [
      h('button', { key: 'discard', class: 'btn', type: 'button', onClick: discard }, t('admin.discard')),
      h('button', { key: 'save', class: 'btn primary', type: 'button', onClick: () => void save() }, t('admin.save')),
    ]));
}

/**
 * Asks first where changes would be lost.
 * @param {() => unknown} act
 */
export function unlessUnsaved(act) {
  const count = changes.value.length;
  if (count === 0) act();
  else dialog.value = { kind: 'confirm', title: t('admin.unsaved', { count }), text: room.value?.name ?? '', action: t('admin.discard'), run: () => void act() };
}

/** @param {string} name */
function ask(name) {
  dialog.value = {
    kind: 'confirm', title: t('admin.deleteTitle', { name }), text: t('admin.deleteText'), action: t('admin.deleteNow'), run: () => void removeRoom(name),
  };
}

/** @param {{group: string, tab: Tab, setTab: (tab: Tab) => void}} props */
function Tabs({ group, tab, setTab }) {
  useEffect(() => countPeople(group), [group]);
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const known = counts.value.group === group ? counts.value : undefined;
  /** @type {{tab: Tab, label: string, count?: number | undefined}[]} */
  const all = [
    { tab: 'general', label: t('admin.general') }, { tab: 'users', label: t('admin.users'), count: known?.logins },
    { tab: 'invitations', label: t('invite.list'), count: known?.invitations },
    { tab: 'signIn', label: t('admin.signInTab') }, { tab: 'json', label: t('admin.json') },
  ];
  const at = all.findIndex((x) => x.tab === tab);
  /** @param {KeyboardEvent} e */
  function key(e) {
    const rtl = document.documentElement.dir === 'rtl' ? -1 : 1;
    const step = { ArrowRight: rtl, ArrowLeft: -rtl }[e.key];
    if (!step) return;
    e.preventDefault();
    const next = (at + step + all.length) % all.length;
    setTab(all[next]?.tab ?? 'general');
    const button = box.current?.children[next];
    if (button instanceof HTMLElement) button.focus();
  }
  return h('div', { ref: box, class: 'tabsx', role: 'tablist', 'aria-label': t('admin.settings'), onKeyDown: key }, all.map((x) => h('button', {
    key: x.tab, type: 'button', role: 'tab', id: `admin-${x.tab}`, 'aria-selected': x.tab === tab, 'aria-controls': 'admin-pane', tabIndex: x.tab === tab ? 0 : -1, onClick: () => setTab(x.tab),
  }, x.label, x.count !== undefined && h('span', { class: 'num' }, ' ', numberText(x.count, 0)))));
}
