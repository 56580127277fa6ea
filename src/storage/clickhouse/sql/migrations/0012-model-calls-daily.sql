ALTER TABLE model_calls
ADD PROJECTION IF NOT EXISTS daily
(
    SELECT project, toDate(start) AS day, agent, provider, model,
        sum(cost * sign), sumIf(cost * sign, cost_source = 'reported'), sumIf(cost * sign, estimated = 1),
        sum(sign), sumIf(sign, isNotNull(cost)), sumIf(sign, failed = 1),
        sumIf(sign, cost IS NULL AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL)),
        sumIf(sign, input_tokens IS NULL AND output_tokens IS NULL AND invalid = 0 AND failed = 0),
        sumIf(sign, invalid = 1), sumIf(sign, estimated = 1),
        sumIf(sign, isNotNull(input_tokens)), sum(toInt64(input_tokens) * sign),
        sumIf(sign, isNotNull(output_tokens)), sum(toInt64(output_tokens) * sign),
        sumIf(sign, isNotNull(cache_read_tokens)), sum(toInt64(cache_read_tokens) * sign),
        sumIf(sign, isNotNull(cache_write_tokens)), sum(toInt64(cache_write_tokens) * sign),
        sumIf(sign, isNotNull(reasoning_tokens)), sum(toInt64(reasoning_tokens) * sign)
    GROUP BY project, day, agent, provider, model
)
