import type { AnswerExample } from './answer-example.ts';

/** Quality of runs. */
export const QUALITY: readonly AnswerExample[] = [
  {
    routes: ['GET /api/v1/quality/checks'],
    answer: {
      success: true,
      data: [
        {
          check_id: 'output_not_empty',
          severity: 'HIGH',
          summary: 'The run gave an output.',
          on_by_default: true,
          params: {
            type: 'object',
            properties: {
              min_characters: {
                default: 1,
                description:
                  'Characters that an output has at least, blanks around it not counted.',
                type: 'integer',
                minimum: 1,
                maximum: 100000,
              },
            },
            additionalProperties: false,
          },
        },
      ],
    },
  },
  {
    routes: ['GET /api/v1/agents/:id/checks', 'PUT /api/v1/agents/:id/checks'],
    answer: {
      success: true,
      data: {
        agent: 'invoice-processor',
        overrides: [{ check_id: 'latency_within_sla', params: { max_ms: 5_000 } }],
        checks: [
          {
            check_id: 'output_not_empty',
            summary: 'The run gave an output.',
            enabled: true,
            severity: 'HIGH',
            params: {
              min_characters: 1,
            },
            origin: 'default',
            reason: 'Made on every agent.',
            confidence: null,
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/quality/rules'],
    answer: {
      success: true,
      data: [
        {
          id: 'rul_f43403f55a5b62848ee47cf26f6bf5',
          name: 'refunds are small',
          description: '',
          target_trace_name: '',
          target_agent: 'support-*',
          severity: 'HIGH',
          enabled: true,
          definition: {
            type: 'THRESHOLD_RANGE',
            field: 'refund.amount',
            measure: null,
            min: null,
            max: 100,
          },
          created_at: '2026-11-26T02:03:33.415Z',
          updated_at: '2026-11-26T02:03:33.415Z',
        },
      ],
    },
  },
  {
    routes: [
      'GET /api/v1/quality/rules/:id',
      'POST /api/v1/quality/rules',
      'PUT /api/v1/quality/rules/:id',
    ],
    answer: {
      success: true,
      data: {
        id: 'rul_f43403f55a5b62848ee47cf26f6bf5',
        name: 'refunds are small',
        description: '',
        target_trace_name: '',
        target_agent: 'support-*',
        severity: 'HIGH',
        enabled: true,
        definition: {
          type: 'THRESHOLD_RANGE',
          field: 'refund.amount',
          measure: null,
          min: null,
          max: 100,
        },
        created_at: '2026-11-26T02:03:33.415Z',
        updated_at: '2026-11-26T02:03:33.415Z',
      },
    },
  },
  {
    routes: ['POST /api/v1/quality/rules/test'],
    answer: {
      success: true,
      data: {
        is_target: true,
        result: {
          trace_id: null,
          run_id: null,
          agent: null,
          source: 'rule',
          name: 'BR: refunds are small',
          key: 'test',
          severity: 'HIGH',
          outcome: 'failed',
          score: 0,
          expected: 'at most 100',
          actual: '120',
          delta: 20,
          message: 'refund.amount is 120, which is not at most 100.',
          evidence: {
            span_id: null,
            value: '120',
          },
          at: '1970-01-01T00:00:00.000Z',
        },
        reason: null,
      },
    },
  },
  {
    routes: ['POST /api/v1/quality/rules/dry-run'],
    answer: {
      success: true,
      data: {
        looked_at: 500,
        passed: 0,
        failed: 0,
        not_applicable: 1,
        runs: [
          {
            trace_id: '0103c871192f8d4bb5b1606c2cbaf760',
            run_id: 'b6864ce9fd8cab45',
            agent: 'invoice-processor',
            started_at: '2026-11-26T01:54:15.702Z',
            outcome: 'not_applicable',
            message: 'the output of the run was not captured',
            expected: null,
            actual: null,
            evidence: null,
          },
        ],
      },
    },
  },
  {
    routes: ['DELETE /api/v1/quality/rules/:id'],
    answer: {
      success: true,
      data: {
        removed: true,
      },
    },
  },
  {
    routes: ['GET /api/v1/quality/results'],
    answer: {
      success: true,
      data: [
        {
          trace_id: null,
          run_id: null,
          agent: 'invoice-processor',
          source: 'job',
          name: 'subtotal_arithmetic',
          key: 'invoice-4711',
          severity: 'HIGH',
          outcome: 'failed',
          score: 0,
          expected: '120.5',
          actual: '120',
          delta: -0.5,
          message: '',
          evidence: null,
          at: '2026-11-26T02:02:46.611Z',
        },
      ],
      meta: {
        limit: 1,
        next_cursor:
          'WyIxNzk1NjU4NTY2NjExMDAwMDAwIiwiIiwiIiwiam9iIiwic3VidG90YWxfYXJpdGhtZXRpYyIsImludm9pY2UtNDcxMSJd',
      },
    },
  },
  {
    routes: ['GET /api/v1/quality/summary'],
    answer: {
      success: true,
      data: {
        period_days: 30,
        passed: 24050,
        failed: 331,
        scored: 618,
        unjudged: 0,
        pass_rate: 0.9864238546,
        trend: {
          trend: 'stable',
          pass_rate: 0.9864238546,
          recent_pass_rate: 0.987501324,
          earlier_pass_rate: 0.9827241317,
          decline_days: 0,
        },
        daily: [
          {
            day: '2026-11-25',
            passed: 2665,
            failed: 36,
            pass_rate: 0.9866716031,
          },
          {
            day: '2026-11-26',
            passed: 1213,
            failed: 18,
            pass_rate: 0.9853777417,
          },
        ],
        agents: [
          {
            agent: 'market-researcher',
            passed: 615,
            failed: 205,
            scored: 0,
            unjudged: 0,
            pass_rate: 0.75,
            worst_severity: 'HIGH',
            trend: {
              trend: 'stable',
              pass_rate: 0.75,
              recent_pass_rate: 0.75,
              earlier_pass_rate: 0.75,
              decline_days: 0,
            },
          },
        ],
        checks: [
          {
            source: 'check',
            name: 'error_free',
            passed: 2755,
            failed: 65,
            scored: 0,
            unjudged: 0,
            pass_rate: 0.9769503546,
            mean_score: 0.9769503546,
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/quality/trends'],
    answer: {
      success: true,
      data: [
        {
          agent: 'invoice-processor',
          name: 'error_free',
          trend: 'degrading_recent',
          pass_rate: 0.9086294416,
          recent_pass_rate: 0.9016393443,
          earlier_pass_rate: 0.9325842697,
          decline_days: 0,
          daily: [
            {
              day: '2026-11-25',
              passed: 50,
              failed: 5,
            },
            {
              day: '2026-11-26',
              passed: 22,
              failed: 2,
            },
          ],
        },
      ],
    },
  },
  {
    routes: ['GET /api/v1/quality/heatmap'],
    answer: {
      success: true,
      data: {
        days: ['2026-11-26'],
        agents: [
          {
            agent: '',
            cells: [null],
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/runs/:id/quality', 'GET /api/v1/executions/:id/quality'],
    answer: {
      success: true,
      data: {
        run_id: 'b6864ce9fd8cab45',
        results: [
          {
            trace_id: '0103c871192f8d4bb5b1606c2cbaf760',
            run_id: 'b6864ce9fd8cab45',
            agent: 'invoice-processor',
            source: 'langfuse',
            name: 'helpfulness',
            key: 'scr_13e8734824dfb7c5d8a9c34f36264a',
            severity: 'MEDIUM',
            outcome: 'scored',
            score: 0.9,
            expected: '',
            actual: '0.9',
            delta: null,
            message: '',
            evidence: null,
            at: '2026-11-26T01:54:15.702Z',
          },
        ],
        skipped: [
          {
            check_id: 'output_not_empty',
            reason: 'neither input nor output of the run was captured',
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/quality/judge', 'PUT /api/v1/quality/judge'],
    answer: {
      success: true,
      data: {
        settings: {
          enabled: true,
          model: 'gpt-4o-mini',
          criteria: [
            {
              name: 'polite',
              prompt: 'The answer is polite.',
              severity: 'MEDIUM',
            },
          ],
          agents: [],
          sample_rate: 0.05,
          calls_per_day: 100,
          usd_per_day: 1,
        },
        endpoint_configured: false,
        today: {
          day: '2026-11-26',
          calls: 0,
          cost_usd: 0,
        },
        runs: {
          judged: 0,
          overrun: 0,
          failed: 0,
          waiting: 0,
          over_budget: 0,
        },
      },
    },
  },
  {
    routes: ['POST /api/public/scores'],
    answer: {
      id: 'scr_c3c711024487bd83189f69859424eb',
    },
  },
  {
    routes: ['POST /api/v1/jobs/:id/quality'],
    answer: {
      success: true,
      data: {
        signal_id: 'sig_c731121cd804b335951a2af82a331d',
        agent_id: 'agt_d42a11533718e2733096a72da119e4',
        job_id: 'invoice-4711',
        overall_passed: false,
        check_count: 1,
        passed_count: 0,
        received_at: '2026-11-26T02:03:35.130Z',
      },
    },
  },
  {
    routes: ['POST /api/public/ingestion'],
    answer: {
      successes: [
        {
          id: '7f3c1a52-0001',
          status: 201,
        },
      ],
      errors: [],
    },
  },
];
