# What the module cloudposse/elasticsearch/aws makes of its arguments, as far as it
# decides who reaches the domain. A variable without a default here is one whose
# default differs between releases, so that it is not known where it is not given.
# Source: https://registry.terraform.io/modules/cloudposse/elasticsearch/aws/latest

variable "aws_service_type" {
  default = "elasticsearch"
}
variable "elasticsearch_domain_name" {
  default = ""
}
variable "elasticsearch_version" {}
variable "access_policies" {
  default = ""
}
variable "iam_role_arns" {
  default = []
}
variable "iam_authorizing_role_arns" {
  default = []
}
variable "iam_actions" {
  default = []
}
variable "anonymous_iam_actions" {
  default = []
}
variable "create_elasticsearch_user_role" {
  default = true
}
variable "aws_ec2_service_name" {
  default = ["ec2.amazonaws.com"]
}
variable "iam_irsa_openid_connect_provider_arn" {
  default = ""
}
variable "iam_irsa_openid_connect_provider_url" {
  default = ""
}
variable "iam_irsa_service_account" {
  default = "system:serviceaccount:default:*"
}
variable "iam_irsa_service_accounts" {
  default = []
}
variable "vpc_enabled" {
  default = true
}
variable "subnet_ids" {
  default = []
}
variable "create_security_group" {
  default = true
}
variable "security_groups" {
  default = []
}
variable "allowed_cidr_blocks" {
  default = []
}
variable "ingress_port_range_start" {
  default = 0
}
variable "ingress_port_range_end" {
  default = 65535
}
variable "advanced_options" {
  default = {}
}
variable "advanced_security_options_enabled" {
  default = false
}
variable "advanced_security_options_internal_user_database_enabled" {
  default = false
}
variable "advanced_security_options_anonymous_auth_enabled" {
  default = false
}
variable "advanced_security_options_master_user_arn" {
  default = ""
}
variable "advanced_security_options_master_user_name" {
  default = ""
}
variable "encrypt_at_rest_enabled" {
  default = true
}
variable "encrypt_at_rest_kms_key_id" {
  default = ""
}
variable "node_to_node_encryption_enabled" {
  default = false
}
variable "domain_endpoint_options_enforce_https" {}
variable "domain_endpoint_options_tls_security_policy" {}
variable "cognito_authentication_enabled" {
  default = false
}
variable "log_publishing_audit_enabled" {
  default = false
}

variable "enabled" {
  default = null
}
variable "namespace" {
  default = null
}
variable "tenant" {
  default = null
}
variable "environment" {
  default = null
}
variable "stage" {
  default = null
}
variable "name" {
  default = null
}
variable "delimiter" {
  default = null
}
variable "attributes" {
  default = []
}
variable "label_order" {
  default = null
}
variable "regex_replace_chars" {
  default = null
}
variable "id_length_limit" {
  default = null
}
variable "label_value_case" {
  default = null
}
variable "context" {
  default = {}
}

module "this" {
  source              = "cloudposse/label/null"
  enabled             = var.enabled
  namespace           = var.namespace
  tenant              = var.tenant
  environment         = var.environment
  stage               = var.stage
  name                = var.name
  delimiter           = var.delimiter
  attributes          = var.attributes
  label_order         = var.label_order
  regex_replace_chars = var.regex_replace_chars
  id_length_limit     = var.id_length_limit
  label_value_case    = var.label_value_case
  context             = var.context
}

module "user_label" {
  source     = "cloudposse/label/null"
  attributes = ["user"]
  context    = module.this.context
}

locals {
  elasticsearch = module.this.enabled && var.aws_service_type == "elasticsearch"
  opensearch    = module.this.enabled && var.aws_service_type == "opensearch"
  names_roles   = length(var.iam_authorizing_role_arns) > 0 || length(var.iam_role_arns) > 0
  own_group     = module.this.enabled && var.vpc_enabled && var.create_security_group
  domain_name   = length(var.elasticsearch_domain_name) > 0 ? var.elasticsearch_domain_name : module.this.id
  domain_arn    = local.elasticsearch ? aws_elasticsearch_domain.default[0].arn : local.opensearch ? aws_opensearch_domain.default[0].arn : null
}

