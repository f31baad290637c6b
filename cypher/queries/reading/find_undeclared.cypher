// The identifiers with a value, of namespaces that the rules do not declare, in the order of their names.
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(value)
WHERE i.value = $value AND NOT i.namespace IN $declared
RETURN i.key AS key
ORDER BY i.namespace
