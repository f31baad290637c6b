// How far each file was imported, so that an import can go on where it was stopped.
CREATE CONSTRAINT import_key IF NOT EXISTS FOR (n:Import) REQUIRE n.key IS UNIQUE;
