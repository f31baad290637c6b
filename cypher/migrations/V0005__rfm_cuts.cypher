// The cuts of RFM, version by version.
CREATE CONSTRAINT rfm_cut_version IF NOT EXISTS FOR (n:RfmCut) REQUIRE n.version IS UNIQUE;
