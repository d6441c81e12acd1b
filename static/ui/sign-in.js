// The form by which an administrator signs in to a page.

import { h, useLayoutEffect, useRef, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { t } from '../app/i18n.js';

/** @param {{explain: string, problem: string, onSignIn: (name: string, password: string) => Promise<void>}} props */
export function SignIn({ explain, problem, onSignIn }) {
  const name = useRef(/** @type {HTMLInputElement | null} */ (null));
  const password = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => name.current?.focus(), []);
  /** @param {Event} e */
  async function submit(e) {
    e.preventDefault();
    setBusy(true);
    await onSignIn(name.current?.value ?? '', password.current?.value ?? '');
    setBusy(false);
    // If it was wrong, the next one takes its place.
    password.current?.focus();
    password.current?.select();
  }
  return h('form', { class: 'account', onSubmit: submit, 'aria-busy': busy },
    h('p', { class: 'dim' }, explain),
    h('div', { class: 'field' }, h('label', { class: 'label', for: 'name' }, t('admin.name')),
      h('span', { class: 'input' }, h('input', { id: 'name', ref: name, type: 'text', name: 'name', autoComplete: 'username', required: true }))),
    h('div', { class: 'field' }, h('label', { class: 'label', for: 'password' }, t('admin.password')),
      h('span', { class: `input ${problem ? 'bad' : ''}` }, h('input', {
        id: 'password', ref: password, type: 'password', name: 'password', autoComplete: 'current-password',
        'aria-invalid': problem !== '', 'aria-describedby': 'sign-in-problem',
      })),
      h('p', { class: 'msg', id: 'sign-in-problem', role: 'alert' }, problem && [h(Icon, { name: 'circle-alert' }), h('span', {}, problem)])),
    h('button', { class: 'btn primary l', type: 'submit', disabled: busy }, t('admin.signIn')));
}
