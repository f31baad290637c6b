// Who did what, and up to where that was signed.
CREATE CONSTRAINT audit_entry_id IF NOT EXISTS FOR (n:AuditEntry) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT audit_entry_number IF NOT EXISTS FOR (n:AuditEntry) REQUIRE n.number IS UNIQUE;
CREATE CONSTRAINT audit_checkpoint_count IF NOT EXISTS FOR (n:AuditCheckpoint) REQUIRE n.count IS UNIQUE;
