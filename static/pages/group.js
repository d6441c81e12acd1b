// Entry module of the page of a group.

import { h, render } from '../third-party/preact.js';
import { loadMessages, t } from '../app/i18n.js';
import { App } from '../ui/app.js';
import { closeByBack } from '../app/back.js';
import { effect } from '../third-party/signals.js';
import { followAppearance } from '../app/theme.js';
import { groupTitle } from '../app/store.js';
import { onFiles, transferring } from '../app/transfers.js';
import { canReceive } from '../app/receive.js';
import { pickFiles, saveFile } from '../ui/files.js';
import { keepFocus } from '../ui/keep-focus.js';
import { followVisibility } from '../app/subscribe.js';
import { retryNow, start } from '../app/session.js';
import { tellDeviceErrors } from '../app/device-notices.js';
import { followCaptureSettings } from '../app/capture.js';
import { offerNewDevices } from '../app/hotplug.js';
import { watchMutedSpeech } from '../app/muted-hint.js';
import { startDevices } from '../app/start-devices.js';
import { watchActivity } from '../app/activity.js';
import { watchDevices } from '../app/devices.js';
import { watchKeyboard } from '../app/shortcuts.js';
import { watchQuality } from '../app/measuring.js';
import { watchSpeakers } from '../app/view.js';
import { watchViewport } from '../app/viewport.js';

followAppearance();
onFiles({ pick: pickFiles, save: saveFile });
globalThis.addEventListener('beforeunload', (e) => {
  if (transferring()) e.preventDefault();
});
watchViewport();
await loadMessages();
effect(() => { document.title = groupTitle.value || t('site.name'); });
watchDevices();
watchKeyboard();
keepFocus();
watchActivity();
watchSpeakers();
watchQuality();
closeByBack();
globalThis.addEventListener('online', retryNow);
if (canReceive()) followVisibility();
tellDeviceErrors();
followCaptureSettings();
offerNewDevices();
watchMutedSpeech();
const root = document.getElementById('app');
if (root) render(h(App, {}), root);
const query = new URLSearchParams(location.search);
// Tokens in addresses would get into histories and bookmarks.
if (location.search) history.replaceState(null, '', location.pathname);
await start(new URL(location.pathname, location.href).href, query);
await startDevices();
