# What the outputs of the module cloudposse/label/null are, said again in a few
# lines: a name is joined from its parts in an order, in lower case, and a value
# that is not given comes from `context`.
# Source: https://registry.terraform.io/modules/cloudposse/label/null/latest

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
variable "tags" {
  default = {}
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
variable "label_key_case" {
  default = null
}
variable "label_value_case" {
  default = null
}
variable "context" {
  default = {}
}

locals {
  given = {
    namespace   = var.namespace == null ? try(var.context.namespace, null) : var.namespace
    tenant      = var.tenant == null ? try(var.context.tenant, null) : var.tenant
    environment = var.environment == null ? try(var.context.environment, null) : var.environment
    stage       = var.stage == null ? try(var.context.stage, null) : var.stage
    name        = var.name == null ? try(var.context.name, null) : var.name
  }
  enabled    = var.enabled == null ? try(var.context.enabled, null) : var.enabled
  delimiter  = var.delimiter == null ? try(var.context.delimiter, null) : var.delimiter
  limit      = var.id_length_limit == null ? try(var.context.id_length_limit, null) : var.id_length_limit
  case       = var.label_value_case == null ? try(var.context.label_value_case, null) : var.label_value_case
  order      = var.label_order == null ? try(var.context.label_order, null) : var.label_order
  replaced   = var.regex_replace_chars == null ? try(var.context.regex_replace_chars, null) : var.regex_replace_chars
  attributes = compact(distinct(concat(coalesce(try(var.context.attributes, null), []), coalesce(var.attributes, []))))

  separator = local.delimiter == null ? "-" : local.delimiter
  sequence  = local.order == null || try(length(local.order) == 0, false) ? ["namespace", "tenant", "environment", "stage", "name", "attributes"] : local.order
  unwanted  = local.replaced == null ? "/[^-a-zA-Z0-9]/" : local.replaced

  cleaned = { for key, value in local.given : key => value == null ? "" : replace(value, local.unwanted, "") }
  cased   = { for key, value in local.cleaned : key => local.case == "none" ? value : local.case == "upper" ? upper(value) : local.case == "title" ? title(lower(value)) : lower(value) }
  joined  = join(local.separator, [for attribute in local.attributes : local.case == "none" ? replace(attribute, local.unwanted, "") : lower(replace(attribute, local.unwanted, ""))])
  parts   = merge(local.cased, { attributes = local.joined })
  full    = join(local.separator, [for key in local.sequence : local.parts[key] if length(local.parts[key]) > 0])
}

output "enabled" {
  value = local.enabled == null ? true : local.enabled
}
output "id" {
  value = local.enabled == false ? "" : local.limit == null || local.limit == 0 ? local.full : try(length(local.full) <= local.limit, false) ? local.full : uuid()
}
output "id_full" {
  value = local.enabled == false ? "" : local.full
}
output "namespace" {
  value = local.enabled == false ? "" : local.cased.namespace
}
output "tenant" {
  value = local.enabled == false ? "" : local.cased.tenant
}
output "environment" {
  value = local.enabled == false ? "" : local.cased.environment
}
output "stage" {
  value = local.enabled == false ? "" : local.cased.stage
}
output "name" {
  value = local.enabled == false ? "" : local.cased.name
}
output "delimiter" {
  value = local.separator
}
output "attributes" {
  value = local.attributes
}
output "tags" {
  value = merge(try(var.context.tags, {}), var.tags)
}
output "label_order" {
  value = local.sequence
}
output "regex_replace_chars" {
  value = local.unwanted
}
output "id_length_limit" {
  value = local.limit
}
output "context" {
  value = {
    enabled             = local.enabled
    namespace           = local.given.namespace
    tenant              = local.given.tenant
    environment         = local.given.environment
    stage               = local.given.stage
    name                = local.given.name
    delimiter           = local.delimiter
    attributes          = local.attributes
    tags                = merge(try(var.context.tags, {}), var.tags)
    label_order         = local.order
    regex_replace_chars = local.replaced
    id_length_limit     = local.limit
    label_value_case    = local.case
    label_key_case      = var.label_key_case
  }
}
