// A dialog over the page.

import { dialog as open } from '../app/store.js';
import { h, useEffect, useId, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { t } from '../app/i18n.js';

/** @typedef {import('../third-party/preact.js').ComponentChildren} ComponentChildren */

/**
 * Closes the dialog that a button is in; the browser gives the focus back.
 * @param {Event} e a click on it
 */
export function closeDialog(e) {
  if (e.currentTarget instanceof Element) shut(e.currentTarget.closest('dialog'));
}

/** @param {HTMLDialogElement | null} element */
function shut(element) {
  element?.close();
  open.value = null;
}

/**
 * The browser keeps the focus inside and gives it back afterwards; Escape closes.
 * @param {{title: string, class?: string, footer?: ComponentChildren, onSubmit?: () => void, stays?: boolean, onClose?: () => void, children?: ComponentChildren}} props
 *   stays: submitting does not close it; onClose is called however it is closed
 */
export function Dialog({ title, class: extra = '', footer, onSubmit, stays = false, onClose, children }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    // The browser gives the focus back only if the dialog is closed before it goes away.
    return () => {
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
    };
  }, []);
  /** @param {Event} e */
  function submit(e) {
    e.preventDefault();
    onSubmit?.();
    if (!stays) shut(ref.current);
  }
  return h('dialog', { ref, class: `dlg ${extra}`, 'aria-labelledby': id, onClose, onCancel: (e) => { e.preventDefault(); shut(ref.current); } },
    h('form', { onSubmit: submit },
      h('header', {}, h('h2', { id }, title),
        h('button', { class: 'btn plain icon s', type: 'button', 'aria-label': t('panel.close'), onClick: closeDialog }, h(Icon, { name: 'x' }))),
      h('div', { class: 'content' }, children),
      footer && h('footer', {}, footer)));
}
