import { expect, test } from 'vitest';
import { formatCsv } from './csv.ts';

test('cells with commas, quotes and line ends are quoted; unknown is empty', () => {
  expect(
    formatCsv([
      ['agent', 'cost'],
      ['say "hi", twice\n', 1.25],
      ['plain', null],
    ]),
  ).toBe('agent,cost\r\n"say ""hi"", twice\n",1.25\r\nplain,\r\n');
});

test('a cell that a spreadsheet would compute is led by an apostrophe', () => {
  expect(formatCsv([['=1+1', '-2', '@x', -2]])).toBe("'=1+1,'-2,'@x,-2\r\n");
});
