"""Cutting: what scores refer to is found among all customers, and written down as one dated step."""
