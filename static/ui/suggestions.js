// The list over the field of the chat: commands that begin like what was typed, and names for them.

import { h, useEffect, useId, useRef, useState } from '../third-party/preact.js';
import { notify } from '../app/notices.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../app/completion.js').Suggestion} Suggestion */
/** @typedef {ReturnType<typeof useSuggestions>} Help */

/** @type {typeof import('../app/completion.js') | null} what knows all commands; loaded when somebody first wants to write */
let completion = null;

/**
 * @param {(text: string) => void} put fills the field
 * @param {() => void} ready what has been typed can be completed from now on
 */
export function useSuggestions(put, ready) {
  const [list, setList] = useState(/** @type {Suggestion[]} */ ([]));
  const [picked, setPicked] = useState(-1);
  const id = useId();

  useEffect(() => {
    if (completion) return;
    import('../app/completion.js').then((module) => { completion = module; ready(); }, () => notify('error', t('notice.notLoaded')));
  }, []);

  /** @param {string} typed everything before the cursor */
  function update(typed) {
    setList(typed.startsWith('/') ? completion?.suggestions(typed) ?? [] : []);
    setPicked(-1);
  }
  /**
   * Enter is ours only after the arrow keys: otherwise it sends what was typed.
   * @param {KeyboardEvent} e
   * @returns {boolean} whether the key was for the list
   */
  function key(e) {
    if (list.length === 0) return false;
    const chosen = list[picked] ?? (e.key === 'Tab' && !e.shiftKey ? list[0] : undefined);
    if (e.key === 'ArrowDown') setPicked((picked + 1) % list.length);
    else if (e.key === 'ArrowUp') setPicked((picked <= 0 ? list.length : picked) - 1);
    else if (e.key === 'Escape') setList([]);
    else if ((e.key === 'Enter' || e.key === 'Tab') && chosen) put(chosen.text);
    else return false;
    e.preventDefault();
    e.stopPropagation();
    return true;
  }
  const attributes = {
    'aria-autocomplete': /** @type {const} */ ('list'), 'aria-controls': list.length > 0 ? id : undefined,
    'aria-activedescendant': picked >= 0 ? `${id}-${picked}` : undefined,
  };
  const completedName = (/** @type {string} */ typed) => completion?.completedName(typed);
  return { list, picked, id, put, update, key, completedName, attributes };
}

/** @param {{help: Help}} props */
export function Suggestions({ help: { list, picked, id, put } }) {
  const box = useRef(/** @type {HTMLUListElement | null} */ (null));
  useEffect(() => box.current?.children[picked]?.scrollIntoView({ block: 'nearest' }), [picked]);
  return [
    list.length > 0 && h('ul', { key: 'list', ref: box, id, class: 'suggest', role: 'listbox', 'aria-label': t('chat.commands') }, list.map((s, i) =>
      h('li', {
        key: s.text, id: `${id}-${i}`, role: 'option', 'aria-selected': i === picked,
        // The field keeps the focus.
        onPointerDown: (/** @type {Event} */ e) => { e.preventDefault(); put(s.text); },
      }, h('b', {}, h('bdi', {}, s.label)), s.help && h('span', {}, s.help)))),
    h('p', { key: 'said', class: 'sr', role: 'status' }, list.length > 0 ? t('chat.suggestions', { count: list.length }) : ''),
  ];
}
