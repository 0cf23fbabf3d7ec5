# What the module terraform-aws-modules/opensearch/aws makes of its arguments, as
# far as it decides who reaches the domain: the domain, its policy, its security
# group. Defaults are those that every release since 1.0 documents.
# Source: https://registry.terraform.io/modules/terraform-aws-modules/opensearch/aws/latest

variable "create" {
  default = true
}
variable "domain_name" {
  default = ""
}
variable "engine_version" {
  default = null
}
variable "region" {
  default = null
}
variable "advanced_options" {
  default = {}
}
variable "advanced_security_options" {
  default = { enabled = true, anonymous_auth_enabled = false }
}
variable "cognito_options" {
  default = {}
}
variable "identity_center_options" {
  default = null
}
variable "domain_endpoint_options" {
  default = { enforce_https = true, tls_security_policy = "Policy-Min-TLS-1-2-2019-07" }
}
variable "encrypt_at_rest" {
  default = { enabled = true }
}
variable "node_to_node_encryption" {
  default = { enabled = true }
}
variable "log_publishing_options" {
  default = [{ log_type = "INDEX_SLOW_LOGS" }, { log_type = "SEARCH_SLOW_LOGS" }]
}
variable "vpc_options" {
  default = {}
}
variable "enable_access_policy" {
  default = true
}
variable "create_access_policy" {
  default = true
}
variable "access_policies" {
  default = null
}
variable "access_policy_statements" {
  default = {}
}
variable "access_policy_source_policy_documents" {
  default = []
}
variable "access_policy_override_policy_documents" {
  default = []
}
variable "create_saml_options" {
  default = false
}
variable "saml_options" {
  default = {}
}
variable "create_security_group" {
  default = true
}
variable "security_group_name" {
  default = null
}
variable "security_group_rules" {
  default = {}
}

locals {
  writes_policy = var.create && var.create_access_policy && (length(var.access_policy_statements) > 0 || length(var.access_policy_source_policy_documents) > 0 || length(var.access_policy_override_policy_documents) > 0)
  own_group     = var.create && var.create_security_group && length(var.vpc_options) > 0
}

resource "aws_opensearch_domain" "this" {
  count            = var.create ? 1 : 0
  domain_name      = var.domain_name
  engine_version   = var.engine_version
  region           = var.region
  advanced_options = var.advanced_options

  dynamic "advanced_security_options" {
    for_each = length(var.advanced_security_options) > 0 ? [var.advanced_security_options] : []
    iterator = given
    content {
      enabled                        = try(given.value.enabled, true)
      anonymous_auth_enabled         = try(given.value.anonymous_auth_enabled, false)
      internal_user_database_enabled = try(given.value.internal_user_database_enabled, null)
      master_user_options {
        master_user_arn  = try(given.value.master_user_options.master_user_name, null) != null ? null : try(given.value.master_user_options.master_user_arn, data.aws_iam_session_context.current.issuer_arn)
        master_user_name = try(given.value.master_user_options.master_user_name, null)
      }
      dynamic "jwt_options" {
        for_each = try([given.value.jwt_options], [])
        content {
          enabled     = try(jwt_options.value.enabled, null)
          roles_key   = try(jwt_options.value.roles_key, null)
          subject_key = try(jwt_options.value.subject_key, null)
        }
      }
    }
  }

  dynamic "cognito_options" {
    for_each = length(var.cognito_options) > 0 ? [var.cognito_options] : []
    iterator = given
    content {
      enabled          = try(given.value.enabled, null)
      user_pool_id     = try(given.value.user_pool_id, null)
      identity_pool_id = try(given.value.identity_pool_id, null)
      role_arn         = try(given.value.role_arn, null)
    }
  }

  dynamic "identity_center_options" {
    for_each = var.identity_center_options != null ? [var.identity_center_options] : []
    iterator = given
    content {
      enabled_api_access = try(given.value.enabled_api_access, null)
      roles_key          = try(given.value.roles_key, null)
      subject_key        = try(given.value.subject_key, null)
    }
  }

  dynamic "domain_endpoint_options" {
    for_each = length(var.domain_endpoint_options) > 0 ? [var.domain_endpoint_options] : []
    iterator = given
    content {
      enforce_https       = try(given.value.enforce_https, true)
      tls_security_policy = try(given.value.tls_security_policy, "Policy-Min-TLS-1-2-2019-07")
      custom_endpoint     = try(given.value.custom_endpoint, null)
    }
  }

  dynamic "encrypt_at_rest" {
    for_each = length(var.encrypt_at_rest) > 0 ? [var.encrypt_at_rest] : []
    iterator = given
    content {
      enabled    = try(given.value.enabled, true)
      kms_key_id = try(given.value.kms_key_id, null)
    }
  }

  dynamic "node_to_node_encryption" {
    for_each = length(var.node_to_node_encryption) > 0 ? [var.node_to_node_encryption] : []
    iterator = given
    content {
      enabled = try(given.value.enabled, true)
    }
  }

  dynamic "log_publishing_options" {
    for_each = var.log_publishing_options
    iterator = given
    content {
      log_type = given.value.log_type
      enabled  = try(given.value.enabled, true)
    }
  }

  dynamic "vpc_options" {
    for_each = length(var.vpc_options) > 0 ? [var.vpc_options] : []
    iterator = given
    content {
      subnet_ids         = try(given.value.subnet_ids, null)
      security_group_ids = concat(try(given.value.security_group_ids, []), aws_security_group.this[*].id)
    }
  }
}

