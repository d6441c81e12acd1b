// How a person without a picture is shown: initials on a colour made from the name.

/** Hues of the colours, degrees; white text on them is readable at the lightness of the style sheet. */
const HUES = [210, 30, 265, 320, 160, 185, 95, 350, 235, 50, 285, 130];

/**
 * @param {string} name
 * @returns {string} one or two letters, `?` for a person without a name
 */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((w) => Array.from(w ?? '')[0] ?? '');
  return letters.join('').toUpperCase() || '?';
}

/**
 * @param {string} name
 * @returns {number} degrees, the same for the same name
 */
export function hue(name) {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return HUES[sum % HUES.length] ?? 210;
}
