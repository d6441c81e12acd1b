// The logins of a room, for administrators.

import { addLogin, changeLoginPassword, changePermissions, loadLogins, logins, removeLogin } from '../app/admin-people.js';
import { dialog } from '../app/store.js';
import { h, useEffect, useId, useRef, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { listText, t } from '../app/i18n.js';
import { Missing } from './admin-said.js';
import { permissionText } from './permission-texts.js';
import { Select } from './choice.js';

/** @typedef {import('../app/admin-people.js').Login} Login */

/** @returns {{value: string, label: string}[]} the named sets of permissions */
const roles = () => [
  { value: 'op', label: t('admin.roleOp') }, { value: 'present', label: t('admin.rolePresent') }, { value: 'message', label: t('admin.roleMessage') },
  { value: 'observe', label: t('admin.roleObserve') }, { value: 'caption', label: t('admin.roleCaption') }, { value: 'admin', label: t('admin.roleAdmin') },
];

/** @param {{group: string}} props */
export function AdminUsers({ group }) {
  useEffect(() => void loadLogins(group), [group]);
  const list = logins.value;
  return [
    !list?.length ? h(Missing, { list, none: t('admin.noUsers'), load: () => void loadLogins(group) })
      : h('div', { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': t('admin.users') }, h('table', {},
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('admin.name')), h('th', { scope: 'col' }, t('invite.may')), h('th', { scope: 'col' }, t('admin.password')),
          h('th', { scope: 'col' }, h('span', { class: 'sr' }, t('invite.actions'))))),
        h('tbody', {}, list.map((login) => h(Row, { key: login.name ?? '*', group, login }))))),
    h(AddForm, { group, wildcard: list?.some((l) => l.name === null) ?? true }),
  ];
}

/** @param {{group: string, login: Login}} props */
function Row({ group, login }) {
  const password = useRef(/** @type {HTMLInputElement | null} */ (null));
  const id = useId();
  const name = login.name ?? t('admin.everybody');
  const { permissions } = login;
  const named = typeof permissions === 'string';
  /** @param {Event} e */
  async function set(e) {
    e.preventDefault();
    const field = password.current;
    if (field?.value && await changeLoginPassword(group, login.name, field.value)) field.value = '';
  }
  return h('tr', {},
    h('th', { scope: 'row', id, dir: 'auto' }, name || t('people.anonymous')),
    h('td', {}, named
      ? h(Select, { labelledBy: id, value: permissions, choices: roles(), onChange: (p) => void changePermissions(group, login, p) })
      : listText(permissions.map(permissionText)) || t('permission.none')),
    h('td', {}, h('form', { class: 'row', onSubmit: set },
      h('label', { class: 'input' }, h('span', { class: 'sr' }, t('admin.newPasswordFor', { name })), h('input', { ref: password, type: 'password', autoComplete: 'new-password', placeholder: t('admin.newPassword') })),
      h('button', { class: 'btn s', type: 'submit' }, t('admin.set')))),
    h('td', { class: 'r' }, h('button', {
      class: 'btn plain icon s', type: 'button', 'aria-label': t('admin.deleteUser', { name }), title: t('admin.deleteUser', { name }),
      onClick: () => { dialog.value = { kind: 'confirm', title: t('admin.deleteTitle', { name }), text: t('admin.deleteUserText'), action: t('admin.deleteNow'), run: () => void removeLogin(group, login) }; },
    }, h(Icon, { name: 'trash-2' }))));
}

/** @param {{group: string, wildcard: boolean}} props wildcard: there is a login for everybody already */
function AddForm({ group, wildcard }) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [role, setRole] = useState('present');
  const [everybody, setEverybody] = useState(false);
  const id = useId();
  /** @param {Event} e */
  async function add(e) {
    e.preventDefault();
    const value = (/** @type {string} */ name) => /** @type {HTMLInputElement | null} */ (form.current?.elements.namedItem(name) ?? null)?.value ?? '';
    if (await addLogin(group, everybody ? null : value('user'), role, value('password'))) form.current?.reset();
    setEverybody(false);
  }
  return h('form', { ref: form, class: 'addrow', onSubmit: add, 'aria-label': t('admin.addUser') },
    h('h3', {}, t('admin.addUser')),
    !wildcard && h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: everybody, onChange: (e) => setEverybody(e.currentTarget.checked) }), t('admin.forEverybody')),
    h('div', { class: 'fields' },
      !everybody && h('div', { class: 'field' }, h('label', { class: 'label', for: `${id}-n` }, t('admin.name')), h('span', { class: 'input' }, h('input', { id: `${id}-n`, name: 'user', type: 'text', required: true, autoComplete: 'off' }))),
      h('div', { class: 'field' }, h('label', { class: 'label', for: `${id}-p` }, t('admin.password')), h('span', { class: 'input' }, h('input', { id: `${id}-p`, name: 'password', type: 'password', autoComplete: 'new-password', required: !everybody }))),
      h('div', { class: 'field' }, h('label', { class: 'label', for: `${id}-r` }, t('invite.may')), h(Select, { id: `${id}-r`, value: role, choices: roles(), onChange: setRole })),
      h('div', { class: 'field end' }, h('button', { class: 'btn', type: 'submit' }, t('admin.add')))));
}
