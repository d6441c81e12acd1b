// One of few, all of them in sight; and what is on or off.

import { h, useId, useRef } from '../third-party/preact.js';
import { Icon } from './icon.js';

/**
 * Radio buttons in a row; the arrow keys go from one to the next and choose it.
 * @param {{labelledBy: string, value: string, choices: {value: string, label: string}[], onChange: (value: string) => void}} props
 */
export function Segments({ labelledBy, value, choices, onChange }) {
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const at = choices.findIndex((c) => c.value === value);
  /** @param {KeyboardEvent} e */
  function key(e) {
    const rtl = document.documentElement.dir === 'rtl' ? -1 : 1;
    const step = { ArrowRight: rtl, ArrowLeft: -rtl, ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const next = (at + step + choices.length) % choices.length;
    const chosen = choices[next];
    if (chosen) onChange(chosen.value);
    const button = box.current?.children[next];
    if (button instanceof HTMLElement) button.focus();
  }
  return h('div', { ref: box, class: 'seg', role: 'radiogroup', 'aria-labelledby': labelledBy, onKeyDown: key }, choices.map((c, i) =>
    h('button', {
      key: c.value, type: 'button', role: 'radio', 'aria-checked': c.value === value, tabIndex: i === Math.max(0, at) ? 0 : -1, onClick: () => onChange(c.value),
    }, c.label)));
}

/**
 * A line of settings: a name, what it means, and its control, which gets the id of the name.
 * @param {{label: string, help?: string, control: (id: string) => import('../third-party/preact.js').ComponentChildren}} props
 */
export function Setting({ label, help = '', control }) {
  const id = useId();
  return h('div', { class: 'setting' },
    h('div', {}, h('b', { id }, label), help && h('p', { id: `${id}-help` }, help)),
    control(id));
}

/**
 * @param {{label: string, help?: string, checked: boolean, disabled?: boolean, onChange: (on: boolean) => void}} props
 */
export function Switch({ label, help = '', checked, disabled = false, onChange }) {
  return h(Setting, {
    label, help,
    control: (id) => h('button', {
      class: 'switch', type: 'button', role: 'switch', 'aria-checked': checked, 'aria-labelledby': id, 'aria-describedby': help ? `${id}-help` : undefined, disabled,
      onClick: () => onChange(!checked),
    }),
  });
}

/**
 * One of several, in a list that opens.
 * @param {{id?: string, labelledBy?: string, value: string, choices: {value: string, label: string}[], onChange: (value: string) => void}} props
 */
export function Select({ id, labelledBy, value, choices, onChange }) {
  return h('span', { class: 'input select' },
    h('select', { id, 'aria-labelledby': labelledBy, value, onChange: (/** @type {{currentTarget: HTMLSelectElement}} */ e) => onChange(e.currentTarget.value) },
      choices.map((c) => h('option', { key: c.value, value: c.value, selected: c.value === value }, c.label))), h(Icon, { name: 'chevron-down', class: 'i-s' }));
}
