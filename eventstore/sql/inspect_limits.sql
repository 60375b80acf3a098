-- How long each statement of this transaction may take, and how it is planned; first, what held before.
SELECT
    current_setting('statement_timeout'), current_setting('plan_cache_mode'),
    set_config('statement_timeout', %s::text, true), set_config('plan_cache_mode', %s::text, true)
