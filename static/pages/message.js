// A page that is one short text, which the server wrote: puts it into the reader’s language. Without this it is in English.

import { effect } from '../third-party/signals.js';
import { followAppearance } from '../app/theme.js';
import { h, render } from '../third-party/preact.js';
import { loadPageMessages } from '../app/i18n.js';
import { localize } from '../ui/localize.js';
import { SiteHeader } from '../ui/site-header.js';

followAppearance();
await loadPageMessages();
effect(localize);
const head = document.getElementById('head');
if (head) render(h(SiteHeader, {}), head);
