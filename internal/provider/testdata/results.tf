# A sweep of which the point 0 leaves a result and the others leave something else.
resource "batch_job_definition" "results" {
  name   = "results"
  script = <<-EOT
    #!/bin/sh
    if [ "$BATCH_PARAM_X" = 0 ]; then
      echo '{"loss": 1}' > "$BATCH_RESULT_FILE"
    else
      echo '{"loss": NaN}' > "$BATCH_RESULT_FILE"
    fi
  EOT
}

resource "batch_job" "results" {
  name            = "results"
  job_queue       = batch_job_queue.work.name
  job_definition  = batch_job_definition.results.arn
  matrix          = { x = range(13) }
  on_result_error = "@ON@"
}
