// Name, password and the button that joins.

import { h, useLayoutEffect, useRef, useState } from '../third-party/preact.js';
import { entry, joinProblem, phase } from '../app/store.js';
import { Icon } from './icon.js';
import { joinRoom, typing } from '../app/session.js';
import { NextTry, TryNow } from './banner.js';
import { releaseAll } from '../app/capture.js';
import { t } from '../app/i18n.js';

/** @typedef {{current: HTMLInputElement | null}} InputRef */

export function JoinForm() {
  const name = useRef(/** @type {HTMLInputElement | null} */ (null));
  const password = useRef(/** @type {HTMLInputElement | null} */ (null));
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const problem = joinProblem.value;
  const joining = phase.value === 'joining';
  const { needs, proposed } = entry.value;

  useLayoutEffect(() => {
    (proposed || needs === 'nothing' ? button : name).current?.focus();
  }, []);
  // Before anybody can see the answer and go on typing.
  useLayoutEffect(() => {
    const field = problem?.field === 'password' ? password.current : problem?.field === 'username' ? name.current : null;
    field?.select();
    // What had the focus may be gone, or have been switched off meanwhile.
    (field ?? (document.activeElement === document.body ? button.current : null))?.focus();
  }, [problem]);

  function join() {
    const typed = password.current?.value ?? '';
    void joinRoom(needs === 'nothing' ? {} : { username: name.current?.value.trim() ?? '', password: typed });
  }
  /** @param {Event} e */
  function submit(e) {
    e.preventDefault();
    join();
  }
  function joinWithout() {
    releaseAll();
    join();
  }

  return h('form', { class: 'preform', onSubmit: submit, onInput: typing, 'aria-busy': joining },
    needs === 'nothing'
      ? h('p', { class: 'known' }, t('prejoin.invitedAs', { name: proposed }))
      : h(Field, { id: 'username', input: name, label: t('prejoin.name'), value: proposed, problem: problem?.field === 'username' ? problem.text : '', autoComplete: 'username' }),
    needs === 'password' && h(PasswordField, { input: password, problem: problem?.field === 'password' ? problem.text : '' }),
    problem?.field === '' && h(Problem, { id: 'problem', text: problem.text }),
    problem?.away && h('p', { class: 'again' }, h(NextTry, {}), h(TryNow, {})),
    h('button', { ref: button, class: 'btn primary l', type: 'submit', disabled: joining }, t(joining ? 'prejoin.joining' : 'prejoin.join')),
    h('p', { class: 'alt' }, h('span', { class: 'dim' }, t('prejoin.or')), ' ',
      h('button', { class: 'linkbtn', type: 'button', disabled: joining, onClick: joinWithout }, t('prejoin.without'))),
    h('p', { class: 'small dim foot' }, t('prejoin.nothingSent')));
}

/**
 * @param {{id: string, input: InputRef, label: string, value: string, problem: string, autoComplete: string}} props
 */
function Field({ id, input, label, value, problem, autoComplete }) {
  return h('div', { class: 'field' },
    h('label', { class: 'label', for: id }, label),
    h('span', { class: `input ${problem ? 'bad' : ''}` },
      h('input', {
        id, ref: input, name: id, type: 'text', defaultValue: value, autoComplete, spellcheck: false, maxLength: 200,
        'aria-invalid': problem !== '', 'aria-describedby': `${id}-problem`,
      })),
    h(Problem, { id: `${id}-problem`, text: problem }));
}

/** @param {{input: InputRef, problem: string}} props */
function PasswordField({ input, problem }) {
  const [shown, setShown] = useState(false);
  return h('div', { class: 'field' },
    h('div', { class: 'label' },
      h('label', { for: 'password' }, t('prejoin.password')), h('span', { class: 'dim', id: 'password-hint' }, t('prejoin.ifNeeded'))),
    h('span', { class: `input ${problem ? 'bad' : ''}` },
      h('input', {
        id: 'password', ref: input, name: 'password', type: shown ? 'text' : 'password', autoComplete: 'current-password',
        'aria-invalid': problem !== '', 'aria-describedby': 'password-hint password-problem',
      }),
      h('button', {
        class: 'btn plain icon s show', type: 'button', 'aria-pressed': shown, onClick: () => setShown(!shown),
        'aria-label': t('prejoin.show'), title: t('prejoin.show'),
      }, h(Icon, { name: 'eye' }))),
    h(Problem, { id: 'password-problem', text: problem }));
}

/** @param {{id: string, text: string}} props */
function Problem({ id, text }) {
  return h('p', { class: 'msg', id, role: 'alert' }, text && [h(Icon, { name: 'circle-alert' }), h('span', {}, text)]);
}
