variable "timeout_seconds" {
  description = "How long an attempt may run; null for as long as it takes."
  type        = number
  default     = null
}

variable "retry" {
  description = "How often a failed job is run again, and when; null for never."
  type = object({
    attempts = number
    rules    = optional(list(object({ action = string, exit_code = optional(string), reason = optional(string) })), [])
  })
  default = null
}

resource "batch_job_definition" "nightly" {
  name = "nightly"

  container_properties {
    command = ["/bin/echo", "good night"]
  }

  # var.timeout_seconds[*] is a list of one value, or of none if it is null: the block is written once or not at all.
  dynamic "timeout" {
    for_each = var.timeout_seconds[*]

    content {
      attempt_duration_seconds = timeout.value
    }
  }

  dynamic "retry_strategy" {
    for_each = var.retry[*]

    content {
      attempts = retry_strategy.value.attempts

      dynamic "evaluate_on_exit" {
        for_each = retry_strategy.value.rules

        content {
          action       = evaluate_on_exit.value.action
          on_exit_code = evaluate_on_exit.value.exit_code
          on_reason    = evaluate_on_exit.value.reason
        }
      }
    }
  }
}
