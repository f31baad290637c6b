"""Profiles: the traits of customers with the claims behind them, and the catalogue that declares them."""
