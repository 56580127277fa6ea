import type { AnswerExample } from './answer-example.ts';

/** Signs of life, and risk. */
export const STANDING: readonly AnswerExample[] = [
  {
    routes: ['GET /api/v1/agents/:id/risk'],
    answer: {
      success: true,
      data: {
        agent_id: 'agt_d42a11533718e2733096a72da119e4',
        score: 0,
        level: 'LOW',
        reasons: [],
        facts: [
          {
            fact: 'writes_to_systems',
            value: null,
            source: 'nobody',
            because: 'no call of a tool was seen',
          },
        ],
        history: [
          {
            at: '2026-11-26T02:01:15.617Z',
            score: 0,
            level: 'LOW',
            reasons: [],
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/risk/rules', 'PUT /api/v1/risk/rules'],
    answer: {
      success: true,
      data: {
        rules: [
          {
            id: 'R01',
            fact: 'writes_to_systems',
            points: 25,
            enabled: true,
          },
        ],
        bands: {
          LOW: 0,
          MEDIUM: 25,
          HIGH: 50,
          CRITICAL: 70,
        },
      },
    },
  },
  {
    routes: ['GET /health'],
    answer: {
      status: 'ok',
    },
  },
  {
    routes: ['POST /api/v1/telemetry/heartbeat', 'POST /api/v1/agents/beacon'],
    answer: {
      success: true,
      data: {
        agent_id: 'agt_d42a11533718e2733096a72da119e4',
        received_at: '2026-11-26T02:03:37.086Z',
      },
    },
  },
  {
    routes: ['POST /api/v1/telemetry/heartbeats'],
    answer: {
      success: true,
      data: {
        accepted: 1,
        refused: [],
      },
    },
  },
];
