import { expect, test } from 'vitest';

import { coloredLine, oneLine } from './terminal.ts';

test('foreign text cannot steer the terminal, nor leave its line', () => {
  expect(oneLine('done\r\n\u001b[2Jok\u009b1A\u202eexe.gpj\tend')).toBe(
    'done \\x1b[2Jok\\x9b1A\\u{202E}exe.gpj end',
  );
});

test('a line of a log keeps its colours, and they end with it', () => {
  expect(coloredLine('\u001b[31;1mred\u001b[1A')).toBe('\u001b[31;1mred\\x1b[1A\u001b[0m');
  expect(coloredLine('plain')).toBe('plain');
});
