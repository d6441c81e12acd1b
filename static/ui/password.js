// The page where people change their own passwords.

import { changePassword, whosePassword } from '../app/password.js';
import { h, useLayoutEffect, useRef, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { roomUrl } from '../app/rooms.js';
import { PageHeader } from './site-header.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../app/password.js').Problem} Problem */

export function PasswordPage() {
  const whose = whosePassword();
  return [
    h(PageHeader, { links: [] }),
    h('main', { class: 'wrapw' },
      h('div', { class: 'headrow' }, h('h1', {}, t('password.title'))),
      whose.group && whose.user ? h(PasswordForm, { whose }) : h('p', { class: 'dim', role: 'alert' }, t('password.incomplete'))),
  ];
}

/** @param {{whose: {group: string, user: string}}} props */
function PasswordForm({ whose }) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  /** @param {string} name */
  const field = (name) => /** @type {HTMLInputElement | null} */ (form.current?.elements.namedItem(name) ?? null);
  // Before anybody can see the answer and go on typing.
  useLayoutEffect(() => field(problem?.field || 'old')?.focus(), [problem]);

  /** @param {Event} e */
  async function submit(e) {
    e.preventDefault();
    setBusy(true);
    setDone(false);
    const found = await changePassword(whose, field('old')?.value ?? '', field('password')?.value ?? '', field('repeat')?.value ?? '');
    setBusy(false);
    setProblem(found);
    setDone(found === null);
    if (found === null) form.current?.reset();
  }
  return h('form', { ref: form, class: 'account', onSubmit: submit, 'aria-busy': busy, noValidate: true },
    h('p', { class: 'dim' }, t('password.room', { room: whose.group, name: whose.user })),
    // Password managers want to know whose it is.
    h('input', { type: 'text', name: 'username', value: whose.user, autoComplete: 'username', hidden: true, readOnly: true }),
    h(Field, { name: 'old', label: t('password.old'), autoComplete: 'current-password', problem }),
    h(Field, { name: 'password', label: t('password.new'), autoComplete: 'new-password', problem }),
    h(Field, { name: 'repeat', label: t('password.repeat'), autoComplete: 'new-password', problem }),
    h('p', { class: 'msg', role: 'alert' }, problem?.field === '' && [h(Icon, { name: 'circle-alert' }), h('span', {}, problem.text)]),
    h('button', { class: 'btn primary l', type: 'submit', disabled: busy }, t('password.change')),
    h('p', { class: 'done', role: 'status' }, done && [t('password.done'), ' ', h('a', { href: roomUrl(whose.group) }, t('password.back'))]));
}

/** @param {{name: string, label: string, autoComplete: string, problem: Problem | null}} props */
function Field({ name, label, autoComplete, problem }) {
  const bad = problem?.field === name;
  return h('div', { class: 'field' },
    h('label', { class: 'label', for: name }, label),
    h('span', { class: `input ${bad ? 'bad' : ''}` },
      h('input', { id: name, name, type: 'password', autoComplete, 'aria-invalid': bad, 'aria-describedby': `${name}-problem` })),
    h('p', { class: 'msg', id: `${name}-problem`, role: 'alert' }, bad && [h(Icon, { name: 'circle-alert' }), h('span', {}, problem.text)]));
}
