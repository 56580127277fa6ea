import type { AnswerExample } from './answer-example.ts';

const ANOMALY = {
  id: 'anm_4f3a9c1e7b2d4f3a9c1e7b2d4f3a9c',
  agent_id: 'agt_d42a11533718e2733096a72da119e4',
  agent: 'invoice-processor',
  kind: 'error_surge',
  severity: 'high',
  status: 'open',
  opened_at: '2026-11-26T01:10:00.000Z',
  detected_at: '2026-11-26T01:40:00.000Z',
  detections: 4,
  reopened: 0,
  acknowledged: null,
  resolved: null,
  evidence: {
    summary: '15 of 30 runs failed; 0.6 % is usual.',
    measure: 'failed runs',
    unit: 'share',
    observed: 0.5,
    baseline: 0.006,
    score: 18.2,
    score_name: 'z',
    deviation_percent: null,
    n: 30,
    baseline_n: 174,
    window: {
      from: '2026-11-26T00:38:12.000Z',
      to: '2026-11-26T01:39:40.000Z',
    },
    version: '313ea5dd5562235d',
    baseline_version: '313ea5dd5562235d',
    runs: [
      {
        trace_id: '4a8e10bdb180ca4d27e07d1ab9d1265d',
        run_id: 'c6207a4bbc2bc9ed',
      },
    ],
    more: {
      failed: 15,
    },
  },
};

const ACKNOWLEDGED = {
  ...ANOMALY,
  status: 'acknowledged',
  acknowledged: {
    by: 'admin',
    at: '2026-11-26T01:45:00.000Z',
    note: 'Looking at it.',
  },
};

/** Anomalies, and what is usual. */
export const ANOMALIES: readonly AnswerExample[] = [
  {
    routes: ['GET /api/v1/anomalies'],
    answer: {
      success: true,
      data: [ANOMALY],
      meta: {
        total: 1,
        page: 1,
        limit: 50,
      },
    },
  },
  {
    routes: ['GET /api/v1/anomalies/summary'],
    answer: {
      success: true,
      data: {
        total: 0,
        by_status: {
          open: 0,
          acknowledged: 0,
          resolved: 0,
        },
        by_kind: {
          cost_spike: 0,
          error_surge: 0,
          call_frequency: 0,
          latency_shift: 0,
          behavioral_drift: 0,
          quality_degradation: 0,
          model_mismatch: 0,
        },
        by_severity: {
          low: 0,
          medium: 0,
          high: 0,
          critical: 0,
        },
      },
    },
  },
  {
    routes: ['GET /api/v1/agents/:id/baselines'],
    answer: {
      success: true,
      data: {
        agent_id: 'agt_d42a11533718e2733096a72da119e4',
        as_of: '2026-11-26T02:02:46.771Z',
        minimum_runs: 20,
        versions: [
          {
            version: '313ea5dd5562235d',
            runs: 376,
            from: '2026-11-18T01:02:34.304Z',
            to: '2026-11-26T01:00:30.625Z',
            cost: {
              n: 376,
              mean: 0.005859680851,
              stddev: 0.001649104453,
              median: 0.00580875,
              mad: 0.00126625,
              min: 0.0022775,
              max: 0.0092575,
              unit: 'USD',
            },
            tokens: {
              n: 376,
              mean: 1785.162234,
              stddev: 612.3081122,
              median: 1811,
              mad: 514,
              min: 671,
              max: 2839,
              unit: 'tokens',
            },
            duration: {
              n: 376,
              mean: 2.35043883,
              stddev: 0.8365547929,
              median: 2.3625,
              mad: 0.7285,
              min: 0.929,
              max: 3.821,
              unit: 's',
            },
            loop_length: {
              n: 376,
              mean: 0,
              stddev: 0,
              median: 0,
              mad: 0,
              min: 0,
              max: 0,
              unit: 'calls',
            },
            error_rate: 0.09308510638,
            tool_mix: {},
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/agents/:id/baselines/series'],
    answer: {
      success: true,
      data: {
        metric: 'duration',
        unit: 's',
        points: [
          {
            at: '2026-11-26T01:58:35.675Z',
            n: 30,
            value: 2.417972705,
            usual: 2.365,
            low: 1.432041394,
            high: 3.905770477,
          },
          {
            at: '2026-11-26T02:03:35.675Z',
            n: 30,
            value: 2.417972705,
            usual: 2.365,
            low: 1.434005303,
            high: 3.90042142,
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/agents/:id/versions'],
    answer: {
      success: true,
      data: [
        {
          version: '313ea5dd5562235d',
          runs: 394,
          first_run: '2026-11-18T01:02:34.304Z',
          last_run: '2026-11-26T01:54:15.702Z',
          error_rate: 0.09137055838,
          median_duration_s: 2.3625,
          median_cost_usd: 0.00582125,
          models: ['gpt-4o'],
          tools: [],
          changed: null,
        },
      ],
    },
  },
  {
    routes: ['GET /api/v1/anomalies/:id'],
    answer: {
      success: true,
      data: ANOMALY,
    },
  },
  {
    routes: ['POST /api/v1/anomalies/:id/acknowledge'],
    answer: {
      success: true,
      data: ACKNOWLEDGED,
    },
  },
  {
    routes: ['POST /api/v1/anomalies/:id/resolve'],
    answer: {
      success: true,
      data: {
        ...ACKNOWLEDGED,
        status: 'resolved',
        resolved: {
          by: 'admin',
          at: '2026-11-26T02:00:00.000Z',
          note: 'The vendor was down.',
        },
      },
    },
  },
  {
    routes: ['GET /api/v1/anomalies/:id/series'],
    answer: {
      success: true,
      data: {
        metric: 'error_rate',
        unit: 'share',
        points: [
          {
            at: '2026-11-26T00:30:00.000Z',
            n: 30,
            value: 0,
            usual: 0.006,
            low: 0,
            high: 0.13,
          },
          {
            at: '2026-11-26T01:30:00.000Z',
            n: 30,
            value: 0.5,
            usual: 0.006,
            low: 0,
            high: 0.13,
          },
        ],
      },
    },
  },
];
