// Commands for those who look under the surface; they are not in the list.

import { addLine } from './chat.js';
import { changeSettings, DEFAULTS, resetSetting, settings } from './settings.js';
import { chooseDevice, setCamera, setMic } from './capture.js';
import { CommandError } from './commands.js';
import { currentConnection } from './session.js';
import { mic } from './store.js';
import { numberText, t } from './i18n.js';
import { republish } from './publish.js';
import { RelayError, testRelay } from './relay-test.js';
import { relayOffered } from './relay.js';

/** @param {string} key @returns {key is 'audio' | 'video'} */
const isDevice = (key) => key === 'audio' || key === 'video';

/**
 * Takes another microphone or camera at once.
 * @param {'audio' | 'video'} kind
 * @param {unknown} value id of the device, empty for the default; false switches it off
 */
async function useDevice(kind, value) {
  if (value !== false) await chooseDevice(kind, typeof value === 'string' ? value : '');
  else if (kind === 'audio') await setMic(false, { keepOpen: false });
  else await setCamera(false);
}

/**
 * Whether a setting can have a value; one that is not ours can have any.
 * @param {string} key
 * @param {unknown} value
 */
function fits(key, value) {
  if (!Object.hasOwn(DEFAULTS, key)) return true;
  if (key === 'resolution' && Array.isArray(value)) return value.length === 2 && value.every((n) => Number.isInteger(n) && n > 0);
  return value !== null && typeof value === typeof Object(DEFAULTS)[key];
}

/** @type {import('./commands.js').Command[]} */
export const EXPERT = [
  {
    name: 'set', args: ['key', 'value'], required: 0, hidden: true, help: 'command.set',
    run: (key, json) => {
      if (key === '') {
        addLine('output', Object.entries({ ...settings.value, localMute: !mic.value.on }).map(([k, v]) => `${k}: ${JSON.stringify(v)}`).join('\n'));
        return;
      }
      let value;
      try {
        value = json === '' ? true : JSON.parse(json);
      } catch {
        throw new CommandError(t('command.badValue', { text: json }));
      }
      if (isDevice(key)) return useDevice(key, value);
      if (key === 'localMute') return setMic(!value);
      if (!fits(key, value)) throw new CommandError(t('command.wrongValue', { key, text: json || 'true' }));
      changeSettings({ [key]: value });
    },
  },
  { name: 'unset', args: ['key'], hidden: true, help: 'command.unset', run: (key) => (isDevice(key) ? useDevice(key, '') : resetSetting(key)) },
  { name: 'replace', hidden: true, help: 'command.replace', run: () => republish() },
  {
    name: 'relay-test', hidden: true, help: 'command.relayTest',
    run: async () => {
      try {
        const { setup, roundTrip } = await testRelay(currentConnection()?.rtcConfiguration ?? {});
        addLine('output', t('command.relayWorks', { setup: numberText(setup, 0), roundTrip: numberText(roundTrip, 1) }));
      } catch (e) {
        const faults = e instanceof RelayError ? e.faults : [];
        throw new CommandError([t(relayOffered.value ? 'command.relayFails' : 'command.relayNone'), ...faults].join('\n'));
      }
    },
  },
];
