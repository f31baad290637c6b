// Keys have scopes. A key that is not revoked is the only one of its name: `source/…` for those that only send, `client/…` for others.
CREATE CONSTRAINT access_key_open_name IF NOT EXISTS FOR (n:AccessKey) REQUIRE n.open_name IS UNIQUE;

// What the service keeps secret for itself, one of each name.
CREATE CONSTRAINT access_secret_name IF NOT EXISTS FOR (n:AccessSecret) REQUIRE n.name IS UNIQUE;

// Keys of earlier versions keep what they could do: write keys send, admin keys do everything.
MATCH (k:AccessKey)
WHERE k.scopes IS NULL
SET
  k.open_name = CASE k.kind WHEN 'write' THEN 'source/' ELSE 'client/' END + k.name,
  k.scopes = CASE k.kind
    WHEN 'write' THEN ['write']
    ELSE ['write', 'read', 'pii', 'segments', 'rules', 'privacy', 'admin']
  END,
  k.id = 'key_' + replace(randomUUID(), '-', '')
REMOVE k.kind;
