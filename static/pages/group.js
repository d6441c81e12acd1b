// Entry module of the page of a group.

import { h, render } from '../third-party/preact.js';
import { loadMessages, t } from '../app/i18n.js';
import { App } from '../ui/app.js';
import { effect } from '../third-party/signals.js';
import { followTheme } from '../app/theme.js';
import { groupTitle } from '../app/store.js';
import { start } from '../app/session.js';
import { takeInvitation } from '../app/authorise.js';
import { tellDeviceErrors } from '../app/device-notices.js';
import { startDevices } from '../app/start-devices.js';
import { watchActivity } from '../app/activity.js';
import { watchDevices } from '../app/devices.js';
import { watchKeyboard } from '../app/shortcuts.js';
import { watchViewport } from '../app/viewport.js';

followTheme();
takeInvitation();
watchViewport();
await loadMessages();
effect(() => { document.title = groupTitle.value || t('site.name'); });
watchDevices();
watchKeyboard();
watchActivity();
tellDeviceErrors();
const root = document.getElementById('app');
if (root) render(h(App, {}), root);
await start(new URL(location.pathname, location.href).href);
await startDevices();
