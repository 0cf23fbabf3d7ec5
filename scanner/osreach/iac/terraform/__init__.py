"""Terraform and OpenTofu code, read without running either."""
