# A job that runs until the file @GATE@ is gone.
resource "batch_job_definition" "patient" {
  name   = "patient"
  script = <<-EOT
    #!/bin/sh
    while [ -e '@GATE@' ]; do sleep 0.05; done
    echo '{"patience": true}' > "$BATCH_RESULT_FILE"
  EOT
}

resource "batch_job" "patient" {
  name                = "patient"
  job_queue           = batch_job_queue.work.name
  job_definition      = batch_job_definition.patient.arn
  wait_for_completion = @WAIT@

  timeouts {
    create = "@LIMIT@"
    update = "60s"
  }
}

output "result" {
  value = one(batch_job.patient.results[*].result_json)
}
