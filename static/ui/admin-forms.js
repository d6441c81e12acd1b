// The settings of a room as fields.

import { change } from '../app/admin.js';
import { h, useId } from '../third-party/preact.js';
import { Select, Switch } from './choice.js';
import { t } from '../app/i18n.js';

/** @typedef {{draft: import('../app/admin.js').Settings}} Props */

/** How long chat may be kept, seconds; the first is what holds without a setting. */
const HISTORY = [14_400, 0, 3600, 86_400, 604_800];

/** @param {Props} props */
export function GeneralForm({ draft }) {
  return h('div', { class: 'fields' },
    h(TextField, { draft, name: 'displayName', label: t('admin.displayName') }),
    h(TextField, { draft, name: 'contact', label: t('admin.contact') }),
    h(TextField, { draft, name: 'description', label: t('admin.description'), wide: true }),
    h(NumberField, { draft, name: 'max-clients', label: t('admin.maxClients'), hint: t('admin.noLimit') }),
    h(HistoryField, { draft }),
    h(TimeField, { draft, name: 'not-before', label: t('admin.opens') }),
    h(TimeField, { draft, name: 'expires', label: t('admin.closes') }),
    h(TextField, { draft, name: 'redirect', label: t('admin.redirect'), hint: t('remove.optional'), wide: true, type: 'url' }),
    h('div', { class: 'switches' },
      h(Flag, { draft, name: 'public', label: t('admin.public'), help: t('admin.publicHelp') }),
      h(Flag, { draft, name: 'autolock', label: t('admin.autolock'), help: t('admin.autolockHelp') }),
      h(Flag, { draft, name: 'allow-recording', label: t('room.recording'), help: t('admin.recordingHelp') }),
      h(Flag, { draft, name: 'auto-subgroups', label: t('admin.subgroups'), help: t('admin.subgroupsHelp') }),
      h(Flag, { draft, name: 'autokick', label: t('admin.autokick'), help: t('admin.autokickHelp') }),
      h(Flag, { draft, name: 'unrestricted-tokens', label: t('admin.unrestricted'), help: t('admin.unrestrictedHelp') })));
}

/** @param {Props} props */
export function SignInForm({ draft }) {
  const anonymous = draft['allow-anonymous'] !== false;
  return h('div', { class: 'fields' },
    h(TextField, { draft, name: 'authServer', label: t('admin.authServer'), hint: t('remove.optional'), wide: true, type: 'url' }),
    h(TextField, { draft, name: 'authPortal', label: t('admin.authPortal'), hint: t('remove.optional'), wide: true, type: 'url' }),
    h('div', { class: 'switches' },
      h(Switch, {
        label: t('admin.anonymous'), help: t('admin.anonymousHelp'), checked: anonymous,
        onChange: (on) => change('allow-anonymous', on ? undefined : false),
      })));
}

/** @param {Props & {name: string, label: string, hint?: string, wide?: boolean, type?: string}} props */
function TextField({ draft, name, label, hint = '', wide = false, type = 'text' }) {
  const id = useId();
  return h('div', { class: `field ${wide ? 'w' : ''}` },
    h('label', { class: 'label', for: id }, label, hint && [' ', h('span', { class: 'dim' }, hint)]),
    h('span', { class: 'input' }, h('input', { id, type, dir: 'auto', value: String(draft[name] ?? ''), onInput: (e) => change(name, e.currentTarget.value) })));
}

/** @param {Props & {name: string, label: string, hint: string}} props */
function NumberField({ draft, name, label, hint }) {
  const id = useId();
  return h('div', { class: 'field' },
    h('label', { class: 'label', for: id }, label, ' ', h('span', { class: 'dim' }, hint)),
    h('span', { class: 'input' }, h('input', {
      id, type: 'number', min: 1, step: 1, value: String(draft[name] ?? ''), onInput: (e) => change(name, e.currentTarget.value === '' ? undefined : Number(e.currentTarget.value)),
    })));
}

/** @param {Props} props */
function HistoryField({ draft }) {
  const id = useId();
  const value = Number(draft['max-history-age'] ?? HISTORY[0]);
  const all = HISTORY.includes(value) ? HISTORY : [...HISTORY, value];
  return h('div', { class: 'field' },
    h('label', { class: 'label', for: id }, t('admin.history')),
    h(Select, {
      id, value: String(value), onChange: (v) => change('max-history-age', Number(v) === HISTORY[0] ? undefined : Number(v)),
      choices: all.map((seconds) => ({ value: String(seconds), label: seconds === 0 ? t('admin.notAtAll') : t('admin.hours', { count: seconds / 3600 }) })),
    }));
}

/** @param {Props & {name: string, label: string}} props */
function TimeField({ draft, name, label }) {
  const id = useId();
  const date = new Date(String(draft[name] ?? ''));
  const value = Number.isNaN(date.getTime()) ? '' : new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  return h('div', { class: 'field' },
    h('label', { class: 'label', for: id }, label, ' ', h('span', { class: 'dim' }, t('remove.optional'))),
    h('span', { class: 'input' }, h('input', {
      id, type: 'datetime-local', value, onChange: (e) => change(name, e.currentTarget.value ? new Date(e.currentTarget.value).toISOString() : undefined),
    })));
}

/** @param {Props & {name: string, label: string, help: string}} props */
function Flag({ draft, name, label, help }) {
  return h(Switch, { label, help, checked: draft[name] === true, onChange: (on) => change(name, on || undefined) });
}
