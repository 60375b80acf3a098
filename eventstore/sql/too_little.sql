-- What the site needs to do with its database, and a role may not.
SELECT format('%%s on %%I', needed.right, needed.name)
FROM unnest(%(tables)s::text[], %(rights)s::text[]) AS needed (name, "right")
WHERE NOT has_table_privilege(%(role)s::text, format('public.%%I', needed.name), needed.right)
UNION ALL
SELECT 'CREATE on the database (rebuilds make a schema in it)'
WHERE NOT has_database_privilege(%(role)s::text, current_database(), 'CREATE')
