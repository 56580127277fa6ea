CREATE TABLE resources
(
    project LowCardinality(String),
    received DateTime('UTC'),
    id FixedString(16),
    name LowCardinality(String),
    version LowCardinality(String),
    schema_url LowCardinality(String),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    attribute_types LowCardinality(String),
    dropped_attributes UInt32,
    entity_refs String,
    items Array(String) ALIAS arrayMap((k, v) -> concat(k, '=', v), mapKeys(attributes), mapValues(attributes))
)
ENGINE = ReplacingMergeTree(received)
ORDER BY (project, id)
SETTINGS fsync_after_insert = 1,
         fsync_part_directory = 1,
         max_compress_block_size = 131072
