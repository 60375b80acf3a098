-- Commands that don't answer to what is in the log: the command's id and name, and what is wrong with it.
WITH recorded AS (
    SELECT command_id, count(*) AS facts FROM eventstore_event GROUP BY command_id
), judged AS (
    SELECT command.id, command.name, CASE
        WHEN command.outcome NOT IN ('accepted', 'refused', 'failed')
            THEN format('its outcome is %L', command.outcome)
        WHEN command.outcome <> 'accepted' AND num_nonnulls(command.first_version, command.last_version) > 0
            THEN format('it was %s, and says that it led to facts', command.outcome)
        WHEN num_nonnulls(command.first_version, command.last_version) = 1
            THEN 'it says only the first or only the last version that it led to'
        WHEN command.first_version < 1 OR command.last_version < command.first_version
            THEN format('versions %s to %s are no range', command.first_version, command.last_version)
        WHEN command.last_version::bigint - command.first_version + 1 <> coalesce(recorded.facts, 0)
            THEN format(
                'it led to versions %s to %s of %s; the log holds %s of these facts',
                command.first_version, command.last_version, command.stream, coalesce(recorded.facts, 0)
            )
        WHEN command.caused_by IS NOT NULL AND cause.position IS NULL
            THEN format('it was asked for because of position %s, where there is no fact', command.caused_by)
    END AS problem
    FROM eventstore_command AS command
    LEFT JOIN recorded ON recorded.command_id = command.id
    LEFT JOIN eventstore_event AS cause ON cause.position = command.caused_by
)
SELECT id::text, name, problem FROM judged WHERE problem IS NOT NULL ORDER BY id
