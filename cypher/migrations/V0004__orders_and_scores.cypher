// Orders, by the id that their scope and order id make.
CREATE CONSTRAINT order_id IF NOT EXISTS FOR (n:Order) REQUIRE n.id IS UNIQUE;

// The cuts of RFM, version by version.
CREATE CONSTRAINT rfm_cut_version IF NOT EXISTS FOR (n:RfmCut) REQUIRE n.version IS UNIQUE;
