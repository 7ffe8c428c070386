# Jobs of every kind: an array, one that overrides, and a sweep that depends on both and keeps few of its results.
resource "batch_job_definition" "kinds" {
  name   = "kinds"
  script = <<-EOT
    #!/bin/sh
    echo "{\"index\": \"$AWS_BATCH_JOB_ARRAY_INDEX\", \"word\": \"$1\", \"empty\": \"$${EMPTY-unset}\", \"greeting\": \"$GREETING\"}" > "$BATCH_RESULT_FILE"
  EOT
  container_properties {
    command     = ["Ref::word"]
    environment = { EMPTY = "", GREETING = "hi" }
  }
  parameters = { word = "default" }
}

resource "batch_job" "array" {
  name           = "array"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.kinds.arn
  array_size     = 3
}

resource "batch_job" "single" {
  name           = "single"
  job_queue      = batch_job_queue.work.arn
  job_definition = batch_job_definition.kinds.arn
  parameters     = { word = "mine" }
  inputs         = { data = sha256("data") }
  tags           = { team = "@TEAM@" }

  container_overrides {
    environment = { GREETING = "good day" }

    resource_requirements {
      vcpu   = 0.25
      memory = 16
    }
  }

  retry_strategy { attempts = 2 }
  timeout { attempt_duration_seconds = 60 }
}

resource "batch_job" "after" {
  name               = "after"
  job_queue          = batch_job_queue.work.arn
  job_definition     = batch_job_definition.kinds.arn
  depends_on_jobs    = [batch_job.array.arn, batch_job.single.job_id]
  matrix             = { word = ["a", "b"] }
  include            = [{ word = "a", extra = "yes" }, { word = "c" }]
  exclude            = [{ word = "b" }]
  result_bytes_limit = @LIMIT@
}

output "array" {
  value = join(" ", [for r in batch_job.array.results : jsondecode(r.result_json).index])
}

output "single" {
  value = batch_job.single.results[0].result_json
}

output "after" {
  value = join(" ", [for r in batch_job.after.results : "${nonsensitive(batch_job.after.points)[r.index].word}:${r.result_truncated ? "truncated" : jsondecode(r.result_json).word}"])
}
