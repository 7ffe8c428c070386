resource "batch_job_definition" "x" {
  name           = "x"
  keep_revisions = @KEEP@
  tags           = { team = "@TEAM@" }
  parameters     = { word = "hello" }

  container_properties {
    command     = ["/bin/echo", "Ref::word"]
    environment = { EMPTY = "", GREETING = "@GREETING@" }

    resource_requirements {
      vcpu   = 0.5
      memory = 32
    }
  }

  retry_strategy {
    attempts = 3

    evaluate_on_exit {
      action       = "RETRY"
      on_exit_code = "7*"
    }
    evaluate_on_exit {
      action    = "EXIT"
      on_reason = "*"
    }
  }

  timeout { attempt_duration_seconds = 600 }
}
