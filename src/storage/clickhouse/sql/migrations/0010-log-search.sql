ALTER TABLE log_records
    ADD COLUMN IF NOT EXISTS agent LowCardinality(String) CODEC(ZSTD(1)) AFTER service,
    ADD COLUMN IF NOT EXISTS searched String ALIAS lower(concat(event_name, ' ', body)),
    ADD INDEX IF NOT EXISTS searched_text searched TYPE text(tokenizer = 'splitByNonAlpha', posting_list_codec = 'bitpacking'),
    MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1
