CREATE TABLE quality_results
(
    project LowCardinality(String),
    recorded DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    trace_id FixedString(16) CODEC(ZSTD(1)),
    run_id FixedString(8) CODEC(ZSTD(1)),
    agent LowCardinality(String) CODEC(ZSTD(1)),
    source Enum8('check' = 0, 'rule' = 1, 'judge' = 2, 'job' = 3, 'otel' = 4, 'langfuse' = 5) CODEC(ZSTD(1)),
    name LowCardinality(String) CODEC(ZSTD(1)),
    result_key String CODEC(ZSTD(1)),
    severity Enum8('HIGH' = 0, 'MEDIUM' = 1, 'LOW' = 2) CODEC(ZSTD(1)),
    outcome Enum8('passed' = 0, 'failed' = 1, 'scored' = 2, 'unjudged' = 3) CODEC(ZSTD(1)),
    score Nullable(Float64) CODEC(ZSTD(1)),
    expected String CODEC(ZSTD(1)),
    actual String CODEC(ZSTD(1)),
    delta Nullable(Float64) CODEC(ZSTD(1)),
    message String CODEC(ZSTD(1)),
    span_id FixedString(8) CODEC(ZSTD(1)),
    evidence String CODEC(ZSTD(1)),
    start DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    version UInt64 CODEC(ZSTD(1)),
    sign Int8 CODEC(ZSTD(1)),
    INDEX trace_id_bloom trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX key_bloom result_key TYPE bloom_filter(0.01) GRANULARITY 1,
    PROJECTION daily
    (
        SELECT project, toDate(start) AS day, agent, source, name, severity, outcome,
            sum(sign), sum(sign * isNotNull(score)), sum(sign * ifNull(score, 0))
        GROUP BY project, day, agent, source, name, severity, outcome
    )
)
ENGINE = VersionedCollapsingMergeTree(sign, version)
PARTITION BY toYYYYMM(recorded)
ORDER BY (project, start, trace_id, run_id, source, name, result_key)
SETTINGS fsync_after_insert = 1,
         fsync_part_directory = 1,
         max_compress_block_size = 131072,
         deduplicate_merge_projection_mode = 'rebuild'
