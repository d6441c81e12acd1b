// Entry module of the page where people change their own passwords.

import { h, render } from '../third-party/preact.js';
import { effect } from '../third-party/signals.js';
import { followAppearance } from '../app/theme.js';
import { loadPageMessages, t } from '../app/i18n.js';
import { PasswordPage } from '../ui/password.js';

followAppearance();
await loadPageMessages();
effect(() => { document.title = `${t('password.title')}, ${t('site.name')}`; });
const root = document.getElementById('app');
if (root) render(h(PasswordPage, {}), root);