resource "aws_opensearch_domain_policy" "this" {
  count           = var.create && var.enable_access_policy && (local.writes_policy || var.access_policies != null) ? 1 : 0
  domain_name     = aws_opensearch_domain.this[0].domain_name
  access_policies = local.writes_policy ? data.aws_iam_policy_document.this[0].json : var.access_policies
}

data "aws_iam_policy_document" "this" {
  count                     = local.writes_policy ? 1 : 0
  source_policy_documents   = var.access_policy_source_policy_documents
  override_policy_documents = var.access_policy_override_policy_documents

  dynamic "statement" {
    for_each = var.access_policy_statements
    iterator = given
    content {
      sid           = try(given.value.sid, null)
      effect        = try(given.value.effect, null)
      actions       = try(given.value.actions, null)
      not_actions   = try(given.value.not_actions, null)
      resources     = try(given.value.resources, [for path in try(given.value.resource_paths, ["*"]) : "${aws_opensearch_domain.this[0].arn}/${path}"])
      not_resources = try(given.value.not_resources, null)

      dynamic "principals" {
        for_each = try(given.value.principals, [])
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
      dynamic "not_principals" {
        for_each = try(given.value.not_principals, [])
        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }
      # the argument was called `condition` before it was called `conditions`
      dynamic "condition" {
        for_each = try(given.value.conditions, given.value.condition, [])
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_opensearch_domain_saml_options" "this" {
  count       = var.create && var.create_saml_options ? 1 : 0
  domain_name = aws_opensearch_domain.this[0].domain_name
  saml_options {
    enabled                 = try(var.saml_options.enabled, null)
    master_user_name        = try(var.saml_options.master_user_name, null)
    master_backend_role     = try(var.saml_options.master_backend_role, null)
    roles_key               = try(var.saml_options.roles_key, null)
    subject_key             = try(var.saml_options.subject_key, null)
    session_timeout_minutes = try(var.saml_options.session_timeout_minutes, null)
    idp {
      entity_id = try(var.saml_options.idp.entity_id, null)
    }
  }
}

resource "aws_security_group" "this" {
  count = local.own_group ? 1 : 0
  name  = var.security_group_name
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = { for name, rule in var.security_group_rules : name => rule if local.own_group && try(rule.type, "ingress") == "ingress" }

  security_group_id            = aws_security_group.this[0].id
  ip_protocol                  = try(each.value.ip_protocol, "tcp")
  cidr_ipv4                    = try(each.value.cidr_ipv4, null)
  cidr_ipv6                    = try(each.value.cidr_ipv6, null)
  prefix_list_id               = try(each.value.prefix_list_id, null)
  referenced_security_group_id = try(each.value.referenced_security_group_id, null)
  from_port                    = try(each.value.from_port, 443)
  to_port                      = try(each.value.to_port, 443)
}

output "domain_arn" {
  value = try(aws_opensearch_domain.this[0].arn, null)
}
output "domain_id" {
  value = try(aws_opensearch_domain.this[0].domain_id, null)
}
output "domain_name" {
  value = try(aws_opensearch_domain.this[0].domain_name, null)
}
output "domain_endpoint" {
  value = try(aws_opensearch_domain.this[0].endpoint, null)
}
output "domain_dashboard_endpoint" {
  value = try(aws_opensearch_domain.this[0].dashboard_endpoint, null)
}
output "security_group_id" {
  value = try(aws_security_group.this[0].id, null)
}
output "security_group_arn" {
  value = try(aws_security_group.this[0].arn, null)
}
