import { expect, test } from 'vitest';

import type { CountRules, Dialect, Field, Meaning, ScopeName } from './dialect.ts';
import { FIELDS } from './dialect.ts';
import { DIALECTS } from './dialects.ts';
import { meaningsOf } from './key-roles.ts';

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
const list = (items: readonly string[]): string => (items.length === 0 ? '–' : items.join(', '));
const scopeText = (scope: ScopeName): string =>
  typeof scope === 'string' ? code(scope) : code(String(scope));

function countText(rules: CountRules): string[] {
  const { cachedInput = 'included', reasoningOutput = 'included', estimated } = rules;
  return [
    cachedInput === 'included' ? '' : `cached tokens ${cachedInput.replaceAll('_', ' ')}`,
    reasoningOutput === 'included'
      ? ''
      : `reasoning tokens ${reasoningOutput.replaceAll('_', ' ')}`,
    estimated === true ? 'estimated' : '',
  ].filter((text) => text !== '');
}

function dialectRow(dialect: Dialect): string {
  const { id, scopes = [], fingerprints = [], scopeRules = [] } = dialect;
  const counts = [
    ...countText(dialect),
    ...scopeRules.flatMap((rule) =>
      countText(rule).map((text) => `${rule.scopes.map(scopeText).join(', ')}: ${text}`),
    ),
  ];
  return `| ${code(id)} | ${list(scopes.map(scopeText))} | ${list(fingerprints.map(code))} | ${list(counts)} |`;
}

interface Source {
  readonly text: string;
  readonly meaning: Meaning;
}

function sourcesOf(field: Field): Source[] {
  return DIALECTS.flatMap((dialect) =>
    Object.entries(dialect.attributes).flatMap(([key, value]) =>
      meaningsOf(value).flatMap((meaning) => {
        const paths = 'json' in meaning ? Object.entries(meaning.json) : [['', meaning.field]];
        const kinds = meaning.whenKind === undefined ? '' : ` of ${meaning.whenKind.join(', ')}`;
        const own = meaning.own === true ? ` (${dialect.id})` : '';
        return paths
          .filter(([, filled]) => filled === field)
          .map(([path]) => ({ text: code([key, path].join(' ').trim()) + kinds + own, meaning }));
      }),
    ),
  );
}

function fieldRow(field: Field): string {
  const sources = sourcesOf(field);
  const ordered = (['first', undefined, 'last'] as const).flatMap((believed) =>
    sources.filter(({ meaning }) => meaning.believed === believed),
  );
  return `| ${field} | ${ordered.map(({ text }) => text).join(' · ')} |`;
}

function eventRows({ events }: Dialect): string[] {
  if (events === undefined) return [];
  const { prefix, told, conversation, prompt, errors = [] } = events;
  const by = [prompt, conversation].filter((key) => key !== undefined).map(code);
  return Object.entries(told).map(([name, { operation, when = {}, needs = [], failed }]) => {
    const conditions = [
      ...Object.entries(when).map(
        ([key, values]) => `${code(key)} is ${values.map(code).join(' or ')}`,
      ),
      ...needs.map((key) => `has ${code(key)}`),
    ];
    const failure = failed === true ? ['always'] : errors.map((key) => `has ${code(key)}`);
    return `| ${code(prefix + name)} | ${code(operation)} | ${list(conditions)} | ${list(failure)} | ${list(by)} |`;
  });
}

function dialectReference(): string {
  return [
    '# Dialects',
    '',
    'Whatever instrumentation a span comes from, Signalbox reads the same things out of it. Generated from',
    '`src/semconv/dialects/` by `npm run generate`.',
    '',
    'A span’s dialect is told by its instrumentation scope, or else by the keys of its attributes; where keys of several',
    'meet, by the one furthest down this table. Counts are kept as the conventions have them: input with the cached',
    'tokens, output with the reasoning tokens. The last column says where a dialect counts otherwise; `as provider`',
    'means that it passes on the provider’s figures (Anthropic and Bedrock leave the cache out, Google the reasoning).',
    '',
    '| dialect | scopes | keys that tell | counts |',
    '|---|---|---|---|',
    ...DIALECTS.map(dialectRow),
    '',
    '# Where each field is looked for',
    '',
    'The first key that a span has is believed. A path after a key leads into JSON text; `of` names the kinds of span on',
    'which a key counts, a name in brackets the dialect on whose spans alone it does.',
    '',
    '| field | attributes, in order |',
    '|---|---|',
    ...FIELDS.map(fieldRow),
    '',
    '# Log records that tell of calls',
    '',
    'Each stands for a span with the record’s attributes, where no span tells of the same call',
    '([told-calls](adr/told-calls.md)). What follows from one prompt, or else belongs to one conversation, is a run.',
    '',
    '| event | stands for | when | failed | belongs together by |',
    '|---|---|---|---|---|',
    ...DIALECTS.flatMap(eventRows),
    '',
  ].join('\n');
}

// A file snapshot fails on any difference, in either direction.
test('docs/dialects.md is the dialects, no more and no less', async () => {
  await expect(dialectReference()).toMatchFileSnapshot('../../docs/dialects.md');
});
