# A job whose points each write a line to the file @LOG@ when they begin, and run until the file @GATE@ is gone.
resource "batch_job_definition" "counted" {
  name   = "counted"
  script = <<-EOT
    #!/bin/sh
    echo "$BATCH_PARAM_X" >> '@LOG@'
    while [ -e '@GATE@' ]; do sleep 0.05; done
    if [ -e '@GATE@.fails' ]; then exit 3; fi
    echo "{\"x\": \"$BATCH_PARAM_X\"}" > "$BATCH_RESULT_FILE"
  EOT
}

resource "batch_job" "counted" {
  name           = "counted"
  job_queue      = batch_job_queue.work.name
  job_definition = batch_job_definition.counted.arn
  matrix         = { x = @X@ }
  @MORE@
}
