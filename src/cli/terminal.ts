import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** `text` in a style when `stream` is a terminal that shows colours, and plain everywhere else. */
export function paint(stream: NodeJS.WriteStream, style: Style, text: string): string {
  const colours = stream.isTTY && stream.hasColors();
  return colours ? styleText(style, text) : text;
}
