"""Plans and states as `terraform show -json` prints them.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""
