import { describe, expect, it } from 'vitest';
import { isOwnPath, parseAgentsSearch, parseSignInSearch } from './url-search.ts';
import { parseTraceSearch } from './pages/trace-search.ts';
import { parseConnectSearch } from './pages/connect-search.ts';
import { parseRunsSearch } from './pages/runs-search.ts';
import { parseDurationNs, parseTracesSearch } from './pages/traces-search.ts';
import { formatSearch, parseSearch, strictly, timeSpanOf } from './search-values.ts';

describe('addresses', () => {
  it('keep everything as text, and repeated keys as a list', () => {
    expect(parseSearch('?agent=123&attr=a%3Db&attr=c%3Dd&q=%22x%22')).toEqual({
      agent: '123',
      attr: ['a=b', 'c=d'],
      q: '"x"',
    });
  });

  it('are written so that they read back the same', () => {
    const search = { q: 'a&b=c #', attr: ['k=v', 'x=ü'], live: 'true', empty: '', gone: undefined };
    expect(formatSearch(search)).toBe('?q=a%26b%3Dc+%23&attr=k%3Dv&attr=x%3D%C3%BC&live=true');
    expect(parseSearch(formatSearch(search))).toEqual({
      q: 'a&b=c #',
      attr: ['k=v', 'x=ü'],
      live: 'true',
    });
    expect(formatSearch({})).toBe('');
  });
});

describe('page searches', () => {
  it('take away from the address what a page does not understand', () => {
    const laid = { sort: 'foo', agent: 'a', odd: '1' };
    expect({ ...laid, ...strictly(parseRunsSearch)(laid) }).toEqual({
      sort: undefined,
      agent: 'a',
      odd: undefined,
    });
  });

  it('leave out what makes no sense', () => {
    expect(
      parseAgentsSearch({ q: '  ', status: 'approved', sort: 'name; drop', dir: 'up', page: '-1' }),
    ).toEqual({});
    expect(
      parseTracesSearch({
        range: '2y',
        from: 'soon',
        status: 'maybe',
        min: 'long',
        attr: 'no-value',
      }),
    ).toEqual({});
    expect(parseTraceSearch({ span: '../../etc', tab: 'admin' })).toEqual({});
    expect(parseConnectSearch({ for: 'cobol' })).toEqual({});
  });

  it('read what makes sense', () => {
    expect(
      parseAgentsSearch({ q: ' bot ', status: 'APPROVED', sort: 'name', dir: 'desc', page: '3' }),
    ).toEqual({ q: 'bot', status: 'APPROVED', sort: 'name', dir: 'desc', page: 3 });
    expect(
      parseTracesSearch({
        range: '7d',
        agent: '123',
        status: 'error',
        min: '250ms',
        attr: ['a=1', 'b=x=y', '=z'],
        live: 'true',
      }),
    ).toEqual({
      range: '7d',
      agent: '123',
      status: 'error',
      min: '250ms',
      attr: ['a=1', 'b=x=y'],
      live: true,
    });
    expect(parseTraceSearch({ span: 'ABCDEF0123456789', tab: 'events' })).toEqual({
      span: 'abcdef0123456789',
      tab: 'events',
    });
  });

  it('take one value or several of a field, each once', () => {
    expect(
      parseTracesSearch({ agent: ['a', ' b ', 'a', ''], tool: ['x'], facets: 'open' }),
    ).toEqual({ agent: ['a', 'b'], tool: 'x', facets: 'open' });
    expect(
      parseRunsSearch({
        status: ['error', 'lost', 'ok'],
        trace_id: 'AB'.repeat(16),
        min_cost: '$0.50',
        max_cost: '1e9',
        sort: 'retries',
        view: 'all',
      }),
    ).toEqual({
      status: ['error', 'ok'],
      trace: 'ab'.repeat(16),
      min_cost: '0.50',
      sort: 'retries',
      view: 'all',
    });
  });

  it('bound the length of what they take over', () => {
    expect(parseTracesSearch({ q: 'x'.repeat(10_000) }).q).toHaveLength(256);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/a\nb',
    'javascript:1',
    '',
  ])('do not lead away from here after signing in: %j', (next) => {
    expect(isOwnPath(next)).toBe(false);
    expect(parseSignInSearch({ next })).toEqual({});
  });

  it('lead back to the page that was asked for', () => {
    expect(parseSignInSearch({ next: '/traces?range=7d' })).toEqual({ next: '/traces?range=7d' });
  });
});

describe('time', () => {
  const now = Date.UTC(2026, 10, 20, 12);

  it('counts a range back from now, a day where none is given', () => {
    expect(timeSpanOf({}, now)).toEqual({ from: '2026-11-19T12:00:00.000Z' });
    expect(timeSpanOf({ range: '15m' }, now)).toEqual({ from: '2026-11-20T11:45:00.000Z' });
    expect(timeSpanOf({ range: 'all' }, now)).toEqual({});
  });

  it('takes an absolute span before a range', () => {
    expect(
      timeSpanOf({ range: '1h', from: '2026-11-01', to: '2026-11-02T03:00:00Z' }, now),
    ).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-02T03:00:00.000Z',
    });
  });

  it.each([
    ['250ms', 250e6],
    ['2 s', 2e9],
    ['1.5min', 90e9],
    ['3', 3e9],
    ['10us', 10_000],
    ['2H', 7200e9],
    ['', undefined],
    ['-1s', undefined],
    ['1 year', undefined],
    ['1e9s', undefined],
  ])('reads the duration %j', (text, expected) => {
    expect(parseDurationNs(text)).toBe(expected);
  });
});
