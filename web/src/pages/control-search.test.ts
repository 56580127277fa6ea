import { expect, test } from 'vitest';

import { parseApprovalsSearch } from './approvals-search.ts';
import { parseCallsSearch } from './calls-search.ts';
import { parseEvidenceSearch } from './evidence-search.ts';
import { parsePoliciesSearch } from './policies-search.ts';

test('what an address says of a page of control is taken, and what makes no sense is left out', () => {
  expect(
    parseCallsSearch({
      agent: ' billing ',
      decision: 'deny',
      status: 'maybe',
      range: '7d',
      page: '3',
      call: 'AB'.repeat(8),
    }),
  ).toEqual({ agent: 'billing', decision: 'deny', range: '7d', page: 3 });
  expect(parseCallsSearch({ page: '1', call: 'ab'.repeat(8) })).toEqual({ call: 'ab'.repeat(8) });
  expect(parsePoliciesSearch({ tab: 'try', agent: 'a', params: '{"b":1}', which: 'some' })).toEqual(
    {
      tab: 'try',
      agent: 'a',
      params: '{"b":1}',
    },
  );
  expect(parsePoliciesSearch({ tab: 'x', params: 'y'.repeat(5_000), which: 'all' })).toEqual({
    which: 'all',
  });
  expect(parseEvidenceSearch({ tab: 'verify', days: '90' })).toEqual({ tab: 'verify', days: 90 });
  expect(parseEvidenceSearch({ days: '180' })).toEqual({});
  expect(parseEvidenceSearch({ days: '999999' })).toEqual({});
  expect(parseApprovalsSearch({ approval: 'apr_12' })).toEqual({ approval: 'apr_12' });
  expect(parseApprovalsSearch({ approval: '<script>' })).toEqual({});
});
