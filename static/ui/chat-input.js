// The field in which a message is written. It grows with the text.

import { h, useEffect, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { phase } from '../app/store.js';
import { say } from '../app/actions.js';
import { t } from '../app/i18n.js';

/** Most lines shown at once. */
const MAX_LINES = 5;
/** Height of a line and of the padding around them, CSS pixels. */
const LINE = 20;
const PADDING = 12;

export function ChatInput() {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useEffect(() => field.current?.focus(), []);

  function grow() {
    const el = field.current;
    if (!el) return;
    el.style.height = 'auto';
    el.style.height = `${Math.min(el.scrollHeight, MAX_LINES * LINE + PADDING)}px`;
  }
  /** @param {Event} [e] */
  function send(e) {
    e?.preventDefault();
    const el = field.current;
    if (!el || el.value.trim() === '' || phase.value !== 'joined') return;
    say(el.value);
    el.value = '';
    grow();
    el.focus();
  }
  /** @param {KeyboardEvent} e */
  function key(e) {
    if (e.key !== 'Enter' || e.isComposing) return;
    if (e.shiftKey) return;
    e.preventDefault();
    if (e.ctrlKey || e.metaKey) {
      field.current?.setRangeText('\n', field.current.selectionStart, field.current.selectionEnd, 'end');
      grow();
    } else {
      send();
    }
  }

  return h('form', { class: 'compose', onSubmit: send },
    h('div', { class: 'box' },
      h('textarea', {
        ref: field, rows: 1, dir: 'auto', 'aria-label': t('chat.message'), placeholder: t('chat.placeholder'), onKeyDown: key, onInput: grow, maxLength: 50_000,
      }),
      h('button', { class: 'btn primary icon', type: 'submit', 'aria-label': t('chat.send'), title: t('chat.send') },
        h(Icon, { name: 'send-horizontal' }))));
}
