-- A seal is built in the staging tables, some buckets at a time, and swapped in whole: merging its parts before that would
-- cost as much as building them, and is done after the swap.

ALTER TABLE usage_daily_staging MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 0;

ALTER TABLE usage_hourly_staging MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 0;

ALTER TABLE network_daily_staging MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 0;

ALTER TABLE request_rate_staging MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 0
