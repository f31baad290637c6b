// `REMOVE x.locked` takes the write lock of x and changes nothing, but only once the database knows the property's name.
CREATE INDEX lock_name IF NOT EXISTS FOR (n:Lock) ON (n.locked);
