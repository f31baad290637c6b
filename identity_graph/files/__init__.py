"""Files: history comes in as NDJSON, CSV or Parquet, and who is who goes out as CSV or Parquet."""
