// All deliveries of a destination in their order, and all by age.
CREATE INDEX delivery_position IF NOT EXISTS FOR (n:Delivery) ON (n.destination_id, n.position);
CREATE INDEX delivery_created IF NOT EXISTS FOR (n:Delivery) ON (n.created_at);

// What a destination was told of whom.
CREATE INDEX told_entry_destination IF NOT EXISTS FOR (n:ToldEntry) ON (n.destination_id);
