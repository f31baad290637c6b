// Evidence: the events in which two identifiers were seen together
WITH 'device_id:tablet-1' AS a, 'user_id:ann' AS b
MATCH (:Identifier {key: a})<-[:OBSERVED]-(e:Event)-[:OBSERVED]->(:Identifier {key: b})
RETURN e.occurred_at AS at, e.source AS source, e.message_id AS message, e.type AS type, e.name AS what,
  e.identifiers AS as_they_came
ORDER BY at DESC LIMIT 100
