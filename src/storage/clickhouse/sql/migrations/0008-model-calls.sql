CREATE TABLE model_calls
(
    project LowCardinality(String),
    recorded DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    trace_id FixedString(16) CODEC(ZSTD(1)),
    span_id FixedString(8) CODEC(NONE),
    run_id FixedString(8) CODEC(ZSTD(1)),
    agent LowCardinality(String) CODEC(ZSTD(1)),
    origin Enum8('span' = 0, 'log' = 1, 'event' = 2) CODEC(ZSTD(1)),
    operation LowCardinality(String) CODEC(ZSTD(1)),
    provider LowCardinality(String) CODEC(ZSTD(1)),
    model LowCardinality(String) CODEC(ZSTD(1)),
    request_model LowCardinality(String) CODEC(ZSTD(1)),
    start DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    duration_ns Int64 CODEC(T64, ZSTD(1)),
    failed UInt8 CODEC(ZSTD(1)),
    input_tokens Nullable(UInt64) CODEC(T64, ZSTD(1)),
    output_tokens Nullable(UInt64) CODEC(T64, ZSTD(1)),
    cache_read_tokens Nullable(UInt64) CODEC(T64, ZSTD(1)),
    cache_write_tokens Nullable(UInt64) CODEC(T64, ZSTD(1)),
    reasoning_tokens Nullable(UInt64) CODEC(T64, ZSTD(1)),
    estimated UInt8 CODEC(ZSTD(1)),
    invalid UInt8 CODEC(ZSTD(1)),
    cost Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_source LowCardinality(String) CODEC(ZSTD(1)),
    price_version LowCardinality(String) CODEC(ZSTD(1)),
    cost_missing LowCardinality(String) CODEC(ZSTD(1)),
    conversation String CODEC(ZSTD(1)),
    user String CODEC(ZSTD(1)),
    version UInt64 CODEC(ZSTD(1)),
    sign Int8 CODEC(ZSTD(1)),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = VersionedCollapsingMergeTree(sign, version)
PARTITION BY toYYYYMM(recorded)
ORDER BY (project, start, trace_id, span_id)
SETTINGS fsync_after_insert = 1,
         fsync_part_directory = 1,
         max_compress_block_size = 131072
