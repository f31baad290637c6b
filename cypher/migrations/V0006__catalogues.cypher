// The catalogue of profiles, version by version.
CREATE CONSTRAINT catalogue_version IF NOT EXISTS FOR (n:Catalogue) REQUIRE n.version IS UNIQUE;
