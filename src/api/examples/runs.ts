import type { AnswerExample } from './answer-example.ts';

const RUN = {
  run_id: 'b6864ce9fd8cab45',
  trace_id: '0103c871192f8d4bb5b1606c2cbaf760',
  parent_run_id: null,
  agent: 'invoice-processor',
  agent_version: '313ea5dd5562235d',
  name: 'agent.run',
  service: 'invoice-processor',
  framework: null,
  implied: false,
  status: 'ok',
  error_type: null,
  error_message: null,
  received: '2026-11-26T01:59:57.000Z',
  start: '2026-11-26T01:54:15.702Z',
  start_unix_nano: '1795658055702000000',
  duration_ms: 1111,
  span_count: 2,
  error_count: 0,
  model_calls: 1,
  tool_calls: 0,
  retries: 0,
  loop_length: 0,
  tokens: {
    input: 1744,
    output: 236,
    cache_read: null,
    cache_write: null,
    reasoning: null,
  },
  calls_without_tokens: 0,
  calls_estimated: 0,
  calls_invalid: 0,
  calls_unpriced: 0,
  cost_usd: 0.00672,
  conversation: null,
  user: null,
  models: ['gpt-4o'],
  tools: {},
  truncated: false,
};

/** Runs, and jobs over them. */
export const RUNS: readonly AnswerExample[] = [
  {
    routes: ['GET /api/v1/runs', 'GET /api/v1/executions'],
    answer: {
      success: true,
      data: [RUN],
      meta: {
        limit: 20,
        next_cursor:
          'WyJzdGFydCIsIjAiLCIxNzk1NjU0ODA2OTc1MDAwMDAwIiwiMmU2MjNmZTAwMTRlZWRlOTg0YTlmNmRlMmNlOGE5MWMiLCI5OThkYmFlMTdjOTUyMTJjIl0',
      },
    },
  },
  {
    routes: ['GET /api/v1/runs/:runId', 'GET /api/v1/executions/:runId'],
    answer: {
      success: true,
      data: {
        run: RUN,
        model_calls: [
          {
            span_id: '683a55ff803e61fd',
            run_id: 'b6864ce9fd8cab45',
            origin: 'span',
            operation: 'chain',
            provider: 'openai',
            model: 'gpt-4o',
            request_model: 'gpt-4o',
            start: '2026-11-26T01:54:15.719Z',
            start_unix_nano: '1795658055719000000',
            duration_ms: 1094,
            failed: false,
            tokens: {
              input: 1744,
              output: 236,
              cache_read: null,
              cache_write: null,
              reasoning: null,
            },
            estimated: false,
            invalid: false,
            cost_usd: 0.00672,
            cost_source: 'library',
            price_version: 'library@0.1.8',
            cost_missing: '',
          },
        ],
        tool_calls: [],
        children: [],
        totals: {
          runs: 1,
          model_calls: 1,
          tool_calls: 0,
          errors: 0,
          input_tokens: 1744,
          output_tokens: 236,
          cost_usd: 0.00672,
        },
        input: null,
        output: null,
      },
    },
  },
  {
    routes: ['GET /api/v1/runs/stats'],
    answer: {
      success: true,
      data: {
        from: '2026-11-25T02:03:32.819Z',
        to: '2026-11-26T02:03:32.819Z',
        total: {
          runs: 71,
          failed: 7,
          running: 0,
          abandoned: 0,
          model_calls: 71,
          tool_calls: 0,
          retries: 0,
          input_tokens: 114407,
          output_tokens: 12141,
          cache_read_tokens: null,
          cost_usd: 0.4074275,
          unpriced_calls: 0,
          p50_ms: 2308.814439,
          p95_ms: 3657.33289,
        },
        agents: [
          {
            agent: 'invoice-processor',
            runs: 71,
            failed: 7,
            running: 0,
            abandoned: 0,
            model_calls: 71,
            tool_calls: 0,
            retries: 0,
            input_tokens: 114407,
            output_tokens: 12141,
            cache_read_tokens: null,
            cost_usd: 0.4074275,
            unpriced_calls: 0,
            p50_ms: 2308.814439,
            p95_ms: 3657.33289,
          },
        ],
        step_seconds: 1800,
        steps: [
          {
            start: 1795654800000,
            runs: 10,
            failed: 0,
            running: 0,
            abandoned: 0,
            model_calls: 10,
            tool_calls: 0,
            retries: 0,
            input_tokens: 15512,
            output_tokens: 1754,
            cache_read_tokens: null,
            cost_usd: 0.05632,
            unpriced_calls: 0,
          },
          {
            start: 1795656600000,
            runs: 10,
            failed: 1,
            running: 0,
            abandoned: 0,
            model_calls: 10,
            tool_calls: 0,
            retries: 0,
            input_tokens: 15865,
            output_tokens: 1866,
            cache_read_tokens: null,
            cost_usd: 0.0583225,
            unpriced_calls: 0,
          },
        ],
        behind: { traces: 0, more: false, seconds: 0 },
      },
    },
  },
  {
    routes: ['GET /api/v1/runs/facets'],
    answer: {
      success: true,
      data: {
        statuses: [
          {
            value: 'ok',
            count: 2755,
          },
        ],
        agents: [
          {
            value: 'support-desk',
            count: 644,
          },
        ],
        models: [
          {
            value: 'gpt-4o-2024-11-20',
            count: 644,
          },
        ],
        tools: [
          {
            value: 'lookup_order',
            count: 644,
          },
        ],
        services: [
          {
            value: 'support-desk',
            count: 964,
          },
        ],
        users: [
          {
            value: 'analyst-5',
            count: 150,
          },
        ],
        versions: [
          {
            value: '313ea5dd5562235d',
            count: 1038,
          },
        ],
        frameworks: [
          {
            value: 'ai_sdk',
            count: 428,
          },
        ],
        error_types: [
          {
            value: 'ValueError',
            count: 36,
          },
        ],
      },
    },
  },
  {
    routes: ['GET /api/v1/runs/values'],
    answer: {
      success: true,
      data: [
        {
          value: 'support-desk',
          count: 644,
        },
      ],
    },
  },
  {
    routes: ['POST /api/v1/runs/rebuild'],
    answer: {
      success: true,
      data: {
        id: 'job_f2c04edb888be69708cf4a8be6a9ad',
        kind: 'runs.rebuild',
        status: 'running',
        done: 0,
        total: null,
        started: '2026-11-26T02:03:33.204Z',
        ended: null,
        error: null,
      },
    },
  },
  {
    routes: ['GET /api/v1/jobs'],
    answer: {
      success: true,
      data: [
        {
          id: 'job_f2c04edb888be69708cf4a8be6a9ad',
          kind: 'runs.rebuild',
          status: 'running',
          done: 0,
          total: null,
          started: '2026-11-26T02:03:33.204Z',
          ended: null,
          error: null,
        },
      ],
    },
  },
  {
    routes: ['GET /api/v1/jobs/:id', 'DELETE /api/v1/jobs/:id'],
    answer: {
      success: true,
      data: {
        id: 'job_f2c04edb888be69708cf4a8be6a9ad',
        kind: 'runs.rebuild',
        status: 'running',
        done: 0,
        total: null,
        started: '2026-11-26T02:03:33.204Z',
        ended: null,
        error: null,
      },
    },
  },
];