resource "aws_elasticsearch_domain_policy" "default" {
  count           = local.elasticsearch && (local.names_roles || length(var.access_policies) > 0) ? 1 : 0
  domain_name     = local.domain_name
  access_policies = length(var.access_policies) > 0 ? var.access_policies : data.aws_iam_policy_document.default[0].json
}

resource "aws_opensearch_domain_policy" "default" {
  count           = local.opensearch && local.names_roles ? 1 : 0
  domain_name     = local.domain_name
  access_policies = data.aws_iam_policy_document.default[0].json
}

resource "aws_elasticsearch_domain" "default" {
  count                 = local.elasticsearch ? 1 : 0
  domain_name           = local.domain_name
  elasticsearch_version = var.elasticsearch_version
  advanced_options      = var.advanced_options

  advanced_security_options {
    enabled                        = var.advanced_security_options_enabled
    internal_user_database_enabled = var.advanced_security_options_internal_user_database_enabled
    master_user_options {
      master_user_arn  = var.advanced_security_options_master_user_arn == "" ? null : var.advanced_security_options_master_user_arn
      master_user_name = var.advanced_security_options_master_user_name == "" ? null : var.advanced_security_options_master_user_name
    }
  }
  encrypt_at_rest {
    enabled    = var.encrypt_at_rest_enabled
    kms_key_id = var.encrypt_at_rest_kms_key_id == "" ? null : var.encrypt_at_rest_kms_key_id
  }
  domain_endpoint_options {
    enforce_https       = var.domain_endpoint_options_enforce_https
    tls_security_policy = var.domain_endpoint_options_tls_security_policy
  }
  node_to_node_encryption {
    enabled = var.node_to_node_encryption_enabled
  }
  dynamic "vpc_options" {
    for_each = var.vpc_enabled ? [true] : []
    content {
      security_group_ids = var.create_security_group ? aws_security_group.default[*].id : var.security_groups
      subnet_ids         = var.subnet_ids
    }
  }
  dynamic "cognito_options" {
    for_each = var.cognito_authentication_enabled ? [true] : []
    content {
      enabled = true
    }
  }
  log_publishing_options {
    log_type = "AUDIT_LOGS"
    enabled  = var.log_publishing_audit_enabled
  }
}

resource "aws_opensearch_domain" "default" {
  count            = local.opensearch ? 1 : 0
  domain_name      = local.domain_name
  engine_version   = var.elasticsearch_version
  advanced_options = var.advanced_options

  advanced_security_options {
    enabled                        = var.advanced_security_options_enabled
    internal_user_database_enabled = var.advanced_security_options_internal_user_database_enabled
    anonymous_auth_enabled         = var.advanced_security_options_anonymous_auth_enabled
    master_user_options {
      master_user_arn  = var.advanced_security_options_master_user_arn == "" ? null : var.advanced_security_options_master_user_arn
      master_user_name = var.advanced_security_options_master_user_name == "" ? null : var.advanced_security_options_master_user_name
    }
  }
  encrypt_at_rest {
    enabled    = var.encrypt_at_rest_enabled
    kms_key_id = var.encrypt_at_rest_kms_key_id == "" ? null : var.encrypt_at_rest_kms_key_id
  }
  domain_endpoint_options {
    enforce_https       = var.domain_endpoint_options_enforce_https
    tls_security_policy = var.domain_endpoint_options_tls_security_policy
  }
  node_to_node_encryption {
    enabled = var.node_to_node_encryption_enabled
  }
  dynamic "vpc_options" {
    for_each = var.vpc_enabled ? [true] : []
    content {
      security_group_ids = var.create_security_group ? aws_security_group.default[*].id : var.security_groups
      subnet_ids         = var.subnet_ids
    }
  }
  dynamic "cognito_options" {
    for_each = var.cognito_authentication_enabled ? [true] : []
    content {
      enabled = true
    }
  }
  dynamic "log_publishing_options" {
    for_each = var.log_publishing_audit_enabled ? ["AUDIT_LOGS"] : []
    content {
      log_type = log_publishing_options.value
    }
  }
}

