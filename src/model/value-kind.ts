/** What an OTLP value is: the field numbers of `opentelemetry.proto.common.v1.AnyValue`. */
export const VALUE_KIND = {
  empty: 0,
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  array: 5,
  kvlist: 6,
  bytes: 7,
} as const;
