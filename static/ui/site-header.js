// The head of the pages outside a call.

import { h } from '../third-party/preact.js';
import { Icon } from './icon.js';
import { isDark, toggleTheme } from '../app/theme.js';
import { rootUrl } from '../app/paths.js';
import { LANGUAGES } from '../app/languages.js';
import { chooseLanguage, languageTag, t } from '../app/i18n.js';

/** Where the administrator's mark is, if there is one: the server says so in the page. */
const own = document.querySelector('meta[name="logo"]')?.getAttribute('content');

export function Logo() {
  if (own) return h('img', { class: 'logo', src: own, alt: '' });
  return h('svg', { class: 'logo', viewBox: '0 0 28 28', 'aria-hidden': 'true' },
    h('rect', { class: 'a', x: 2, y: 2, width: 15, height: 15, rx: 4 }),
    h('rect', { class: 'b', x: 19, y: 2, width: 7, height: 15, rx: 3.5 }),
    h('rect', { class: 'b', x: 2, y: 19, width: 15, height: 7, rx: 3.5 }),
    h('rect', { class: 'b', x: 19, y: 19, width: 7, height: 7, rx: 3.5 }));
}

export function SiteHeader() {
  return header([], 'site');
}

/**
 * The head of a page of tables or forms.
 * @param {{links: {href: string, text: string}[]}} props links to other pages; the one without an address is this one
 */
export function PageHeader({ links }) {
  return header(links, 'site ruled');
}

/**
 * @param {{href: string, text: string}[]} links
 * @param {string} className
 */
function header(links, className) {
  const dark = isDark();
  return h('header', { class: className },
    h('a', { class: 'home', href: rootUrl('') }, h(Logo, {}), h('span', { class: 'name' }, t('site.name'))),
    h('nav', { 'aria-label': t('site.nav') },
      links.map(({ href, text }) => h('a', { key: text, class: 'btn plain', href: href || location.href, 'aria-current': href ? undefined : 'page' }, text)),
      h(LanguageChoice, {}),
      h('button', {
        class: 'btn plain icon', type: 'button', onClick: toggleTheme,
        'aria-label': t(dark ? 'site.light' : 'site.dark'), title: t(dark ? 'site.light' : 'site.dark'),
      }, h(Icon, { name: dark ? 'sun' : 'moon' }))));
}

function LanguageChoice() {
  /** @param {{currentTarget: HTMLSelectElement}} e */
  function choose(e) {
    const select = e.currentTarget;
    // Where the texts cannot be had, what is there stays.
    chooseLanguage(select.value).catch(() => { select.value = languageTag(); });
  }
  return h('span', { class: 'btn plain lang' }, h(Icon, { name: 'globe' }), h('span', {}, LANGUAGES.find((l) => l.tag === languageTag())?.name), h(Icon, { name: 'chevron-down', class: 'i-s' }),
    h('select', { 'aria-label': t('site.language'), title: t('site.language'), value: languageTag(), onChange: choose },
      LANGUAGES.map((l) => h('option', { key: l.tag, value: l.tag, lang: l.tag, selected: l.tag === languageTag() }, l.name))));
}
