import type { AnswerExample } from './answer-example.ts';

/** Budgets. */
export const BUDGETS: readonly AnswerExample[] = [
  {
    routes: ['GET /api/v1/budgets'],
    answer: {
      success: true,
      data: [
        {
          id: 'bud_883b193cf9007fb95c56d42b225757',
          scope: 'team',
          subject: 'finance',
          month: null,
          amount_usd: 500,
          thresholds: [50, 80, 100],
          enforced: false,
          period: '2026-11',
          spent_usd: 0.4562275,
          remaining_usd: 499.5437725,
          spent_percent: 0.0912455,
          forecast_usd: 0.6772503928,
          exhausted: false,
          unpriced_calls: 0,
        },
      ],
    },
  },
  {
    routes: ['GET /api/v1/budgets/:id', 'POST /api/v1/budgets', 'PUT /api/v1/budgets/:id'],
    answer: {
      success: true,
      data: {
        id: 'bud_883b193cf9007fb95c56d42b225757',
        scope: 'team',
        subject: 'finance',
        month: null,
        amount_usd: 500,
        thresholds: [50, 80, 100],
        enforced: false,
        period: '2026-11',
        spent_usd: 0.4562275,
        remaining_usd: 499.5437725,
        spent_percent: 0.0912455,
        forecast_usd: 0.6772503912,
        exhausted: false,
        unpriced_calls: 0,
      },
    },
  },
  {
    routes: ['DELETE /api/v1/budgets/:id'],
    answer: {
      success: true,
      data: {
        removed: 'bud_883b193cf9007fb95c56d42b225757',
      },
    },
  },
  {
    routes: ['POST /api/v1/costs/budgets'],
    answer: {
      success: true,
      data: {
        id: 'bud_41c507ebe54987e064d2837b5d29b1',
        scope: 'team',
        subject: 'support',
        month: '2026-11',
        amount_usd: 500,
        thresholds: [50, 80, 100],
        enforced: false,
        period: '2026-11',
        spent_usd: 0,
        remaining_usd: 500,
        spent_percent: 0,
        forecast_usd: 0,
        exhausted: false,
        unpriced_calls: 0,
      },
    },
  },
];
