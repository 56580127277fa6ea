ALTER TABLE model_calls MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild'
