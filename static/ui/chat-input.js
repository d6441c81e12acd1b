// The field in which a message is written. It grows with the text, and helps with commands and names.

import { h, useLayoutEffect, useRef } from '../third-party/preact.js';
import { pickFiles, sendFiles } from '../app/transfers.js';
import { draft, phase, recipient, users } from '../app/store.js';
import { phone } from '../app/viewport.js';
import { say } from '../app/actions.js';
import { Icon } from './icon.js';
import { Suggestions, useSuggestions } from './suggestions.js';
import { t } from '../app/i18n.js';

/** Most lines shown at once. */
const MAX_LINES = 5;
/** Height of a line and of the padding around them, CSS pixels. */
const LINE = 20;
const PADDING = 12;

export function ChatInput() {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const help = useSuggestions(put, changed);
  // Before the next key, which would be a shortcut elsewhere, and after what is closed in the same moment has given back the focus.
  useLayoutEffect(() => void Promise.resolve().then(() => field.current?.focus()), [recipient.value?.id]);
  useLayoutEffect(() => put(draft.peek()), []);

  /** @param {string} text */
  function put(text) {
    if (!field.current) return;
    field.current.value = text;
    changed();
  }
  function changed() {
    const el = field.current;
    if (!el) return;
    draft.value = el.value;
    el.style.height = 'auto';
    el.style.height = `${Math.min(el.scrollHeight, MAX_LINES * LINE + PADDING)}px`;
    help.update(el.selectionStart === el.value.length ? el.value : '');
  }
  /** @param {Event} [e] */
  async function send(e) {
    e?.preventDefault();
    const el = field.current;
    if (!el || el.value.trim() === '' || phase.value !== 'joined') return;
    const text = el.value;
    put('');
    el.focus();
    // What could not be done comes back, to be mended, and what is being written meanwhile is left alone.
    if (await say(text) || el.value !== '') return;
    put(text);
    help.update('');
  }
  /** @param {KeyboardEvent} e */
  function key(e) {
    if (e.isComposing) return;
    const el = field.current;
    if (help.key(e)) return;
    if (e.key === 'Tab' && !e.shiftKey && el && el.value !== '') {
      const done = help.completedName(el.value);
      if (done && done !== el.value) {
        e.preventDefault();
        put(done);
      }
      return;
    }
    if (e.key !== 'Enter' || e.shiftKey) return;
    e.preventDefault();
    if (e.ctrlKey || e.metaKey) {
      el?.setRangeText('\n', el.selectionStart, el.selectionEnd, 'end');
      changed();
    } else {
      void send();
    }
  }
  /** @param {ClipboardEvent} e */
  function pasted(e) {
    const files = [...e.clipboardData?.files ?? []];
    if (files.length === 0 || e.clipboardData?.types.includes('text/plain')) return;
    e.preventDefault();
    sendFiles(files);
  }

  return h('form', { class: 'compose', onSubmit: send },
    h(Suggestions, { help }),
    h(Recipient, {}),
    h('div', { class: 'box' },
      h('button', {
        class: 'btn plain icon', type: 'button', 'aria-label': t('chat.file'), title: t('chat.file'), disabled: users.value.size < 2,
        onClick: async () => sendFiles(await pickFiles()),
      }, h(Icon, { name: 'paperclip' })),
      h('textarea', {
        ref: field, rows: 1, dir: 'auto', 'aria-label': t('chat.message'), placeholder: t(phone.value ? 'chat.message' : 'chat.placeholder'), maxLength: 50_000,
        ...help.attributes,
        onKeyDown: key, onInput: changed, onPaste: pasted,
      }),
      h('button', { class: 'btn primary icon', type: 'submit', 'aria-label': t('chat.send'), title: t('chat.send') },
        h(Icon, { name: 'send-horizontal' }))));
}

/** To whom the next message goes, if not to everybody. */
function Recipient() {
  const to = recipient.value;
  if (!to) return null;
  return h('p', { class: 'to' }, h(Icon, { name: 'lock' }), h('span', { class: 'cut grow' }, t('chat.toOnly', { name: to.username || t('people.anonymous') })),
    h('button', { class: 'btn plain s', type: 'button', onClick: () => { recipient.value = null; } }, t('chat.toAll')));
}
