// The settings of a room as they stand in its file, for those that have no field.

import { changeAll, malformed, problem } from '../app/admin.js';
import { h, useEffect, useRef } from '../third-party/preact.js';
import { t } from '../app/i18n.js';

/** @param {{draft: import('../app/admin.js').Settings}} props */
export function JsonForm({ draft }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const text = JSON.stringify(draft, null, 2);
  useEffect(() => {
    const element = field.current;
    if (element && document.activeElement !== element) element.value = text;
  }, [text, malformed.value]);
  useEffect(() => () => { malformed.value = false; }, []);
  function changed() {
    try {
      const value = JSON.parse(field.current?.value ?? '');
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError();
      changeAll(value);
      malformed.value = false;
      problem.value = '';
    } catch {
      malformed.value = true;
      problem.value = t('admin.badJson');
    }
  }
  return h('div', { class: 'field' },
    h('label', { class: 'label', for: 'json' }, t('admin.jsonLabel')),
    h('textarea', { id: 'json', ref: field, class: 'json', rows: 16, spellcheck: false, dir: 'ltr', defaultValue: text, onInput: changed, 'aria-describedby': 'json-help' }),
    h('p', { class: 'small dim', id: 'json-help' }, t('admin.jsonHelp')));
}
