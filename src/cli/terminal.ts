import { styleText } from 'node:util';

import { showHidden } from '../model/visible-characters.ts';

type Style = Parameters<typeof styleText>[0];

/** `text` in a style when `stream` is a terminal that shows colours, and plain everywhere else. */
export function paint(stream: NodeJS.WriteStream, style: Style, text: string): string {
  const colours = stream.isTTY && stream.hasColors();
  return colours ? styleText(style, text) : text;
}

/** Foreign text on one line: what would move, colour or forge the lines around it is shown as an escape. */
export function oneLine(text: string): string {
  return showHidden(text).replaceAll(/[\r\n\t]+/g, ' ');
}

/** Begins or ends a colour or weight, and does nothing else. */
// oxlint-disable-next-line no-control-regex -- it is what is looked for
const STYLE = /(\u001b\[[\d;]*m)/;

/** A line of a log as a terminal may show it: with the colours it brings, and nothing else that steers. */
export function coloredLine(text: string): string {
  const parts = text.split(STYLE);
  const safe = parts.map((part, at) => (at % 2 === 1 ? part : oneLine(part))).join('');
  return parts.length > 1 ? `${safe}\u001b[0m` : safe;
}
