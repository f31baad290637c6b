"""What WeChat tells an official account, and WeCom a company: follows, scans, menu clicks, messages, contacts."""
