// Write down what events say of identifiers that they unbind: nothing observed until then links them.
UNWIND $rows AS row
CREATE (j:Judgement {
  id: row.id, verdict: 'unbound', a: row.a, key_a: row.key,
  until: datetime.fromEpoch(row.until_s, row.until_ns),
  reason: row.reason, actor: row.actor, at: datetime.fromEpoch($at_s, $at_ns)
})
