// Most customers have one of a few sizes: with the id beside it, a page in the middle of a size is read without sorting.
CREATE INDEX customer_size_id IF NOT EXISTS FOR (n:Customer) ON (n.size, n.id);
DROP INDEX customer_size IF EXISTS;
