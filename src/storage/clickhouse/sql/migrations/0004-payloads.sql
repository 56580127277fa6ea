CREATE TABLE payloads
(
    project LowCardinality(String),
    received DateTime('UTC'),
    hash FixedString(16) CODEC(NONE),
    content String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(received)
ORDER BY (project, hash)
SETTINGS fsync_after_insert = 1,
         fsync_part_directory = 1,
         max_compress_block_size = 131072
