resource "batch_job_definition" "greet" {
  name       = "greet"
  parameters = { word = "hello", mark = "!" }
  script     = "#!/bin/sh\nexit @CODE@\n"

  container_properties {
    command     = ["Ref::word", "Ref::mark"]
    environment = { A = "1", B = "2" }

    resource_requirements {
      vcpu   = 0.5
      memory = 64
    }
  }

  retry_strategy { attempts = 1 }
  timeout { attempt_duration_seconds = 600 }
}

resource "batch_job" "first" {
  name           = "first"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.greet.arn
}

resource "batch_job" "x" {
  name            = "x"
  job_queue       = batch_job_queue.work.arn
  job_definition  = batch_job_definition.greet.arn
  depends_on_jobs = [batch_job.first.job_id]
  inputs          = { data = sha256("data") }
  triggers        = { when = "now" }
  tags            = { team = "a" }
@POINTS@

  container_overrides {
    command     = ["again", "and again"]
    environment = { B = "3", C = "" }

    resource_requirements {
      vcpu = 0.25
    }
  }

  retry_strategy {
    attempts = 2

    evaluate_on_exit {
      action       = "RETRY"
      on_exit_code = "7*"
    }
    evaluate_on_exit {
      action    = "EXIT"
      on_reason = "*"
    }
  }

  timeout { attempt_duration_seconds = 90 }
}
