-- What keeps the log as it is, where it is missing or not as it must be: its name, and what is wrong.
WITH needed_trigger (name, owner, kind) AS (
    -- pg_trigger.tgtype: 1 a row, 2 before, 8 DELETE, 16 UPDATE, 32 TRUNCATE
    VALUES
        ('eventstore_event_rows_stay', 'eventstore_event', 1 + 2 + 8 + 16),
        ('eventstore_event_stays', 'eventstore_event', 2 + 8 + 16 + 32),
        ('eventstore_command_rows_stay', 'eventstore_command', 1 + 2 + 8 + 16),
        ('eventstore_command_stays', 'eventstore_command', 2 + 8 + 16 + 32)
), needed_key (name, owner) AS (
    VALUES
        ('eventstore_event_pkey', 'eventstore_event'),
        ('eventstore_event_stream_version', 'eventstore_event'),
        ('eventstore_command_pkey', 'eventstore_command'),
        ('eventstore_claim_pkey', 'eventstore_claim')
), numbering AS (
    SELECT sequence.*, CASE
        WHEN has_sequence_privilege(sequence.seqrelid, 'SELECT') THEN pg_sequence_last_value(sequence.seqrelid)
    END AS drawn
    FROM pg_sequence AS sequence
    WHERE sequence.seqrelid = pg_get_serial_sequence('eventstore_event', 'position')::regclass
), head AS (
    SELECT coalesce(max(position), 0) AS position FROM eventstore_event
)
SELECT 'trigger', needed.name, CASE
    WHEN found.tgname IS NULL THEN 'it is missing'
    WHEN found.tgenabled <> 'A' THEN 'it is not ENABLE ALWAYS'
    ELSE 'it does not refuse all that it must'
END
FROM needed_trigger AS needed
LEFT JOIN pg_trigger AS found ON found.tgrelid = needed.owner::regclass AND found.tgname = needed.name
LEFT JOIN pg_proc AS function ON function.oid = found.tgfoid
WHERE (found.tgenabled = 'A' AND found.tgtype = needed.kind AND found.tgqual IS NULL
    AND function.proname = 'eventstore_refuse_change' AND function.prosrc LIKE '%RAISE EXCEPTION%'
) IS NOT TRUE
UNION ALL
SELECT 'constraint', needed.name, 'it is missing'
FROM needed_key AS needed
WHERE NOT EXISTS (
    SELECT FROM pg_constraint AS found
    JOIN pg_index AS index ON index.indexrelid = found.conindid AND index.indisvalid
    WHERE found.conrelid = needed.owner::regclass AND found.conname = needed.name AND found.contype IN ('p', 'u')
)
UNION ALL
SELECT 'sequence', 'eventstore_event.position', 'positions are not drawn from an identity sequence'
WHERE NOT EXISTS (SELECT FROM numbering)
UNION ALL
SELECT 'sequence', seqrelid::regclass::text, CASE
    WHEN seqcache <> 1 THEN format('its cache is %s: readers of the log rely on 1', seqcache)
    WHEN seqincrement <> 1 OR seqcycle THEN 'it does not count up by one, for ever'
    ELSE format('it stands at %s, before the last fact: what is recorded next would not be read', drawn)
END
FROM numbering, head
WHERE seqcache <> 1 OR seqincrement <> 1 OR seqcycle OR drawn < head.position
UNION ALL
SELECT 'checkpoint', checkpoint.name, format(
    'it stands at %s, after the last fact (%s): what is recorded next would be passed over',
    checkpoint.position, head.position
)
FROM eventstore_checkpoint AS checkpoint, head
WHERE checkpoint.position > head.position
ORDER BY 1, 2
