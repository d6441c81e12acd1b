// The invitations of a room, for administrators.

import { addInvitation, extend, invitations, loadInvitations, removeInvitation } from '../app/admin-people.js';
import { copyLink } from './admin-link.js';
import { dateText, listText, t } from '../app/i18n.js';
import { h, useEffect, useId, useRef, useState } from '../third-party/preact.js';
import { Missing } from './admin-said.js';
import { permissionText } from './permission-texts.js';
import { roomUrl } from '../app/rooms.js';
import { Select } from './choice.js';

/** @typedef {import('../app/admin-people.js').Invitation} Invitation */

/** ms */
const DAY = 86_400_000;

/** @type {Record<string, string[]>} */
const ROLES = { op: ['op', 'present', 'message', 'token'], present: ['present', 'message'], watch: ['message'] };

/** @param {{group: string}} props */
export function AdminInvitations({ group }) {
  useEffect(() => void loadInvitations(group), [group]);
  const list = invitations.value;
  return [
    !list?.length ? h(Missing, { list, none: t('invite.none'), load: () => void loadInvitations(group) })
      : h('div', { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': t('invite.list') }, h('table', {},
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('invite.who')), h('th', { scope: 'col' }, t('invite.may')), h('th', { scope: 'col' }, t('invite.expires')),
          h('th', { scope: 'col' }, h('span', { class: 'sr' }, t('invite.actions'))))),
        h('tbody', {}, list.map((token) => h(Row, { key: token.name, group, token }))))),
    h(AddForm, { group }),
  ];
}

/** @param {{group: string, token: Invitation}} props */
function Row({ group, token }) {
  const expires = new Date(token.expires ?? 0);
  const expired = !token.expires || expires.getTime() <= Date.now();
  const link = `${roomUrl(group)}?token=${encodeURIComponent(token.name)}`;
  return h('tr', { class: expired ? 'dim' : '' },
    h('th', { scope: 'row' }, h('span', { dir: 'auto' }, token.username ?? t('invite.anybody')), token.issuedBy && h('span', { class: 'small dim block' }, t('invite.by', { name: token.issuedBy }))),
    h('td', {}, listText((token.permissions ?? []).map(permissionText)) || t('permission.none')),
    h('td', {}, expired ? t('invite.expired') : dateText(expires, { alone: true })),
    h('td', { class: 'r' }, h('span', { class: 'row' },
      !expired && h('button', { class: 'btn s', type: 'button', onClick: () => void copyLink(link) }, t('invite.copyLink')),
      h('button', { class: 'btn s', type: 'button', title: t('invite.extendHelp'), onClick: () => void extend(group, token, new Date(Math.max(Date.now(), expires.getTime()) + DAY)) }, t('invite.extend')),
      h('button', { class: 'btn s', type: 'button', onClick: () => void removeInvitation(group, token) }, t('invite.revoke')))));
}

/** @param {{group: string}} props */
function AddForm({ group }) {
  const name = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [role, setRole] = useState('present');
  const [days, setDays] = useState('1');
  const id = useId();
  /** @param {Event} e */
  async function add(e) {
    e.preventDefault();
    const username = name.current?.value.trim();
    const expires = new Date(Date.now() + Number(days) * DAY).toISOString();
    if (await addInvitation(group, { ...(username && { username }), permissions: ROLES[role] ?? [], expires }) && name.current) name.current.value = '';
  }
  return h('form', { class: 'addrow', onSubmit: add, 'aria-label': t('admin.addInvitation') },
    h('h3', {}, t('admin.addInvitation')),
    h('div', { class: 'fields' },
      h('div', { class: 'field' }, h('label', { class: 'label', for: `${id}-n` }, t('admin.name'), ' ', h('span', { class: 'dim' }, t('remove.optional'))),
        h('span', { class: 'input' }, h('input', { id: `${id}-n`, ref: name, type: 'text', autoComplete: 'off' }))),
      h('div', { class: 'field' }, h('label', { class: 'label', for: `${id}-r` }, t('invite.theyMay')), h(Select, {
        id: `${id}-r`, value: role, onChange: setRole,
        choices: [{ value: 'present', label: t('invite.present') }, { value: 'watch', label: t('invite.watch') }, { value: 'op', label: t('invite.op') }],
      })),
      h('div', { class: 'field' }, h('label', { class: 'label', for: `${id}-d` }, t('invite.validFor')), h(Select, {
        id: `${id}-d`, value: days, onChange: setDays, choices: ['1', '7', '31', '365'].map((n) => ({ value: n, label: t('admin.days', { count: Number(n) }) })),
      })),
      h('div', { class: 'field end' }, h('button', { class: 'btn', type: 'submit' }, t('invite.create')))));
}
