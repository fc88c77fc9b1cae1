"""What subjects did, according to audit logs, against what they may do: least roles and unused rules."""
