import type { AnswerExample } from './answer-example.ts';

const PRICE = {
  id: 'prc_9781fb004b6958b61f20253b961893',
  version: 1,
  model: 'ours-*',
  provider: 'openai',
  tier: '',
  from: '2026-11-01T00:00:00.000Z',
  currency: 'USD',
  prices: {
    input: '2.5',
    output: '10',
    cache_read: '1.25',
    cache_write: null,
    cache_write_1h: null,
    reasoning: null,
  },
  billed_as: {
    cache_write: 'input',
    cache_write_1h: 'input',
    reasoning: 'output',
  },
};

/** Prices, and the currency of amounts that are shown. */
export const PRICES: readonly AnswerExample[] = [
  {
    routes: ['GET /api/v1/settings/display-currency', 'PUT /api/v1/settings/display-currency'],
    answer: {
      success: true,
      data: {
        currency: 'EUR',
        rate: 0.92,
        since: '2026-11-01T00:00:00.000Z',
      },
    },
  },
  {
    routes: ['POST /api/v1/prices', 'PUT /api/v1/prices/:id'],
    answer: {
      success: true,
      data: PRICE,
    },
  },
  {
    routes: ['GET /api/v1/prices'],
    answer: {
      success: true,
      data: [PRICE],
    },
  },
  {
    routes: ['GET /api/v1/prices/:id/history'],
    answer: {
      success: true,
      data: [
        {
          ...PRICE,
          version: 2,
          prices: {
            input: '2',
            output: '8',
            cache_read: '1',
            cache_write: null,
            cache_write_1h: null,
            reasoning: null,
          },
          removed: false,
          set_at: '2026-11-26T02:03:31.463Z',
          set_by: 'admin',
        },
      ],
    },
  },
  {
    routes: ['GET /api/v1/prices/lookup'],
    answer: {
      success: true,
      data: {
        known: true,
        version: 'library@0.1.8',
        source: 'library',
        provider: 'openai',
        model: 'gpt-4o',
        currency: 'USD',
        prices: {
          input: {
            price: '2.5',
            above: [],
          },
          output: {
            price: '10',
            above: [],
          },
          cache_read: {
            price: '1.25',
            above: [],
          },
          cache_write: null,
          cache_write_1h: null,
          reasoning: null,
        },
        missing: null,
        nearest: [],
      },
    },
  },
  {
    routes: ['GET /api/v1/prices/unpriced'],
    answer: {
      success: true,
      data: [],
    },
  },
  {
    routes: ['DELETE /api/v1/prices/:id'],
    answer: {
      success: true,
      data: {
        id: 'prc_9781fb004b6958b61f20253b961893',
      },
    },
  },
  {
    routes: ['POST /api/v1/prices/reprice'],
    answer: {
      success: true,
      data: {
        id: 'job_b6e2151823197cc9f13f1ade972361',
        kind: 'prices.reprice',
        status: 'running',
        done: 0,
        total: null,
        started: '2026-11-26T02:03:32.339Z',
        ended: null,
        error: null,
      },
    },
  },
];
