import type { Dialect } from './dialect.ts';
import { openInference } from './dialects/openinference.ts';
import { otelGenAi } from './dialects/otel-genai.ts';

/**
 * Every dialect, in order of precedence: where two spell the same field on one span, the earlier is
 * believed. Adding a dialect is adding its file and its line here.
 */
export const DIALECTS: readonly Dialect[] = [otelGenAi, openInference];
