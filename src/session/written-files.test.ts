import { expect, test } from 'vitest';

import { touchedFiles } from './written-files.ts';

test.each([
  ['Write', { file_path: '/a' }, ['/a']],
  ['MultiEdit', { file_path: '/a', edits: [] }, ['/a']],
  ['NotebookEdit', { notebook_path: '/n.ipynb' }, ['/n.ipynb']],
  [
    'apply_patch',
    { input: '*** Begin Patch\n*** Add File: x.ts\n+a\n*** Update File: y.ts\n*** End Patch' },
    ['x.ts', 'y.ts'],
  ],
  ['Bash', { command: 'echo hi > a.txt && cat b >> c/d.log 2>&1' }, ['a.txt', 'c/d.log']],
  ['Bash', { command: 'ls | tee -a out.txt | wc' }, ['out.txt']],
  ['Bash', { command: "cat > 'quoted.txt' <<EOF\nx > inside.txt\nEOF" }, ['quoted.txt']],
  ['shell', { command: ['bash', '-lc', 'printf x > y'] }, ['y']],
])('%s %j writes %j', (tool, input, written) => {
  expect(touchedFiles(tool, input).written).toEqual(written);
});

test.each([
  ['Bash', { command: 'make 2>/dev/null 2>&1' }],
  ['Bash', { command: 'echo "a > b" && test 3 -gt 2' }],
  ['Bash', { command: 'echo x > $OUT; cat > "$FILE"; ls > *.txt' }],
  ['Bash', { command: 'grep -r "=>" src' }],
  ['Bash', { command: 'diff <(a) >(b)' }],
  ['Read', { file_path: '/a' }],
  ['WebFetch', { url: 'http://x' }],
])('%s %j writes nothing that is plain to see', (tool, input) => {
  expect(touchedFiles(tool, input).written).toEqual([]);
});
