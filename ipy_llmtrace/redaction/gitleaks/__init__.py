"""gitleaks' rules for secrets (MIT, see ``LICENSE``) as data, and the script that renews them."""
