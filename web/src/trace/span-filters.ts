/** By what the spans of a trace can be narrowed down; apart, because addresses are read before a trace is. */
export const SPAN_FILTERS = ['errors', 'agents', 'models', 'tools', 'slowest'] as const;
export type SpanFilter = (typeof SPAN_FILTERS)[number];
