// Two dialogs: the numbers of all streams, and a report to copy.

import { copyText } from './clipboard.js';
import { Dialog } from './dialog.js';
import { dialog } from '../app/store.js';
import { h, useEffect, useState } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { makeReport } from '../app/report.js';
import { currentStreams, measured, qualities } from '../app/measuring.js';
import { qualityText } from './quality.js';
import { rateText, StreamNumbers } from './numbers.js';
import { t } from '../app/i18n.js';

export function ConnectionDialog() {
  const list = currentStreams();
  const all = [...measured.value.values()];
  const [down, up] = /** @type {const} */ (['down', 'up']).map((key) => all.reduce((sum, m) => sum + m.progress[key], 0));
  return h(Dialog, {
    title: t('connection.title'), class: 'connection',
    footer: h('button', { class: 'btn', type: 'button', onClick: () => { dialog.value = { kind: 'report' }; } }, h(Icon, { name: 'clipboard' }), t('report.title')),
  },
    h('dl', { class: 'numbers' },
      h('dt', {}, t('connection.down')), h('dd', {}, rateText(down ?? 0)),
      h('dt', {}, t('connection.up')), h('dd', {}, rateText(up ?? 0))),
    list.map(({ id, own, name, label, asked }) => {
      const quality = qualities.value.get(id);
      const who = own ? t('people.you') : name || t('people.anonymous');
      return h('section', { key: id },
        h('h3', {}, who, ' ', h('span', { class: 'dim' }, t(label === 'screenshare' ? 'connection.screen' : label === 'video' ? 'connection.file' : 'connection.camera'))),
        quality && h('p', { class: 'small' }, qualityText(quality, who)),
        h(StreamNumbers, { measured: measured.value.get(id), asked }));
    }),
    list.length === 0 && h('p', { class: 'dim' }, t('connection.none')));
}

/** The text stands still while it is read. */
export function ReportDialog() {
  const [text, setText] = useState('');
  useEffect(() => { void makeReport().then(setText); }, []);
  return h(Dialog, {
    title: t('report.title'), class: 'wide', stays: true, onSubmit: () => void copyText(text, t('report.copied')),
    footer: h('button', { class: 'btn primary', type: 'submit', disabled: text === '' }, h(Icon, { name: 'clipboard' }), t('report.copy')),
  },
  h('p', { class: 'small dim' }, t('report.text')),
  h('textarea', { class: 'input report', readOnly: true, rows: 12, dir: 'ltr', spellcheck: false, 'aria-label': t('report.title'), value: text }));
}
