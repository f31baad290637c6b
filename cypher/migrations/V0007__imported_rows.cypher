// What a row of a table said when it was last imported, so that it is found again when it was changed.
CREATE CONSTRAINT imported_row_key IF NOT EXISTS FOR (n:ImportedRow) REQUIRE n.key IS UNIQUE;
