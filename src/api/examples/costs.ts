import type { AnswerExample } from './answer-example.ts';

/** Of all calls of one agent, which uses one model. */
const OF_AGENT = {
  cost_usd: 2.0494925,
  cost_display: 1.8855331,
  reported_cost_usd: 0,
  estimated_cost_usd: 0,
  calls: 353,
  failed_calls: 0,
  unpriced_calls: 0,
  calls_without_tokens: 0,
  invalid_calls: 0,
  estimated_calls: 0,
  input_tokens: 558217,
  output_tokens: 65651,
  cache_read_tokens: 2048,
  cache_write_tokens: null,
  reasoning_tokens: null,
};

/** What calls of models cost. */
export const COSTS: readonly AnswerExample[] = [
  {
    routes: ['GET /api/v1/costs/summary', 'GET /api/v1/cost/summary'],
    answer: {
      success: true,
      data: {
        period_days: 8,
        from: '2026-11-19T00:00:00.000Z',
        to: '2026-11-27T00:00:00.000Z',
        total_cost_usd: 2.0494925,
        total_cost_display: 1.8855331,
        unreviewed_cost_usd: 13.59731548,
        unattributed_cost_usd: 0,
        all_cost_usd: 15.64680798,
        all_cost_display: 14.39506334,
        by_status: {
          UNREVIEWED: 13.59731548,
          PENDING_REVIEW: 0,
          APPROVED: 2.0494925,
          SUSPENDED: 0,
          RETIRED: 0,
          DISMISSED: 0,
          UNATTRIBUTED: 0,
        },
        estimated_share: 0,
        all: {
          cost_usd: 15.64680798,
          cost_display: 14.39506334,
          reported_cost_usd: 0,
          estimated_cost_usd: 0,
          calls: 3978,
          failed_calls: 101,
          unpriced_calls: 0,
          calls_without_tokens: 0,
          invalid_calls: 0,
          estimated_calls: 0,
          input_tokens: 7310535,
          output_tokens: 1023253,
          cache_read_tokens: 1639424,
          cache_write_tokens: 575488,
          reasoning_tokens: 21033,
        },
        display_currency: 'EUR',
        display_rate: 0.92,
        daily_trend: [
          {
            date: '2026-11-25',
            cost_usd: 0.3148375,
            cost_display: 0.2896505,
            all_cost_usd: 1.84047595,
          },
          {
            date: '2026-11-26',
            cost_usd: 0.14139,
            cost_display: 0.1300788,
            all_cost_usd: 0.8814517,
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/costs/agents/:id'],
    answer: {
      success: true,
      data: {
        agent_id: 'agt_d42a11533718e2733096a72da119e4',
        agent: 'invoice-processor',
        status: 'APPROVED',
        team: 'finance',
        from: '2026-11-19T00:00:00.000Z',
        to: '2026-11-27T00:00:00.000Z',
        period_days: 8,
        total_cost_usd: 2.0494925,
        total_cost_display: 1.8855331,
        total: OF_AGENT,
        display_currency: 'EUR',
        display_rate: 0.92,
        daily_trend: [
          {
            date: '2026-11-25',
            cost_usd: 0.3148375,
            cost_display: 0.2896505,
          },
          {
            date: '2026-11-26',
            cost_usd: 0.14139,
            cost_display: 0.1300788,
          },
        ],
        by_model: [
          {
            name: 'gpt-4o',
            ...OF_AGENT,
            share: 1,
            runs: '/api/v1/runs?agent=invoice-processor&model=gpt-4o&from=2026-11-19T00%3A00%3A00.000Z&to=2026-11-27T00%3A00%3A00.000Z',
          },
        ],
      },
    },
  },
  {
    routes: ['POST /api/v1/costs/events', 'POST /api/v1/telemetry/usage'],
    answer: {
      success: true,
      data: {
        event_id: 'invoice-4711-call-1',
        cost_usd: 0.00252,
        cost_display: 0.0023184,
        display_currency: 'EUR',
        cost_source: 'library',
        price_version: 'library@0.1.8',
        cost_missing: '',
        repeated: true,
      },
    },
  },
  {
    routes: ['POST /api/v1/costs/events/batch', 'POST /api/v1/telemetry/usage/batch'],
    answer: {
      success: true,
      data: {
        events: [
          {
            event_id: 'invoice-4712-call-1',
            cost_usd: 0.00252,
            cost_display: 0.0023184,
            display_currency: 'EUR',
            cost_source: 'library',
            price_version: 'library@0.1.8',
            cost_missing: '',
            repeated: true,
          },
        ],
      },
    },
  },
];
