"""Files: import of NDJSON, CSV and Parquet, export of identifiers and their customers as CSV or Parquet."""
