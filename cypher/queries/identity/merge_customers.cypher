// Mark customers without identifiers as merged: their ids lead to the survivor for ever.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (loser:Customer {id: row.loser})
USING INDEX SEEK loser:Customer(id)
MATCH (winner:Customer {id: row.winner})
USING INDEX SEEK winner:Customer(id)
CREATE (loser)-[:MERGED_INTO {at: datetime.fromEpoch($at_s, $at_ns)}]->(winner)
SET loser:Former, loser.updated_at = datetime.fromEpoch($at_s, $at_ns)
REMOVE loser.first_seen, loser.last_seen, loser.size, loser.counts, loser.contested, loser.contested_by_window,
  loser.judged, loser.rule_version, loser.awaited
