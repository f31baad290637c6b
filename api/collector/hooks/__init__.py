"""Webhooks: what WeChat and WeCom push, signed by them."""
