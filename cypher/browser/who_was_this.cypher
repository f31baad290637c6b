// Who was this: the customers that an identifier belonged to, and when
WITH 'device_id:tablet-1' AS key
MATCH (i:Identifier {key: key})-[was:BELONGS_TO|BELONGED_TO]->(c:Customer)
RETURN c.id AS customer, was.since AS since, was.until AS until
ORDER BY since
