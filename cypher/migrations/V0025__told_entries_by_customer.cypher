// Which destinations were told of a customer: all of them hear of an erasure.
CREATE INDEX told_entry_customer_id IF NOT EXISTS FOR (n:ToldEntry) ON (n.customer_id);
