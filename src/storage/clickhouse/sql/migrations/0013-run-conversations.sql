ALTER TABLE runs ADD INDEX IF NOT EXISTS conversation_bloom conversation TYPE bloom_filter(0.01) GRANULARITY 1