data "aws_iam_policy_document" "default" {
  count = module.this.enabled && local.names_roles ? 1 : 0

  statement {
    sid       = "User"
    actions   = distinct(compact(var.iam_actions))
    resources = [local.domain_arn, "${local.domain_arn}/*"]
    principals {
      type        = "AWS"
      identifiers = distinct(compact(concat(var.iam_role_arns, aws_iam_role.elasticsearch_user[*].arn)))
    }
  }

  # unsigned requests from some addresses, where the domain is public
  dynamic "statement" {
    for_each = length(var.allowed_cidr_blocks) > 0 && !var.vpc_enabled ? [true] : []
    content {
      sid = "Anonymous"
      # releases before `anonymous_iam_actions` took the same actions for both
      actions   = length(var.anonymous_iam_actions) > 0 ? distinct(compact(var.anonymous_iam_actions)) : distinct(compact(var.iam_actions))
      resources = [local.domain_arn, "${local.domain_arn}/*"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "IpAddress"
        variable = "aws:SourceIp"
        values   = var.allowed_cidr_blocks
      }
    }
  }
}

resource "aws_iam_role" "elasticsearch_user" {
  count              = module.this.enabled && var.create_elasticsearch_user_role && local.names_roles ? 1 : 0
  name               = module.user_label.id
  assume_role_policy = data.aws_iam_policy_document.assume_role[0].json
}

data "aws_iam_policy_document" "assume_role" {
  count = module.this.enabled && var.create_elasticsearch_user_role && local.names_roles ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = var.aws_ec2_service_name
    }
  }
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = compact(concat(var.iam_authorizing_role_arns, var.iam_role_arns))
    }
  }
  dynamic "statement" {
    for_each = var.iam_irsa_openid_connect_provider_arn != "" ? [true] : []
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = [var.iam_irsa_openid_connect_provider_arn]
      }
      condition {
        test     = "StringLike"
        variable = "${var.iam_irsa_openid_connect_provider_url}:sub"
        values   = compact(concat([var.iam_irsa_service_account], var.iam_irsa_service_accounts))
      }
    }
  }
}

resource "aws_security_group" "default" {
  count = local.own_group ? 1 : 0
  name  = module.this.id
}

resource "aws_security_group_rule" "ingress_security_groups" {
  count                    = local.own_group ? length(var.security_groups) : 0
  type                     = "ingress"
  protocol                 = "tcp"
  from_port                = var.ingress_port_range_start
  to_port                  = var.ingress_port_range_end
  source_security_group_id = var.security_groups[count.index]
  security_group_id        = aws_security_group.default[0].id
}

resource "aws_security_group_rule" "ingress_cidr_blocks" {
  count             = local.own_group && length(var.allowed_cidr_blocks) > 0 ? 1 : 0
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.ingress_port_range_start
  to_port           = var.ingress_port_range_end
  cidr_blocks       = var.allowed_cidr_blocks
  security_group_id = aws_security_group.default[0].id
}

output "domain_arn" {
  value = local.domain_arn
}
output "domain_endpoint" {
  value = local.elasticsearch ? aws_elasticsearch_domain.default[0].endpoint : local.opensearch ? aws_opensearch_domain.default[0].endpoint : null
}
output "domain_name" {
  value = module.this.enabled ? local.domain_name : null
}
output "security_group_id" {
  value = join("", aws_security_group.default[*].id)
}
output "elasticsearch_user_iam_role_name" {
  value = join(",", aws_iam_role.elasticsearch_user[*].name)
}
output "elasticsearch_user_iam_role_arn" {
  value = join(",", aws_iam_role.elasticsearch_user[*].arn)
}
