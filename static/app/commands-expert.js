// Commands for those who look under the surface; they are not in the list.

import { addLine } from './chat.js';
import { changeSettings, resetSetting, settings } from './settings.js';
import { CommandError } from './commands.js';
import { currentConnection } from './session.js';
import { numberText, t } from './i18n.js';
import { republish } from './publish.js';
import { testRelay } from './relay-test.js';

/** @type {import('./commands.js').Command[]} */
export const EXPERT = [
  {
    name: 'set', args: ['key', 'value'], required: 0, hidden: true, help: 'command.set',
    run: (key, json) => {
      if (key === '') {
        addLine('output', Object.entries(settings.value).map(([k, v]) => `${k}: ${JSON.stringify(v)}`).join('\n'));
        return;
      }
      try {
        changeSettings({ [key]: json === '' ? true : JSON.parse(json) });
      } catch {
        throw new CommandError(t('command.badValue', { text: json }));
      }
    },
  },
  { name: 'unset', args: ['key'], hidden: true, help: 'command.unset', run: resetSetting },
  { name: 'replace', hidden: true, help: 'command.replace', run: () => republish() },
  {
    name: 'relay-test', hidden: true, help: 'command.relayTest',
    run: async () => {
      try {
        const { setup, roundTrip } = await testRelay(currentConnection()?.rtcConfiguration ?? {});
        addLine('output', t('command.relayWorks', { setup: numberText(setup, 0), roundTrip: numberText(roundTrip, 1) }));
      } catch {
        throw new CommandError(t('command.relayFails'));
      }
    },
  },
];
