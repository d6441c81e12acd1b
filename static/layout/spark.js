// The line of a small plot.

/**
 * @param {number[]} values the newest last
 * @param {number} slots how many values fill the width
 * @param {number} width
 * @param {number} height
 * @returns {{line: string, area: string}} paths of SVG; empty for less than two values
 */
export function spark(values, slots, width, height) {
  if (values.length < 2) return { line: '', area: '' };
  const top = Math.max(...values, 1);
  const step = width / (slots - 1);
  const start = width - step * (values.length - 1);
  const points = values.map((v, i) => `${(start + step * i).toFixed(1)},${(height - 1 - (height - 2) * (v / top)).toFixed(1)}`);
  const line = `M${points.join(' ')}`;
  return { line, area: `${line} L${width},${height} L${start.toFixed(1)},${height}Z` };
}
