import type { Sign } from './verdict.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** Strokes on a field of 16 × 16. */
const PATHS: Readonly<Record<Sign, string>> = {
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  question: 'M5.5 5.8a2.5 2.5 0 1 1 3.7 2.2C8.3 8.5 8 9 8 10M8 12.9v.2',
  alert: 'M8 2.5l6 11H2zM8 6.5v3.3M8 11.6v.1',
  back: 'M6 3 2.5 6.5 6 10M3 6.5h6a3.5 3.5 0 0 1 0 7H7',
  hold: 'M5.5 3.5v9M10.5 3.5v9',
  dash: 'M3.5 8h9',
};

/** A sign beside a word that says the same: hidden from readers that read the word. */
export function icon(sign: Sign): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[sign]);
  svg.append(path);
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}
