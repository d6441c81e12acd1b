// A dialog over the page.

import { dialog as open } from '../app/store.js';
import { h, useEffect, useId, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../third-party/preact.js').ComponentChildren} ComponentChildren */

/** Closes whichever dialog is open. */
export function closeDialog() {
  open.value = null;
}

/**
 * The browser keeps the focus inside and gives it back afterwards; Escape closes.
 * @param {{title: string, footer?: ComponentChildren, onSubmit?: () => void, children?: ComponentChildren}} props
 */
export function Dialog({ title, footer, onSubmit, children }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const element = ref.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  /** @param {Event} e */
  function submit(e) {
    e.preventDefault();
    onSubmit?.();
    closeDialog();
  }
  return h('dialog', { ref, class: 'dlg', 'aria-labelledby': id, onCancel: (e) => { e.preventDefault(); closeDialog(); } },
    h('form', { onSubmit: submit },
      h('header', {}, h('h2', { id }, title),
        h('button', { class: 'btn plain icon s', type: 'button', 'aria-label': t('panel.close'), onClick: closeDialog }, h(Icon, { name: 'x' }))),
      h('div', { class: 'content' }, children),
      footer && h('footer', {}, footer)));
}
