// The identifiers with a value, of namespaces that the rules do not declare, in the order of their names; those that are
// none any more included.
CALL () {
  MATCH (i:Identifier)
  USING INDEX SEEK i:Identifier(value)
  WHERE i.value = $value AND NOT i.namespace IN $declared
  RETURN i.namespace AS namespace, i.key AS key
  UNION
  MATCH (i:FormerIdentifier)
  USING INDEX SEEK i:FormerIdentifier(value)
  WHERE i.value = $value AND NOT i.namespace IN $declared
  RETURN i.namespace AS namespace, i.key AS key
}
RETURN key
ORDER BY namespace
